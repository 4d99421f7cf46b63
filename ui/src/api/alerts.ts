// Alerts: what the pages ask, and what a person does with them. A change shows at once everywhere the alert is shown
// and is taken back when the server refuses it.
import { infiniteQueryOptions, keepPreviousData, queryOptions, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { get, send, withParameters } from './client'
import type { AlertAnswer, AlertRequest, AlertDetails, AlertGroup, AlertGroupPage, AlertPage, AlertRecord, AlertState, ExceptionsAnswer, MuteAnswer, MuteList, MuteRecord, PastAnswer } from './types'

export interface AlertFilter {
  /** States, joined by commas. */
  state?: string | undefined
  /** At least so bad. */
  severity?: string | undefined
  /** One, or some joined by commas. */
  rule?: string | undefined
  family?: string | undefined
  fingerprint?: string | undefined
  /** Only history, or only what is none. */
  past?: boolean | undefined
  session_id?: string | undefined
  project?: string | undefined
  since?: string | undefined
  until?: string | undefined
}

const PAGE = 100

export function alertPages(filter: AlertFilter) {
  return infiniteQueryOptions({
    queryKey: ['alerts', 'pages', filter],
    queryFn: ({ pageParam, signal }) => get<AlertPage>(withParameters('/alerts', { limit: PAGE, cursor: pageParam, ...filter }), signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export function alertGroupPages(filter: AlertFilter) {
  return infiniteQueryOptions({
    queryKey: ['alerts', 'groups', filter],
    queryFn: ({ pageParam, signal }) => get<AlertGroupPage>(withParameters('/alerts/groups', { limit: PAGE, cursor: pageParam, ...filter }), signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
}

function openPage() {
  return queryOptions({
    queryKey: ['alerts', 'open'],
    queryFn: ({ signal }) => get<AlertPage>(withParameters('/alerts', { limit: 1, state: 'open' }), signal),
  })
}

/** How many are open, by severity, history apart: the badge, and the answer at the top. */
export function openAlerts() {
  return { ...openPage(), select: (page: AlertPage) => page.open }
}

/** How many of history are open, of which nobody is told. */
export function pastAlerts() {
  return { ...openPage(), select: (page: AlertPage) => page.past }
}

export function alertDetails(alertId: string) {
  return queryOptions({
    queryKey: ['alerts', 'one', alertId],
    queryFn: ({ signal }) => get<AlertDetails>(`/alerts/${encodeURIComponent(alertId)}`, signal),
  })
}

/** The newest open ones that ask for a look, history apart. */
export function latestAlerts() {
  return newest({ state: 'open', severity: 'medium', past: false }, 5)
}

/** The newest open ones about money and agents, whatever else is loud. */
export function moneyAlarms() {
  return newest({ state: 'open', severity: 'medium', past: false, rule: MONEY_RULES.join(',') }, 3)
}

const MONEY_RULES = ['budget.step', 'budget.forecast', 'budget.burn-rate', 'budget.session', 'agent.recursion', 'agent.fan-out']

function newest(filter: AlertFilter, limit: number) {
  return queryOptions({
    queryKey: ['alerts', 'newest', filter, limit],
    queryFn: ({ signal }) => get<AlertPage>(withParameters('/alerts', { limit, ...filter }), signal),
  })
}

/** A session's alerts, the newest first; the first thousand. */
export function sessionAlerts(sessionId: string, alertCount: number | null) {
  return queryOptions({
    queryKey: ['alerts', 'session', sessionId, alertCount],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<AlertPage>(withParameters('/alerts', { limit: 500, session_id: sessionId }), signal),
  })
}

/** A session's alerts about sequences, which name the step that came before; the newest five hundred. */
export function sessionChains(sessionId: string, alertCount: number | null) {
  return queryOptions({
    queryKey: ['alerts', 'session', sessionId, alertCount, 'chains'],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<AlertPage>(withParameters('/alerts', { limit: 500, session_id: sessionId, family: 'seq' }), signal),
  })
}

const STATE_AFTER: Record<AlertOrder['action'], AlertState> = { acknowledge: 'acknowledged', resolve: 'resolved', mute: 'muted', reopen: 'open' }

/** What is to be done; what is not said is not sent. */
export type AlertOrder = Pick<AlertRequest, 'action'> & Partial<AlertRequest>

/** What must be known of an alert to act on it. */
export type ActedAlert = Pick<AlertRecord, 'alert_id' | 'rule' | 'session_id' | 'project' | 'fingerprint' | 'state' | 'state_reason' | 'muted_until'>

/** The action that leads back to the state an alert was in; null when nothing does. */
export function inverseOf(before: ActedAlert): AlertOrder | null {
  switch (before.state) {
    case 'open':
      return { action: 'reopen' }
    case 'acknowledged':
      return { action: 'acknowledge' }
    case 'resolved':
      return { action: 'resolve', reason: before.state_reason ?? 'as before' }
    case 'muted':
      return before.muted_until === null ? null : { action: 'mute', until: before.muted_until }
    case 'superseded':
      return null
  }
}

export type ActOnAlert = (alert: ActedAlert, request: AlertOrder) => Promise<AlertAnswer>

/** Changes an alert's state, or that of all like it. What is shown changes at once; a refusal brings it back. */
export function useActOnAlert(): ActOnAlert {
  const client = useQueryClient()
  return useCallback(
    async (alert, request) => {
      const kept = client.getQueriesData({ queryKey: ['alerts'] })
      await client.cancelQueries({ queryKey: ['alerts'] })
      patch(client, alert, request)
      try {
        return await send<AlertAnswer>('POST', `/alerts/${encodeURIComponent(alert.alert_id)}`, request)
      } catch (cause) {
        for (const [key, before] of kept) client.setQueryData(key, before)
        throw cause
      } finally {
        askAgain(client)
        void client.invalidateQueries({ queryKey: ['session', alert.session_id] })
      }
    },
    [client],
  )
}

/** Says something of all history that nobody has dealt with. */
export function useActOnPast(): (request: AlertOrder) => Promise<PastAnswer> {
  const client = useQueryClient()
  return useCallback(
    (request) =>
      send<PastAnswer>('POST', '/alerts/past', request).finally(() => {
        askAgain(client)
        void client.invalidateQueries({ queryKey: ['session'] })
      }),
    [client],
  )
}

/** All that is kept quiet now. */
export function mutes() {
  return queryOptions({
    queryKey: ['alerts', 'mutes'],
    queryFn: ({ signal }) => get<MuteList>('/mutes', signal),
  })
}

export interface MuteOrders {
  /** Ends it: what it keeps quiet is open again. */
  end: (mute: MuteRecord) => Promise<MuteAnswer>
  /** Mutes the same again, until the same time. */
  again: (mute: MuteRecord) => Promise<AlertAnswer>
}

/** What a person does with a mute. */
export function useEndMute(): MuteOrders {
  const client = useQueryClient()
  return useMemo(() => {
    const say = (mute: MuteRecord, order: AlertOrder): Promise<AlertAnswer> => send<AlertAnswer>('POST', `/alerts/${encodeURIComponent(mute.alert_id ?? '')}`, order)
    const settled = <T,>(work: Promise<T>): Promise<T> =>
      work.finally(() => {
        askAgain(client)
        void client.invalidateQueries({ queryKey: ['session'] })
      })
    return {
      end: (mute) => settled(mute.mute_id === null ? say(mute, { action: 'reopen' }) : send<MuteAnswer>('POST', `/mutes/${encodeURIComponent(mute.mute_id)}`, { action: 'end' })),
      again: (mute) => settled(say(mute, { action: 'mute', scope: mute.reach, until: mute.until, reason: mute.reason })),
    }
  }, [client])
}

/** Adds exceptions to rules.toml. */
export function addExceptions(text: string): Promise<ExceptionsAnswer> {
  return send<ExceptionsAnswer>('POST', '/rules/exceptions', { text })
}

function askAgain(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ['alerts'] })
  void client.invalidateQueries({ queryKey: ['rules'] })
  void client.invalidateQueries({ queryKey: ['sessions'], refetchType: 'none' })
}

function isMeant(each: ActedAlert, alert: ActedAlert, scope: AlertRequest['scope'] | undefined): boolean {
  switch (scope) {
    case 'group':
      return each.fingerprint === alert.fingerprint
    case 'session':
      return each.rule === alert.rule && each.session_id === alert.session_id
    case 'project':
      return each.rule === alert.rule && each.project === alert.project
    default:
      return each.alert_id === alert.alert_id
  }
}

function patch(client: QueryClient, alert: ActedAlert, request: AlertOrder): void {
  const changed = (each: AlertRecord): AlertRecord =>
    isMeant(each, alert, request.scope) && each.state !== 'superseded'
      ? { ...each, state: STATE_AFTER[request.action], state_changed_at: new Date().toISOString(), state_reason: request.reason ?? null, muted_until: request.until ?? null }
      : each
  const opened = request.action === 'reopen'
  client.setQueriesData<InfiniteData<AlertPage>>({ queryKey: ['alerts', 'pages'] }, (old) => old && { ...old, pages: old.pages.map((page) => ({ ...page, alerts: page.alerts.map(changed) })) })
  for (const list of ['session', 'newest']) client.setQueriesData<AlertPage>({ queryKey: ['alerts', list] }, (old) => old && { ...old, alerts: old.alerts.map(changed) })
  client.setQueriesData<AlertDetails>({ queryKey: ['alerts', 'one'] }, (old) => old && { ...old, alert: changed(old.alert) })
  const group = (each: AlertGroup): AlertGroup => {
    if (each.fingerprint !== alert.fingerprint && !isMeant(each.latest, alert, request.scope)) return each
    const one = opened ? (alert.state === 'open' ? 0 : 1) : alert.state === 'open' ? -1 : 0
    const openCount = isMeant(each.latest, alert, request.scope ?? 'alert') && request.scope === 'group' ? (opened ? each.count : 0) : Math.min(each.count, Math.max(0, each.open_count + one))
    return { ...each, open_count: openCount, latest: changed(each.latest) }
  }
  client.setQueriesData<InfiniteData<AlertGroupPage>>({ queryKey: ['alerts', 'groups'] }, (old) => old && { ...old, pages: old.pages.map((page) => ({ ...page, groups: page.groups.map(group) })) })
}
