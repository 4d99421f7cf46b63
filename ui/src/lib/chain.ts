// A chain of evidence: steps that are dangerous because of one another, first cause to last consequence. Here is what of
// it is arithmetic: its links from an alert, on which rows they stand, and in which lane its line is drawn.
import { ancestorsOf, indexOf, type Layout } from './outline'

/** A step of a chain. */
export interface ChainLink {
  /** Empty where nobody knows the step itself, only what is told of it. */
  eventId: string
  agentId: string
  at: string | null
  tool: string | null
  /** What it did; masked, an agent's words. */
  text: string
  /** What it has in common with the next: a file, a kind of hook. Empty where one of each is enough. */
  subject: string
}

export interface Chain {
  alertId: string
  rule: string
  reason: string
  isOpen: boolean
  /** At least two. */
  links: readonly ChainLink[]
}

interface Cause {
  event_id: string
  agent_id: string
  at: string | null
  tool_name: string | null
  text: string
  subject: string
  origin: Cause | null
}

/** What of an alert makes a chain. */
export interface ChainedAlert {
  alert_id: string
  rule: string
  reason: string
  state: string
  event_id: string | null
  agent_id: string
  raised_at: string | null
  tool_name: string | null
  evidence: { text: string } | null
  cause: Cause | null
}

const linkOf = (cause: Cause): ChainLink => ({ eventId: cause.event_id, agentId: cause.agent_id, at: cause.at, tool: cause.tool_name, text: cause.text, subject: cause.subject })

/** The chain of an alert about a sequence; null for all others. */
export function chainOf(alert: ChainedAlert): Chain | null {
  const { cause } = alert
  if (cause === null) return null
  const last: ChainLink = { eventId: alert.event_id ?? '', agentId: alert.agent_id, at: alert.raised_at, tool: alert.tool_name, text: alert.evidence?.text ?? alert.reason, subject: '' }
  const before = cause.origin === null ? [linkOf(cause)] : [linkOf(cause.origin), linkOf(cause)]
  return { alertId: alert.alert_id, rule: alert.rule, reason: alert.reason, isOpen: alert.state === 'open', links: [...before, last] }
}

/** The neighbour of a step in a chain: the link before it, or after it. */
export function neighbour(chain: Chain, eventId: string, side: -1 | 1): ChainLink | null {
  const at = chain.links.findIndex((link) => link.eventId === eventId)
  return at < 0 ? null : (chain.links[at + side] ?? null)
}

/** What two neighbours have in common, as short as a row can hold it: the name of a file without its folders. */
export function subjectName(subject: string): string {
  return subject.replace(/\/+$/, '').split('/').at(-1) ?? ''
}

/** The row of a step: its own, or that of the innermost thread in sight that is folded over it. */
export interface LinkRow {
  index: number
  isFolded: boolean
}

export function rowOf(layout: Layout, place: { key: string; step: number | null }): LinkRow | null {
  const own = indexOf(layout, place.key, place.step)
  if (own !== null) return { index: own, isFolded: false }
  for (const key of [place.key, ...ancestorsOf(layout, place.key).map((thread) => thread.key)]) {
    const head = indexOf(layout, key, null)
    if (head !== null) return { index: head, isFolded: true }
  }
  return null
}

/** Where a neighbour is, in words: nothing while it is drawn. */
export function distanceText(from: number, to: LinkRow | null, isDrawn: boolean): string {
  if (to === null) return ''
  if (to.isFolded) return 'folded'
  const rows = Math.abs(to.index - from)
  return isDrawn ? '' : `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'} ${to.index < from ? 'up' : 'down'}`
}

/** A chain on the rows of the grid; rows that are not known yet are left out. */
export interface PlacedChain {
  chain: Chain
  rows: ReadonlyArray<{ eventId: string; row: LinkRow }>
  from: number
  to: number
  lane: number
}

/** The chains that pass the rows `first` to `last`, each in the innermost lane that no other needs at the same height. */
export function placeChains(chains: readonly Chain[], rowOfLink: (eventId: string) => LinkRow | null, first: number, last: number, lanes: number): PlacedChain[] {
  const placed: PlacedChain[] = []
  for (const chain of chains) {
    const rows = chain.links.flatMap(({ eventId }) => {
      const row = rowOfLink(eventId)
      return row ? [{ eventId, row }] : []
    })
    const indexes = rows.map(({ row }) => row.index)
    const from = Math.min(...indexes)
    const to = Math.max(...indexes)
    if (rows.length > 1 && to > from && from <= last && to >= first) placed.push({ chain, rows, from, to, lane: 0 })
  }
  placed.sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from)
  for (const [at, one] of placed.entries()) {
    const taken = new Set(placed.slice(0, at).filter((other) => other.from <= one.to && other.to >= one.from).map((other) => other.lane))
    while (taken.has(one.lane) && one.lane < lanes - 1) one.lane += 1
  }
  return placed
}
