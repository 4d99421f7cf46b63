// The records of the API by the names the dashboard uses. They are generated from openapi.json (`npm run codegen`); a
// stale schema fails the checks.
export type {
  AgentRecord,
  BodyRecord,
  CaptureRecord,
  EventDetails,
  EventKindWord as EventKind,
  EventPage,
  EventRecord,
  OutcomeWord as Outcome,
  ProjectList,
  ProjectRecord,
  QuarantineRecord,
  RequestRecord,
  SessionDetails,
  SessionPage,
  SessionRecord,
  SourceHealth,
  Sums,
  Trace,
  TurnRecord,
  Usage,
} from './schema'
