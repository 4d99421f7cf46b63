// Records of routes that are being built at the same time as these pages, written by hand from their draft. When
// schema.ts has them, types.ts takes them from there and this file goes.
import type { Severity } from '@/lib/severity'

export type AlertState = 'open' | 'acknowledged' | 'resolved' | 'muted' | 'superseded'

export interface AlertEvidence {
  text: string
  /** Where the part that triggered it stands in `text`, in UTF-16 units; null when unknown. */
  from: number | null
  to: number | null
}

export interface AlertRecord {
  alert_id: string
  rule: string
  severity: Severity
  state: AlertState
  session_id: string
  session_title: string | null
  project: string | null
  agent_id: string
  tool_use_id: string | null
  event_id: string | null
  tool_name: string | null
  reason: string
  evidence: AlertEvidence | null
  raised_at: string | null
  first_seen_at: string | null
  last_seen_at: string | null
  count: number
  is_history: boolean
  state_changed_at: string | null
  state_reason: string | null
  muted_until: string | null
}

export type OpenAlerts = Record<Severity, number>

export interface AlertPage {
  alerts: AlertRecord[]
  next_cursor: string | null
  open: OpenAlerts
}

/** All alerts of one rule in one session. */
export interface AlertGroup {
  group_id: string
  rule: string
  severity: Severity
  session_id: string
  session_title: string | null
  project: string | null
  count: number
  open_count: number
  first_seen_at: string | null
  last_seen_at: string | null
  latest: AlertRecord
}

export interface AlertGroupPage {
  groups: AlertGroup[]
  next_cursor: string | null
  open: OpenAlerts
}

export interface AlertChange {
  at: string | null
  state: AlertState
  reason: string | null
  muted_until: string | null
}

export interface AlertDetails {
  alert: AlertRecord
  rule: RuleRecord | null
  history: AlertChange[]
}

export interface AlertRequest {
  action: 'acknowledge' | 'resolve' | 'mute' | 'reopen'
  reason?: string
  until?: string
  scope?: 'alert' | 'group'
}

export interface AlertAnswer {
  alert: AlertRecord
  changed_count: number
}

export interface RuleRecord {
  rule: string
  family: string
  severity: Severity
  act: string
  attack: string[]
  title: string
  why: string
  advice: string
  alert_count: number
  open_count: number
  last_seen_at: string | null
  days: Array<{ day: string; count: number }>
}

export interface RuleList {
  profile: string
  catalogue_version: number | string
  rules: RuleRecord[]
}

export interface SettingValues {
  budget_event_usd: number
  budget_session_usd: number
  rule_profile: 'graded' | 'seed'
  excluded_projects: string[]
  is_paused: boolean
  retention_days: number | null
}

export interface SettingsRecord {
  settings: SettingValues
  /** Names of settings that a flag or the environment gives: not to be changed here. */
  fixed: string[]
  file: string
}

/** What records gain. */
export interface WithWorst {
  worst_severity?: Severity | null
}
