// The sign in the top bar that tells whether what one sees is live.
import { createContext, useContext } from 'react'
import type { LiveState } from '@/api/live'

export const LiveContext = createContext<LiveState>('connecting')

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
