// What Claude Code reported against what its requests explain: over sessions, and of one.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { get, withParameters } from './client'
import type { FigureFilter } from './figures'
import type { ReconciliationPage, ReconciliationTotals, SessionReconciliation } from './types'

export function reconciliationPages(filter: FigureFilter) {
  return infiniteQueryOptions({
    queryKey: ['cost', 'reconciliation', filter],
    queryFn: ({ pageParam, signal }) => get<ReconciliationPage>(withParameters('/reconciliation', { limit: 200, cursor: pageParam, ...filter }), signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

/** The sums alone. */
export function reconciliationTotals(filter: FigureFilter) {
  return queryOptions({
    queryKey: ['cost', 'reconciliation', 'totals', filter],
    queryFn: ({ signal }): Promise<ReconciliationTotals> => get<ReconciliationPage>(withParameters('/reconciliation', { limit: 1, ...filter }), signal).then((page) => page.totals),
  })
}

export function sessionReconciliation(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId, 'reconciliation'],
    queryFn: ({ signal }) => get<SessionReconciliation>(`/sessions/${encodeURIComponent(sessionId)}/reconciliation`, signal),
  })
}
