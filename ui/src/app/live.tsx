// The live connection of the whole dashboard, and the sign in the top bar that tells of it.
import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import { followLive, type LiveState } from '@/api/live'
import { refresher } from '@/api/refresh'

const LiveContext = createContext<LiveState>('connecting')

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  useEffect(() => {
    const refresh = refresher(client)
    return followLive({ onState: setState, onChange: refresh.changed, onGap: refresh.everything })
  }, [client])
  return <LiveContext value={state}>{children}</LiveContext>
}

const LOOKS: Record<LiveState, { glyph: string; word: string; tone: string; meaning: string }> = {
  connecting: { glyph: '○', word: 'connecting', tone: 'text-faint', meaning: 'Connecting to the live stream' },
  live: { glyph: '●', word: 'live', tone: 'text-good', meaning: 'What happens shows at once' },
  lost: { glyph: '✕', word: 'not live', tone: 'text-bad', meaning: 'The server does not answer; trying again. Start it with: argus up' },
}

export function LiveSign() {
  const look = LOOKS[useContext(LiveContext)]
  return (
    <span role="status" className={`flex items-center gap-1.5 whitespace-nowrap ${look.tone}`} title={look.meaning}>
      <span aria-hidden="true" className="text-12">
        {look.glyph}
      </span>
      <span className="max-sm:sr-only">{look.word}</span>
    </span>
  )
}
