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
  EventDetails,
  EventKindWord as EventKind,
  EventPage,
  OutcomeWord as Outcome,
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
  CostCut,
  CostPage,
  CostRow,
  OpenAlerts,
  OverviewRecord,
  RuleList,
  RuleRecord,
  SettingsRecord,
  SettingValues,
  ToolRecord,
  ToolList,
} from './pending'
