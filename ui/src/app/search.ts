// All state that a link should carry stands in the URL, as plain words: `?project=/home/ada/shop&range=7d&q=auth`.
import { DEFAULT_RANGE, isRange } from '@/lib/range'

/** What every page shares. */
export interface Scope {
  project?: string | undefined
  range?: string | undefined
}

export interface SessionsSearch extends Scope {
  q?: string | undefined
  status?: string | undefined
}

export interface SessionSearch extends Scope {
  step?: string | undefined
  at?: string | undefined
  view?: string | undefined
  tab?: string | undefined
  zoom?: string | undefined
  gaps?: string | undefined
  open?: string | undefined
}

export interface AlertsSearch extends Scope {
  state?: string | undefined
  severity?: string | undefined
  rule?: string | undefined
  family?: string | undefined
  session?: string | undefined
  same?: string | undefined
  age?: string | undefined
  view?: string | undefined
  alert?: string | undefined
}

export interface OverviewSearch extends Scope {
  shown?: string | undefined
}

export interface CostSearch extends Scope {
  by?: string | undefined
  sort?: string | undefined
  shown?: string | undefined
  row?: string | undefined
  view?: string | undefined
}

export interface SearchSearch extends Scope {
  q?: string | undefined
  hit?: string | undefined
}

export interface RulesSearch extends Scope {
  family?: string | undefined
  rule?: string | undefined
  sort?: string | undefined
}

export interface SecretsSearch extends Scope {
  secret?: string | undefined
}

export interface ToolsSearch extends Scope {
  sort?: string | undefined
  kind?: string | undefined
  tool?: string | undefined
  view?: string | undefined
}

type Raw = Record<string, unknown>

function word(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function parseScope(raw: Raw): Scope {
  const range = word(raw, 'range')
  return { project: word(raw, 'project'), range: range !== undefined && isRange(range) && range !== DEFAULT_RANGE ? range : undefined }
}

export function parseSessions(raw: Raw): SessionsSearch {
  return words(raw, ['q', 'status'])
}

export function parseSession(raw: Raw): SessionSearch {
  return words(raw, ['step', 'at', 'view', 'tab', 'zoom', 'gaps', 'open'])
}

/** Only the words that a page knows. */
function words<K extends string>(raw: Raw, names: readonly K[]): Partial<Record<K, string | undefined>> {
  return Object.fromEntries(names.map((name) => [name, word(raw, name)])) as Partial<Record<K, string | undefined>>
}

export function parseAlerts(raw: Raw): AlertsSearch {
  return words(raw, ['state', 'severity', 'rule', 'family', 'session', 'same', 'age', 'view', 'alert'])
}

export function parseOverview(raw: Raw): OverviewSearch {
  return words(raw, ['shown'])
}

export function parseCost(raw: Raw): CostSearch {
  return words(raw, ['by', 'sort', 'shown', 'row', 'view'])
}

export function parseSearch(raw: Raw): SearchSearch {
  return words(raw, ['q', 'hit'])
}

export function parseRules(raw: Raw): RulesSearch {
  return words(raw, ['family', 'rule', 'sort', 'try'])
}

export function parseSecrets(raw: Raw): SecretsSearch {
  return words(raw, ['secret'])
}

export function parseTools(raw: Raw): ToolsSearch {
  return words(raw, ['sort', 'kind', 'tool', 'view'])
}

export function readSearch(text: string): Raw {
  return Object.fromEntries(new URLSearchParams(text))
}

export function writeSearch(search: Raw): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') parameters.set(name, value)
  }
  // Slashes and colons need no escape in a query and read better without.
  const text = parameters.toString().replaceAll('%2F', '/').replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}
