// The chains of evidence of a session on the rows of its trace. Which rows their steps stand on is known for the steps
// in sight; the other ends of these, and of the selected chain, are looked for one by one, so that a session of 100,000
// steps is never searched through.
import { useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { sessionChains } from '@/api/alerts'
import type { EventRecord } from '@/api/types'
import { chainOf, distanceText, neighbour, placeChains, rowOf, type Chain, type ChainLink, type LinkRow, type PlacedChain } from '@/lib/chain'
import { rowAt, type Layout } from '@/lib/outline'
import type { VisibleRows } from './grid'
import type { Selection } from './place'
import type { StepLookup } from './use-steps'

export const LANES = 3
/** Rows are drawn a little beyond what is seen. */
const MARGIN = 6
/** So many other ends are looked for at once. */
const MOST_SOUGHT = 24

/** A neighbour of a step in its chain, and how far it is. */
export interface Neighbour {
  link: ChainLink
  chain: Chain
  distance: string
  /** How many more there are like it. */
  more: number
}

/** What stands on the row of a step that is part of chains. */
export interface RowChain {
  cause: Neighbour | null
  consequence: Neighbour | null
}

export interface Chains {
  all: readonly Chain[]
  /** Those of a step. */
  of: (eventId: string) => readonly Chain[]
  placed: readonly PlacedChain[]
  onRow: (index: number) => RowChain | undefined
}

interface Sight {
  layout: Layout
  visible: VisibleRows
  step: StepLookup
  locate: (event: EventRecord | string, hint: Selection | null) => Promise<Selection | null>
  selectedId: string | null
  stepCount: number
}

const NONE: readonly Chain[] = []

export function useChains(sessionId: string, alertCount: number, { layout, visible, step, locate, selectedId, stepCount }: Sight): Chains {
  // Asked for always: mild ones are not among the alerts that a session counts.
  const alerts = useQuery(sessionChains(sessionId, alertCount)).data?.alerts
  const all = useMemo(() => alerts?.flatMap((alert) => (alert.state === 'superseded' || alert.event_id === null ? [] : (chainOf(alert) ?? []))).reverse() ?? NONE, [alerts])
  const byStep = useMemo(() => {
    const found = new Map<string, Chain[]>()
    for (const chain of all) for (const { eventId } of chain.links) found.set(eventId, [...(found.get(eventId) ?? []), chain])
    return found
  }, [all])
  const of = useCallback((eventId: string): readonly Chain[] => byStep.get(eventId) ?? NONE, [byStep])

  const first = Math.max(0, visible.first - MARGIN)
  const last = Math.min(layout.rowCount - 1, visible.last + MARGIN)
  const seen = useMemo(() => {
    const rows = new Map<string, number>()
    for (let index = first; byStep.size > 0 && index <= last; index += 1) {
      const row = rowAt(layout, index)
      const event = row && row.step !== null ? step(row.thread.key, row.step) : undefined
      if (event && byStep.has(event.event_id)) rows.set(event.event_id, index)
    }
    return rows
  }, [layout, first, last, step, byStep])

  const sought = useMemo(() => {
    const ids = new Set<string>()
    for (const id of [...(selectedId === null ? [] : [selectedId]), ...seen.keys()]) {
      for (const chain of byStep.get(id) ?? NONE) for (const { eventId } of chain.links) if (!seen.has(eventId)) ids.add(eventId)
    }
    return [...ids].slice(0, MOST_SOUGHT)
  }, [seen, selectedId, byStep])
  const combine = useCallback(
    (results: Array<UseQueryResult<Selection | null>>) => {
      const found = new Map<string, Selection>()
      for (const [at, { data }] of results.entries()) {
        const id = sought[at]
        if (id !== undefined && data) found.set(id, data)
      }
      return found
    },
    [sought],
  )
  const places = useQueries({
    queries: sought.map((id) => ({
      queryKey: ['session', sessionId, 'place', id, stepCount],
      queryFn: () => locate(id, null),
      staleTime: 60_000,
      retry: false,
    })),
    combine,
  })

  return useMemo(() => {
    const rowOfLink = (eventId: string): LinkRow | null => {
      const own = seen.get(eventId)
      if (own !== undefined) return { index: own, isFolded: false }
      const place = places.get(eventId)
      return place === undefined ? null : rowOf(layout, place)
    }
    const beside = (eventId: string, index: number, side: -1 | 1): Neighbour | null => {
      const links = (byStep.get(eventId) ?? NONE).flatMap((chain) => {
        const link = neighbour(chain, eventId, side)
        return link ? [{ chain, link }] : []
      })
      const nearest = links[0]
      if (!nearest) return null
      const row = rowOfLink(nearest.link.eventId)
      const isDrawn = row !== null && row.index >= first && row.index <= last
      return { ...nearest, distance: distanceText(index, row, isDrawn), more: new Set(links.map(({ link }) => link.eventId)).size - 1 }
    }
    const marks = new Map([...seen].map(([id, index]): [number, RowChain] => [index, { cause: beside(id, index, -1), consequence: beside(id, index, 1) }]))
    return { all, of, placed: placeChains(all, rowOfLink, first, last, LANES), onRow: (index: number) => marks.get(index) }
  }, [all, of, byStep, seen, places, layout, first, last])
}
