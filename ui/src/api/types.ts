// The records of the API, by the names the dashboard uses.
import type { CostBasis } from '@/lib/money'

export interface Usage {
  input_tokens: number | null
  output_tokens: number | null
  cache_write_5m_tokens: number | null
  cache_write_1h_tokens: number | null
  cache_read_tokens: number | null
  web_search_requests: number | null
  cost_usd: number | null
  cost_basis: CostBasis | null
}

export interface Sums extends Usage {
  requests: number | null
}

export type Status = 'running' | 'waiting' | 'idle' | 'ended' | 'lost'
export type Source = 'hook' | 'transcript' | 'otlp'

export interface SessionRecord extends Usage {
  session_id: string
  parent_session_id: string | null
  project: string | null
  project_name: string | null
  cwd: string | null
  git_branch: string | null
  model: string | null
  title: string | null
  status: Status
  waiting_for: { kind: string; text: string } | null
  started_at: string | null
  ended_at: string | null
  end_reason: string | null
  last_at: string | null
  duration_ms: number | null
  client_version: string | null
  permission_mode: string | null
  agent_count: number
  turn_count: number
  tool_call_count: number
  error_count: number
  compaction_count: number
  alert_count: number | null
  request_count: number | null
  sources: Source[]
}

export interface AgentRecord {
  agent_id: string
  parent_agent_id: string | null
  parent_session_id: string | null
  agent_type: string | null
  description: string | null
  kind: 'main' | 'subagent' | 'fork' | 'teammate' | 'workflow'
  tool_use_id: string | null
  prompt_id: string | null
  depth: number | null
  model: string | null
  started_at: string | null
  last_at: string | null
  end: 'completed' | 'killed' | 'failed' | null
  is_orphan: boolean
  spawn_index: number | null
  step_count: number
  tool_call_count: number
  error_count: number
  own: Sums
  subtree: Sums
}

export interface TurnRecord {
  prompt_id: string | null
  label: string | null
  is_human: boolean
  started_at: string | null
  last_at: string | null
  step_count: number
  error_count: number
  totals: Sums
}

export type EventKind =
  | 'prompt'
  | 'model_request'
  | 'tool_call'
  | 'compaction'
  | 'error'
  | 'retry'
  | 'notification'
  | 'permission_request'
  | 'session_start'
  | 'session_end'
  | 'stop'
  | 'task_notification'
  | 'hook'

export type Outcome = 'running' | 'ok' | 'error' | 'denied' | 'rejected' | 'interrupted' | 'background' | 'abandoned'

export interface EventRecord extends Usage {
  event_id: string
  session_id: string
  agent_id: string
  parent_agent_id: string | null
  prompt_id: string | null
  tool_use_id: string | null
  kind: EventKind
  tool_name: string | null
  label: string | null
  started_at: string | null
  ended_at: string | null
  duration_ms: number | null
  wait_ms: number | null
  outcome: Outcome | null
  error: string | null
  is_error: boolean
  spawned_agent_id: string | null
  model: string | null
  message_id: string | null
  output_bytes: number | null
  alert_ids: string[]
  sources: Source[]
}

export interface RequestRecord extends Usage {
  message_id: string
  request_id: string | null
  model: string | null
  sent_at: string | null
  share_count: number
}

export interface BodyRecord {
  source: string
  part: string
  text: string | null
  size_bytes: number | null
  is_cut: boolean
}

export interface EventDetails {
  event: EventRecord
  request: RequestRecord | null
  bodies: BodyRecord[]
  input: unknown
  input_is_cut: boolean
  output: unknown
  output_is_cut: boolean
}

export interface SessionPage {
  sessions: SessionRecord[]
  next_cursor: string | null
}

export interface Trace {
  session: SessionRecord
  agents: AgentRecord[]
  turns: TurnRecord[]
}

export interface EventPage {
  events: EventRecord[]
  total: number
  next_cursor: string | null
}

export interface ProjectRecord {
  project: string
  name: string
  session_count: number
  last_at: string | null
  cost_usd: number | null
  cost_basis: CostBasis | null
}

export interface SourceHealth {
  source: string
  source_count: number
  size_bytes: number
  read_bytes: number
  archived_bytes: number
  record_count: number
  quarantine_count: number
  unknown_count: number
  last_at: string | null
}

export interface QuarantineRecord {
  source: string
  offset: number
  reason: string
  at: string | null
  excerpt: string
}

export interface CaptureRecord {
  sources: SourceHealth[]
  spool: { pending_files: number | null; pending_bytes: number | null; lost_records: number | null }
  importing: { files_done: number; files_total: number; bytes_done: number; bytes_total: number } | null
  is_watching: boolean | null
  quarantine: QuarantineRecord[]
  server: {
    version: string
    started_at: string | null
    instance: string
    data_dir: string
    sqlite_version: string
    database_bytes: number | null
  }
  hooks: { installed: boolean | null; detail: string | null }
}
