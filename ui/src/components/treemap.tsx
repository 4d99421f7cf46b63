// Amounts as areas: what is large is seen first. Every tile is a button with its name, its amount and its share.
import { useEffect, useRef, useState } from 'react'
import { tilesOf } from '@/lib/treemap'
import { AgentLine } from './agent-text'

export interface TreemapTile {
  key: string
  name: string
  amount: number
  /** The amount, alone and with what belongs to it. */
  short: string
  text: string
  /** Nothing happens for what cannot be opened. */
  onOpen: (() => void) | null
  /** The sum of what is too small to be shown. */
  isRest?: boolean
}

const GAP = 1

export function Treemap({ label, tiles }: { label: string; tiles: readonly TreemapTile[] }) {
  const frame = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    const element = frame.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const places = tilesOf(tiles.map((tile) => tile.amount), size.width, size.height)
  const most = tiles.find((tile) => !tile.isRest)?.amount ?? 0
  return (
    <div ref={frame} role="list" aria-label={label} className="relative min-h-0 flex-1 overflow-hidden">
      {tiles.map((tile, at) => {
        const place = places[at]
        if (!place || place.width < 3 || place.height < 3) return null
        // Not by colour alone: the area says it, the ground only helps the eye.
        const ground = tile.isRest ? 'var(--raised)' : `color-mix(in srgb, var(--accent) ${Math.round(8 + 18 * Math.sqrt(tile.amount / Math.max(most, 1e-12)))}%, var(--ground))`
        const isRoomy = place.width > 40 && place.height > 20
        return (
          <div key={tile.key} role="listitem" className="absolute" style={{ left: place.x, top: place.y, width: place.width - GAP, height: place.height - GAP }}>
            <button
              type="button"
              disabled={tile.onOpen === null}
              onClick={() => tile.onOpen?.()}
              title={`${tile.name}: ${tile.text}`}
              style={{ background: ground }}
              className="flex h-full w-full flex-col items-start overflow-hidden rounded-sm px-1.5 py-0.5 text-left text-12 text-ink [&_.escaped-character]:bg-transparent [&_.escaped-character]:text-ink [&_.escaped-character]:underline enabled:hover:outline-1 enabled:hover:outline-accent"
            >
              <span className={isRoomy ? 'flex max-w-full min-w-0' : 'sr-only'}>
                <AgentLine text={tile.name} className="!font-sans" />
              </span>
              <span className={isRoomy && place.height > 40 && place.width > 62 ? 'max-w-full truncate' : 'sr-only'}>{place.width > 120 || !isRoomy ? tile.text : tile.short}</span>
            </button>
          </div>
        )
      })}
    </div>
  )
}
