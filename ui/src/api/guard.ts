// The guard: how it stands, what it answered, and what a person lets pass for a while.
import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { get, send, withParameters } from './client'
import type { GuardRecord, GuardReleaseRequest, GuardedPage } from './types'

export function guard() {
  return queryOptions({
    queryKey: ['guard', 'state'],
    queryFn: ({ signal }) => get<GuardRecord>('/guard', signal),
    // What is let pass ends by itself, and budgets run out.
    refetchInterval: 5_000,
  })
}

export function guardedPages() {
  return infiniteQueryOptions({
    queryKey: ['guard', 'decisions'],
    queryFn: ({ pageParam, signal }) => get<GuardedPage>(withParameters('/guard/decisions', { limit: 50, cursor: pageParam }), signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 5_000,
  })
}

/** Whether the guard is asked before tool calls at all. */
export function isGuarding(record: GuardRecord | undefined): boolean {
  return record !== undefined && record.is_placed && record.settings.some((each) => each.is_registered)
}

export interface GuardOrders {
  release: (what: GuardReleaseRequest) => Promise<GuardRecord>
  /** Takes one back, or all. */
  close: (releaseId: string | null) => Promise<GuardRecord>
}

export function useGuardOrders(): GuardOrders {
  const client = useQueryClient()
  const settle = useCallback(
    (record: GuardRecord): GuardRecord => {
      client.setQueryData(guard().queryKey, record)
      return record
    },
    [client],
  )
  return {
    release: useCallback((what) => send<GuardRecord>('POST', '/guard/releases', what).then(settle), [settle]),
    close: useCallback((id) => send<GuardRecord>('DELETE', id === null ? '/guard/releases' : `/guard/releases/${encodeURIComponent(id)}`, {}).then(settle), [settle]),
  }
}
