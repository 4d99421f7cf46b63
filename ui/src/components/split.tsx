// Two panes with a divider that can be dragged or moved by the arrow keys; its place is remembered. On narrow screens
// the second pane covers the first.
import { useCallback, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'

const NARROWEST = 280

function remembered(name: string, fallback: number): number {
  try {
    const width = Number(localStorage.getItem(`argus.split.${name}`))
    return Number.isFinite(width) && width >= NARROWEST ? width : fallback
  } catch {
    return fallback
  }
}

function remember(name: string, width: number): void {
  try {
    localStorage.setItem(`argus.split.${name}`, String(Math.round(width)))
  } catch {
    // Storage refused: remembered until the page goes.
  }
}

interface SplitProps {
  name: string
  label: string
  width: number
  main: ReactNode
  side: ReactNode | null
}

export function Split({ name, label, width: fallback, main, side }: SplitProps) {
  const [width, setWidth] = useState(() => remembered(name, fallback))
  const frame = useRef<HTMLDivElement>(null)

  const resize = useCallback(
    (wanted: number) => {
      const most = (frame.current?.clientWidth ?? 1200) - 320
      const next = Math.max(NARROWEST, Math.min(most, wanted))
      setWidth(next)
      remember(name, next)
    },
    [name],
  )
  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      resize((frame.current?.getBoundingClientRect().right ?? 0) - event.clientX)
    }
  }
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowLeft' ? 24 : event.key === 'ArrowRight' ? -24 : 0
    if (step === 0) return
    event.preventDefault()
    event.stopPropagation()
    resize(width + step)
  }

  return (
    <div ref={frame} className="relative flex min-h-0 min-w-0 flex-1">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">{main}</div>
      {side !== null && (
        <>
          <div
            role="separator"
            aria-orientation="vertical"
            aria-label={label}
            aria-valuenow={Math.round(width)}
            aria-valuemin={NARROWEST}
            aria-valuemax={2000}
            tabIndex={0}
            onKeyDown={onKey}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onMove}
            className="w-1.5 shrink-0 cursor-col-resize border-l border-line hover:bg-edge max-md:hidden"
          />
          <aside
            aria-label={label.replace('width of ', '')}
            className="min-h-0 shrink-0 overflow-hidden max-md:absolute max-md:inset-0 max-md:z-10 max-md:!w-full max-md:bg-ground"
            style={{ width }}
          >
            {side}
          </aside>
        </>
      )}
    </div>
  )
}
