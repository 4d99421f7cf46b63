// What stands in a row of the feed: one alert, or whatever happened again and again. Both are read and triaged the same way.
import type { AlertGroup, AlertRecord } from '@/api/types'
import type { TriageSubject } from '@/components/triage'
import type { Severity } from '@/lib/severity'

export interface Entry {
  key: string
  /** The alert itself, or the latest of its group. */
  alert: AlertRecord
  severity: Severity
  scope: 'alert' | 'group'
  /** Alerts in it, and how many are open. */
  count: number
  openCount: number
  /** How many are history, and in how many sessions they are. */
  pastCount: number
  sessionCount: number
  firstAt: string | null
  lastAt: string | null
}

export function entryOfAlert(alert: AlertRecord): Entry {
  return {
    key: alert.alert_id,
    alert,
    severity: alert.severity,
    scope: 'alert',
    count: 1,
    openCount: alert.state === 'open' ? 1 : 0,
    pastCount: alert.is_history ? 1 : 0,
    sessionCount: 1,
    firstAt: alert.raised_at,
    lastAt: alert.raised_at,
  }
}

export function entryOfGroup(group: AlertGroup): Entry {
  return {
    // Its id is its newest alert's and changes with the next one; what it is does not.
    key: `${group.rule}@${group.fingerprint}`,
    alert: group.latest,
    severity: group.severity,
    scope: group.count > 1 ? 'group' : 'alert',
    count: group.count,
    openCount: group.open_count,
    pastCount: group.past_count,
    sessionCount: group.session_count,
    firstAt: group.first_seen_at,
    lastAt: group.last_seen_at,
  }
}

export function subjectOf(entry: Entry, onDone?: () => void): TriageSubject {
  return { alert: entry.alert, scope: entry.scope, count: entry.count, openCount: entry.openCount, onDone }
}

/** The one to go on to when an entry leaves the list: the next, else the one before. */
export function neighbourOf(entries: readonly Entry[], key: string): string | null {
  const at = entries.findIndex((each) => each.key === key)
  return at < 0 ? null : ((entries[at + 1] ?? entries[at - 1])?.key ?? null)
}
