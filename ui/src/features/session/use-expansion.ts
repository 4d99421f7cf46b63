// Which threads are open. Small sessions open whole, large ones show their turns; what one opens or closes stays so.
import { useCallback, useMemo, useState } from 'react'
import { layOut, type Layout } from '@/lib/outline'
import type { Threads } from './threads'

const SMALL = 200
const LARGE = 2000

export interface Expansion {
  layout: Layout
  isExpanded: (key: string) => boolean
  setExpanded: (keys: readonly string[], open: 'open' | 'closed') => void
}

export function useExpansion(threads: Threads): Expansion {
  // Decided once: a session that grows must not fold itself up while one reads.
  const [size] = useState(() => (threads.stepCount <= SMALL ? 'small' : threads.stepCount <= LARGE ? 'medium' : 'large'))
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(() => new Map())
  const isExpanded = useCallback(
    (key: string): boolean => chosen.get(key) ?? (size === 'small' || (size === 'medium' && key.startsWith('t:'))),
    [chosen, size],
  )
  const setExpanded = useCallback((keys: readonly string[], open: 'open' | 'closed'): void => {
    setChosen((before) => {
      const next = new Map(before)
      for (const key of keys) next.set(key, open === 'open')
      return next
    })
  }, [])
  const layout = useMemo(() => layOut(threads.roots, isExpanded), [threads, isExpanded])
  return { layout, isExpanded, setExpanded }
}
