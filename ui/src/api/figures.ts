// Sums over many sessions: the overview, money by any cut, tools.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { get, withParameters } from './client'
import type { CarryPage, CostCut, CostPage, LatencyList, OverviewRecord, ToolList, WhatIf } from './types'

export interface FigureFilter {
  project?: string | undefined
  since?: string | undefined
  until?: string | undefined
}

/** The zone in which days are counted: the reader's. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

export function overview() {
  const tz = ownZone()
  return queryOptions({
    queryKey: ['overview', tz],
    queryFn: ({ signal }) => get<OverviewRecord>(withParameters('/overview', { tz }), signal),
    // Days end and the usual moves on even when nothing happens.
    refetchInterval: 60_000,
  })
}

const PAGE = 200

export function costPages(by: CostCut, filter: FigureFilter) {
  const tz = ownZone()
  return infiniteQueryOptions({
    queryKey: ['cost', 'by', by, filter, tz],
    queryFn: ({ pageParam, signal }) => get<CostPage>(withParameters('/cost', { by, tz, limit: PAGE, cursor: pageParam, ...filter }), signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

/** Every day of the range with its parts by model: all pages, since a chart with holes would lie. */
export function costDays(filter: FigureFilter) {
  const tz = ownZone()
  return queryOptions({
    queryKey: ['cost', 'days', filter, tz],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      let cursor: string | null = ''
      let answer: CostPage | null = null
      while (cursor !== null) {
        const page: CostPage = await get<CostPage>(withParameters('/cost', { by: 'day', split: 'model', tz, limit: 500, cursor, ...filter }), signal)
        answer = answer === null ? page : { ...page, rows: [...answer.rows, ...page.rows] }
        cursor = page.next_cursor
      }
      return answer as CostPage
    },
  })
}

/** What the models' tokens would have cost at other rates; with no choice, which models there are. */
export function whatIf(filter: FigureFilter, from: string, to: string) {
  return queryOptions({
    queryKey: ['cost', 'what-if', filter, from, to],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<WhatIf>(withParameters('/cost/what-if', { from, to, ...filter }), signal),
  })
}

/** What tool results cost to carry: looked up in the contexts of many sessions, so not again with each change. */
export function carryFigures(filter: FigureFilter) {
  return queryOptions({
    queryKey: ['carry', filter],
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    queryFn: ({ signal }) => get<CarryPage>(withParameters('/cost/carry', { ...filter }), signal),
  })
}

export function toolFigures(filter: FigureFilter) {
  return queryOptions({
    queryKey: ['tools', filter],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<ToolList>(withParameters('/tools', { ...filter }), signal),
  })
}

export function latencyFigures(filter: FigureFilter) {
  return queryOptions({
    queryKey: ['tools', 'latency', filter],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<LatencyList>(withParameters('/latency', { ...filter }), signal),
  })
}
