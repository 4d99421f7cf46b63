// Alerts that are raised while one looks on come whole with the live stream: they are put where they are shown, without
// asking for them. What the server says when it is asked the next time takes their place.
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query'
import { isAtLeast } from '@/lib/severity'
import type { AlertFilter } from './alerts'
import type { AlertGroup, AlertGroupPage, AlertPage, AlertRecord, OpenAlerts } from './types'

/** Puts new alerts into every list that would hold them, and how many are open into the badge. */
export function putRaised(client: QueryClient, raised: readonly AlertRecord[], open: OpenAlerts | null): void {
  if (open) client.setQueryData<AlertPage>(['alerts', 'open'], (old) => old && { ...old, open })
  for (const [key, pages] of client.getQueriesData<InfiniteData<AlertPage>>({ queryKey: ['alerts', 'pages'] })) {
    const fitting = fittingOf(raised, key)
    if (pages && fitting.length > 0) client.setQueryData(key, firstPage(pages, (page) => ({ ...page, alerts: withAlerts(page.alerts, fitting) })))
  }
  for (const [key, pages] of client.getQueriesData<InfiniteData<AlertGroupPage>>({ queryKey: ['alerts', 'groups'] })) {
    const fitting = fittingOf(raised, key)
    if (pages && fitting.length > 0) client.setQueryData(key, inGroups(pages, fitting))
  }
  for (const [key, page] of client.getQueriesData<AlertPage>({ queryKey: ['alerts', 'newest'] })) {
    const fitting = fittingOf(raised, key)
    const most = typeof key[3] === 'number' ? key[3] : 0
    if (page && fitting.length > 0) client.setQueryData<AlertPage>(key, { ...page, alerts: withAlerts(page.alerts, fitting).slice(0, most) })
  }
}

function fittingOf(raised: readonly AlertRecord[], key: QueryKey): AlertRecord[] {
  const filter = key[2] as AlertFilter
  return raised.filter((alert) => fits(alert, filter))
}

/** Whether a list that was asked for so holds an alert that was raised now. */
export function fits(alert: AlertRecord, filter: AlertFilter): boolean {
  const { state, severity, rule, family, fingerprint, past, session_id: sessionId, project, until } = filter
  return (
    (state === undefined || state.split(',').includes(alert.state)) &&
    (severity === undefined || isAtLeast(alert.severity, severity as AlertRecord['severity'])) &&
    (rule === undefined || rule.split(',').includes(alert.rule)) &&
    (family === undefined || alert.rule.startsWith(`${family}.`)) &&
    (fingerprint === undefined || fingerprint === alert.fingerprint) &&
    past !== true &&
    (sessionId === undefined || sessionId === alert.session_id) &&
    (project === undefined || alert.project === project || alert.project?.endsWith(`/${project}`) === true) &&
    (until === undefined || (alert.raised_at ?? '') < until)
  )
}

const whenOf = (alert: AlertRecord): string => alert.raised_at ?? ''

/** The newest first, each once. */
function withAlerts(known: readonly AlertRecord[], raised: readonly AlertRecord[]): AlertRecord[] {
  const fresh = raised.filter((alert) => !known.some((each) => each.alert_id === alert.alert_id))
  if (fresh.length === 0) return [...known]
  return [...fresh, ...known].sort((a, b) => (whenOf(a) < whenOf(b) ? 1 : whenOf(a) > whenOf(b) ? -1 : 0))
}

function firstPage<T>(pages: InfiniteData<T>, change: (page: T) => T): InfiniteData<T> {
  return { ...pages, pages: pages.pages.map((page, at) => (at === 0 ? change(page) : page)) }
}

/** Its group with it as the newest, at the top; a group that nobody knew is new. */
function inGroups(pages: InfiniteData<AlertGroupPage>, raised: readonly AlertRecord[]): InfiniteData<AlertGroupPage> {
  let all = pages
  for (const alert of raised) {
    const known = all.pages.flatMap((page) => page.groups).find((group) => group.fingerprint === alert.fingerprint)
    if (known?.latest.alert_id === alert.alert_id) continue
    const without = { ...all, pages: all.pages.map((page) => ({ ...page, groups: page.groups.filter((group) => group !== known) })) }
    all = firstPage(without, (page) => ({ ...page, groups: [groupOf(alert, known), ...page.groups] }))
  }
  return all
}

function groupOf(alert: AlertRecord, known: AlertGroup | undefined): AlertGroup {
  return {
    group_id: alert.alert_id,
    fingerprint: alert.fingerprint,
    rule: alert.rule,
    severity: known && isAtLeast(known.severity, alert.severity) ? known.severity : alert.severity,
    session_id: alert.session_id,
    session_title: alert.session_title,
    project: alert.project,
    count: alert.count,
    open_count: (known?.open_count ?? 0) + 1,
    past_count: known?.past_count ?? 0,
    session_count: known?.session_count ?? 1,
    first_seen_at: alert.first_seen_at,
    last_seen_at: alert.last_seen_at,
    latest: alert,
  }
}
