// What the feed shows, as it stands in the URL: `?state=all&severity=critical&age=past&rule=fs.rm-rf&view=each&alert=ID`.
import type { AlertFilter } from '@/api/alerts'
import { DEFAULT_RANGE, rangeBounds } from '@/lib/range'
import { SEVERITIES, type Severity } from '@/lib/severity'

export interface AlertsPlace {
  project?: string | undefined
  range?: string | undefined
  state?: string | undefined
  severity?: string | undefined
  rule?: string | undefined
  family?: string | undefined
  session?: string | undefined
  /** A fingerprint: all times that the same happened. */
  same?: string | undefined
  age?: string | undefined
  view?: string | undefined
  alert?: string | undefined
}

export const STATES = ['open', 'acknowledged', 'resolved', 'muted', 'all'] as const
export type StateChoice = (typeof STATES)[number]
export const VIEWS = ['groups', 'each'] as const
export type ViewChoice = (typeof VIEWS)[number]

/** What is news, what was long past when Argus learnt of it, or both. */
export const AGES = ['new', 'past', 'both'] as const
export type AgeChoice = (typeof AGES)[number]

export const DEFAULT_AGE: AgeChoice = 'new'
export const DEFAULT_STATE: StateChoice = 'open'
export const DEFAULT_SEVERITY: Severity = 'medium'

export function stateOf(place: AlertsPlace): StateChoice {
  return STATES.find((each) => each === place.state) ?? DEFAULT_STATE
}

export function ageOf(place: AlertsPlace): AgeChoice {
  return AGES.find((each) => each === place.age) ?? DEFAULT_AGE
}

export function severityOf(place: AlertsPlace): Severity {
  return SEVERITIES.find((each) => each === place.severity) ?? DEFAULT_SEVERITY
}

export function viewOf(place: AlertsPlace): ViewChoice {
  return VIEWS.find((each) => each === place.view) ?? 'groups'
}

/** What to ask the API. */
export function filterOf(place: AlertsPlace, nowMs: number): AlertFilter {
  const state = stateOf(place)
  const age = ageOf(place)
  return {
    state: state === 'all' ? undefined : state,
    severity: severityOf(place),
    rule: place.rule,
    family: place.family,
    session_id: place.session,
    fingerprint: place.same,
    past: age === 'both' ? undefined : age === 'past',
    project: place.project,
    ...rangeBounds(place.range ?? DEFAULT_RANGE, nowMs),
  }
}

/** Whether anything narrows the feed beyond what it shows by itself. */
export function isNarrowed(place: AlertsPlace): boolean {
  return [place.project, place.rule, place.family, place.session, place.same].some((each) => each !== undefined) || stateOf(place) !== DEFAULT_STATE || ageOf(place) !== DEFAULT_AGE || severityOf(place) !== DEFAULT_SEVERITY || (place.range ?? DEFAULT_RANGE) !== DEFAULT_RANGE
}
