// The records of the API by the names the dashboard uses. They are generated from openapi.json (`npm run codegen`); a
// stale schema fails the checks.
import type { WithWorst } from './pending'
import type * as schema from './schema'

export type EventRecord = schema.EventRecord & WithWorst
export type SessionRecord = schema.SessionRecord & WithWorst

export type {
  AgentRecord,
  BodyRecord,
  CaptureRecord,
  CostCut,
  CostPage,
  CostRow,
  EventDetails,
  EventKindWord as EventKind,
  EventPage,
  OutcomeWord as Outcome,
  OverviewRecord,
  ProjectList,
  ProjectRecord,
  QuarantineRecord,
  RequestRecord,
  SearchHit,
  SearchPage,
  SessionDetails,
  SessionPage,
  SourceHealth,
  Sums,
  ToolList,
  ToolRecord,
  Trace,
  TurnRecord,
  Usage,
} from './schema'
export type {
  AlertAnswer,
  AlertRequest,
  AlertChange,
  AlertDetails,
  AlertEvidence,
  AlertGroup,
  AlertGroupPage,
  AlertPage,
  AlertRecord,
  AlertState,
  OpenAlerts,
  RuleList,
  RuleRecord,
  SettingsRecord,
  SettingValues,
} from './pending'
