// Whether the screen is narrow: there lists drop columns and panes stack.
import { useSyncExternalStore } from 'react'

const NARROW = '(max-width: 899px)'

export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      const media = matchMedia(NARROW)
      media.addEventListener('change', watcher)
      return () => media.removeEventListener('change', watcher)
    },
    () => matchMedia(NARROW).matches,
  )
}
