// What the pages ask, with the keys under which answers are kept. Keys begin with what changes together: everything of
// one session starts with ['session', id], so that one message from the live stream refreshes it and nothing else.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ApiError, get, withParameters } from './client'
import type {
  CaptureRecord,
  EventDetails,
  EventPage,
  EventRecord,
  ProjectRecord,
  SessionPage,
  SessionPartList,
  Trace,
} from './types'

/** Steps fetched at once by the trace grid. */
export const WINDOW_SIZE = 200

export interface SessionFilter {
  project?: string | undefined
  status?: string | undefined
  since?: string | undefined
  until?: string | undefined
  q?: string | undefined
}

/** Fails at once where asking again would not help. */
export function shouldRetry(count: number, error: Error): boolean {
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) return false
  return count < 2
}

export function sessionPages(filter: SessionFilter) {
  return infiniteQueryOptions({
    queryKey: ['sessions', 'pages', filter],
    queryFn: ({ pageParam, signal }) =>
      get<SessionPage>(withParameters('/sessions', { limit: 100, cursor: pageParam, ...filter }), signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

/** The sessions in one state, for the line at the top: few, the latest first. */
export function sessionsInState(filter: SessionFilter) {
  return queryOptions({
    queryKey: ['sessions', 'state', filter],
    queryFn: ({ signal }) => get<SessionPage>(withParameters('/sessions', { limit: 100, ...filter }), signal),
  })
}

export function projectList() {
  return queryOptions({
    queryKey: ['projects'],
    queryFn: ({ signal }) => get<{ projects: ProjectRecord[] }>('/projects', signal),
    staleTime: 10_000,
  })
}

/** What the server says of itself; it does not change while it runs. */
export function serverFacts() {
  return queryOptions({
    queryKey: ['server'],
    queryFn: ({ signal }) => get<CaptureRecord>('/capture', signal).then((record) => record.server),
    staleTime: Infinity,
  })
}

export function capture() {
  return queryOptions({
    queryKey: ['capture'],
    queryFn: ({ signal }) => get<CaptureRecord>('/capture', signal),
    refetchInterval: (query) => (query.state.data?.importing ? 500 : 3000),
  })
}

export function trace(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId, 'trace'],
    queryFn: ({ signal }) => get<Trace>(`/sessions/${encodeURIComponent(sessionId)}/trace`, signal),
  })
}

/** A session's money by agent and tool. */
export function sessionParts(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId, 'parts'],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<SessionPartList>(`/sessions/${encodeURIComponent(sessionId)}/parts`, signal),
  })
}

/** Which steps: a turn's of the main agent, or an agent's. */
export interface ThreadAddress {
  agent_id: string
  prompt_id?: string
}

/** Steps of a thread from an offset on. */
export function getSteps(sessionId: string, thread: ThreadAddress, offset: number, limit: number, signal?: AbortSignal) {
  const path = `/sessions/${encodeURIComponent(sessionId)}/events`
  return get<EventPage>(withParameters(path, { ...thread, offset, limit }), signal)
}

export function stepWindow(sessionId: string, thread: ThreadAddress, window: number) {
  return queryOptions({
    queryKey: ['session', sessionId, 'steps', thread.agent_id, thread.prompt_id ?? '', window],
    queryFn: ({ signal }) => getSteps(sessionId, thread, window * WINDOW_SIZE, WINDOW_SIZE, signal),
    // Windows out of sight are soon forgotten, so that scrolling through a huge session keeps the heap small.
    gcTime: 20_000,
    staleTime: 60_000,
  })
}

const MARKED_ERRORS = 2000

/**
 * The failed steps of a session, all agents by time; `total` tells when there are more than are listed. Asked again
 * only when their number changes.
 */
export function errorSteps(sessionId: string, errorCount: number) {
  return queryOptions({
    queryKey: ['errors', sessionId, errorCount],
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const path = `/sessions/${encodeURIComponent(sessionId)}/events`
      const page = (offset: number) =>
        get<EventPage>(withParameters(path, { errors: true, offset, limit: 500 }), signal)
      const first = await page(0)
      const wanted = Math.min(first.total, MARKED_ERRORS)
      const offsets = []
      for (let offset = first.events.length; offset > 0 && offset < wanted; offset += 500) offsets.push(offset)
      const rest = await Promise.all(offsets.map(page))
      return { events: [first, ...rest].flatMap((each) => each.events), total: first.total }
    },
  })
}

export function eventDetails(eventId: string, full: 'head' | 'full' = 'head') {
  return queryOptions({
    queryKey: ['event', eventId, full],
    queryFn: ({ signal }) =>
      get<EventDetails>(withParameters(`/events/${encodeURIComponent(eventId)}`, { full: full === 'full' ? true : null }), signal),
    staleTime: 30_000,
    gcTime: 60_000,
  })
}

const SCANNED_STEPS = 4000

/**
 * The compactions of the main agent, for their marks. The API has no filter by kind, so sessions of up to 4,000 steps
 * are looked through; in larger ones compactions are counted, not marked.
 */
export function compactionSteps(sessionId: string, compactionCount: number) {
  return queryOptions({
    queryKey: ['compactions', sessionId, compactionCount],
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const found: EventRecord[] = []
      for (let offset = 0, total = 1; offset < total; offset += 500) {
        const page = await getSteps(sessionId, { agent_id: 'main' }, offset, 500, signal)
        total = page.total > SCANNED_STEPS ? 0 : page.total
        found.push(...page.events.filter((event) => event.kind === 'compaction'))
      }
      return { events: found }
    },
  })
}
