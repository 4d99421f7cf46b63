// Short notices over the page: what was just done (with its undo), and what was just raised. They say it politely to
// screen readers, go by themselves, and stay while one looks at them. What went wrong stays until it is dismissed.
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { KeyCaps, useKeys } from './keys'

export interface Notice {
  text: ReactNode
  /** What can be done about it. */
  action?: { label: string; run: () => void; press?: string } | undefined
  tone?: 'plain' | 'bad'
  /** What it is about: a newer notice about the same takes its place, so that no older undo takes the newer change along. */
  topic?: string
}

type Say = (notice: Notice) => void

interface Shown extends Notice {
  id: number
}

const SHOWN_MS = 8000
const AT_MOST = 3

const NoticesContext = createContext<Say>(() => undefined)

/** How to say something. */
export function useSay(): Say {
  return useContext(NoticesContext)
}

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([])
  const [isHeld, setHeld] = useState(false)
  const counter = useRef(0)
  const say = useCallback<Say>((notice) => {
    counter.current += 1
    const id = counter.current
    const isAside = (each: Shown): boolean => notice.topic === undefined || each.topic !== notice.topic
    setShown((before) => [...before.filter(isAside), { ...notice, id }].slice(-AT_MOST))
  }, [])
  const drop = useCallback((id: number) => setShown((before) => before.filter((each) => each.id !== id)), [])

  const oldest = shown.find((notice) => notice.tone !== 'bad')?.id
  useEffect(() => {
    if (oldest === undefined || isHeld) return undefined
    const timer = setTimeout(() => drop(oldest), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [oldest, isHeld, drop])

  const latest = shown.at(-1)
  const actions = useMemo(() => [...shown].reverse(), [shown])
  useKeys(
    actions.flatMap((notice) => {
      const { action } = notice
      if (!action) return []
      const run = (): void => {
        drop(notice.id)
        action.run()
      }
      return [{ keys: action.press && (notice === latest || !actions.slice(0, actions.indexOf(notice)).some((each) => each.action?.press === action.press)) ? [action.press] : [], label: action.label, group: 'Notice', run }]
    }),
    'frame',
  )

  return (
    <NoticesContext value={say}>
      {children}
      <div
        role="status"
        aria-label="Notices"
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
        className="pointer-events-none fixed right-3 bottom-3 z-40 flex w-[380px] max-w-[calc(100vw-24px)] flex-col gap-2 max-sm:bottom-14"
      >
        {shown.map((notice) => (
          <div
            key={notice.id}
            className={`pointer-events-auto flex min-h-9 items-center gap-3 rounded-md border bg-raised px-3 py-1.5 ${notice.tone === 'bad' ? 'border-bad' : 'border-edge'}`}
          >
            <div className="min-w-0 flex-1">{notice.text}</div>
            {notice.action && (
              <button
                type="button"
                onClick={() => {
                  drop(notice.id)
                  notice.action?.run()
                }}
                className="shrink-0 whitespace-nowrap text-accent hover:underline"
              >
                {notice.action.label}
                {notice.action.press && <KeyCaps press={notice.action.press} />}
              </button>
            )}
            <button type="button" aria-label="Dismiss" onClick={() => drop(notice.id)} className="h-6 w-6 shrink-0 rounded-md text-muted hover:bg-hover hover:text-ink">
              ✕
            </button>
          </div>
        ))}
      </div>
    </NoticesContext>
  )
}
