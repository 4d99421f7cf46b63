// Where one is on a page (what is chosen, filtered, shown) stands in the address. The router takes its time to get there:
// it draws a change when nothing more urgent is to do. Whoever presses a second key meanwhile must act on what the first
// one did, so a change counts at once and the address follows.
import { startTransition, useCallback, useMemo, useRef, useState } from 'react'

/** The place as the page shall show it, and how to change it. `go` brings a change into the address. */
export function usePlace<Place extends object>(settled: Place, go: (change: Place) => Promise<void>): [Place, (change: Place) => void] {
  const [ahead, setAhead] = useState<Place | null>(null)
  const changes = useRef(0)
  const onPlace = useCallback(
    (change: Place): void => {
      changes.current += 1
      const mine = changes.current
      setAhead((before) => ({ ...before, ...change }))
      // In a transition, as the router's own: both are drawn together, and nothing goes back for a moment.
      const arrived = (): void => startTransition(() => setAhead((before) => (mine === changes.current ? null : before)))
      void go(change).then(arrived, arrived)
    },
    [go],
  )
  return [useMemo(() => (ahead === null ? settled : { ...settled, ...ahead }), [settled, ahead]), onPlace]
}
