// Which threads are open. Small sessions open whole, large ones show their turns; what one opens or closes stays so, and
// stands in the URL.
import { useCallback, useEffect, useMemo, useState } from 'react'
import { layOut, type Layout } from '@/lib/outline'
import { foldsText, isOpen, parseFolds, withOpen, type Unfolded, type Folds } from './folds'
import type { SessionPlace } from './place'
import type { Threads } from './threads'

const SMALL = 200
const LARGE = 2000

export interface Expansion {
  layout: Layout
  isExpanded: (key: string) => boolean
  setExpanded: (keys: readonly string[], open: 'open' | 'closed') => void
}

export function useExpansion(threads: Threads, place: SessionPlace, onPlace: (change: SessionPlace) => void): Expansion {
  // Decided once: a session that grows must not fold itself up while one reads.
  const [initial] = useState((): Unfolded => (threads.stepCount <= SMALL ? 'all' : threads.stepCount <= LARGE ? 'turns' : 'none'))
  const [folds, setFolds] = useState((): Folds => parseFolds(place.open) ?? { unfolded: initial, differing: new Set() })
  const isExpanded = useCallback((key: string): boolean => isOpen(folds, key), [folds])
  const setExpanded = useCallback(
    (keys: readonly string[], open: 'open' | 'closed'): void => setFolds((before) => withOpen(before, keys, open, [...threads.byKey.keys()])),
    [threads],
  )
  const text = foldsText(folds, initial)
  useEffect(() => {
    if (text !== place.open) onPlace({ open: text })
  }, [text, place.open, onPlace])
  const layout = useMemo(() => layOut(threads.roots, isExpanded), [threads, isExpanded])
  return { layout, isExpanded, setExpanded }
}
