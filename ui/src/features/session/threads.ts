// The threads of a session, from the outline that the API gives: turns hold the main agent's steps, an agent's thread
// stands right below the step that spawned it. Agents whose place is unknown stand at the end of their turn, or of the
// session: shown, never dropped.
import type { ThreadAddress } from '@/api/queries'
import type { AgentRecord, EventRecord, SessionRecord, Trace, TurnRecord } from '@/api/types'
import type { Thread } from '@/lib/outline'
import { momentMs } from '@/lib/time'
import type { Span } from '@/lib/timescale'

export type ThreadFacts = { kind: 'turn'; turn: TurnRecord; number: number } | { kind: 'agent'; agent: AgentRecord }

export interface Threads {
  roots: Thread[]
  facts: ReadonlyMap<string, ThreadFacts>
  byKey: ReadonlyMap<string, Thread>
  /** Below which thread another hangs. */
  above: ReadonlyMap<string, string>
  stepCount: number
  /** When something happened, for the time axis. */
  spans: Span[]
}

const MAIN = 'main'

export function turnKey(promptId: string | null): string {
  return `t:${promptId ?? ''}`
}

export function agentKey(agentId: string): string {
  return `a:${agentId}`
}

/** The thread that an event's row stands in. */
export function threadKeyOf(event: Pick<EventRecord, 'agent_id' | 'prompt_id'>): string {
  return event.agent_id === MAIN ? turnKey(event.prompt_id) : agentKey(event.agent_id)
}

/** How the API calls a thread. */
export function addressOf(key: string): ThreadAddress {
  const name = key.slice(2)
  return key.startsWith('t:') ? { agent_id: MAIN, prompt_id: name === '' ? 'none' : name } : { agent_id: name }
}

interface GrowingThread extends Thread {
  children: Array<{ at: number; thread: GrowingThread }>
}

/** The part of a trace that makes its threads. */
export type Outline = Pick<Trace, 'agents' | 'turns'> & { session: Pick<SessionRecord, 'started_at' | 'last_at'> }

export function buildThreads(trace: Outline): Threads {
  const byKey = new Map<string, GrowingThread>()
  const facts = new Map<string, ThreadFacts>()
  const roots: GrowingThread[] = []
  const grow = (key: string, stepCount: number, about: ThreadFacts): GrowingThread => {
    const thread: GrowingThread = { key, stepCount, children: [] }
    byKey.set(key, thread)
    facts.set(key, about)
    return thread
  }

  let number = 0
  for (const turn of trace.turns) {
    if (turn.prompt_id !== null) number += 1
    roots.push(grow(turnKey(turn.prompt_id), turn.step_count, { kind: 'turn', turn, number }))
  }
  const agents = trace.agents.filter((agent) => agent.kind !== 'main')
  for (const agent of agents) grow(agentKey(agent.agent_id), agent.step_count, { kind: 'agent', agent })
  const above = new Map<string, string>()
  for (const agent of agents) {
    const thread = byKey.get(agentKey(agent.agent_id))
    if (!thread) continue
    const parent = byKey.get(parentKey(agent, facts))
    if (parent) above.set(thread.key, parent.key)
    if (parent) parent.children.push({ at: agent.spawn_index === null ? parent.stepCount : agent.spawn_index + 1, thread })
    else roots.push(thread)
  }
  for (const thread of byKey.values()) thread.children.sort((a, b) => a.at - b.at)

  const stepCount = [...byKey.values()].reduce((sum, thread) => sum + thread.stepCount, 0)
  return { roots, facts, byKey, above, stepCount, spans: spansOf(trace) }
}

/** Where an agent's thread hangs; what names no thread makes it a root. */
function parentKey(agent: AgentRecord, facts: ReadonlyMap<string, ThreadFacts>): string {
  const key = directParent(agent)
  // Records are an agent's word: a chain that leads back to itself must not hang the page or hide the agents.
  const seen = new Set([agentKey(agent.agent_id)])
  for (let above: string = key; ; ) {
    if (seen.has(above)) return ''
    seen.add(above)
    const about = facts.get(above)
    if (about?.kind !== 'agent') return key
    above = directParent(about.agent)
  }
}

function directParent(agent: AgentRecord): string {
  const isOfMain = agent.parent_agent_id === null || agent.parent_agent_id === MAIN
  return isOfMain ? turnKey(agent.prompt_id) : agentKey(agent.parent_agent_id ?? '')
}

function spansOf(trace: Outline): Span[] {
  const spans: Span[] = []
  for (const part of [...trace.turns, ...trace.agents.filter((agent) => agent.kind !== 'main')]) {
    const from = momentMs(part.started_at) ?? momentMs(part.last_at)
    if (from !== null) spans.push({ from, to: Math.max(from, momentMs(part.last_at) ?? from) })
  }
  const start = momentMs(trace.session.started_at)
  const last = momentMs(trace.session.last_at)
  if (spans.length === 0 && start !== null) spans.push({ from: start, to: Math.max(start + 1, last ?? start) })
  return spans
}

/** What a thread is called: the turn's number, the agent's type. */
export function threadName(about: ThreadFacts): string {
  if (about.kind === 'turn') return about.turn.prompt_id === null ? 'before' : `turn ${about.number}`
  return about.agent.agent_type ?? about.agent.kind
}

/** What an agent is called, with what it was asked for; its id where no more is known. */
export function agentName(threads: Pick<Threads, 'facts'>, agentId: string): string {
  const about = threads.facts.get(agentKey(agentId))
  return about?.kind === 'agent' && (about.agent.agent_type ?? about.agent.description) !== null ? `${threadName(about)}: ${threadWords(about)}` : agentId
}

/** What a thread is about, in the words of whoever asked for it. */
export function threadWords(about: ThreadFacts): string {
  return (about.kind === 'turn' ? about.turn.label : (about.agent.description ?? about.agent.agent_id)) ?? ''
}

export interface Place {
  key: string
  about: ThreadFacts
}

/** Who led to a thread, from the outside, and the thread itself. Empty for one that is not known. */
export function wayTo(threads: Pick<Threads, 'facts' | 'above'>, key: string): Place[] {
  const way: Place[] = []
  // The way up has no rings: `parentKey` saw to that.
  for (let at: string | undefined = key; at !== undefined; at = threads.above.get(at)) {
    const about = threads.facts.get(at)
    if (about) way.unshift({ key: at, about })
  }
  return way
}

/** The time a thread took, for its bar. */
export function spanOf(about: ThreadFacts): Span | null {
  const part = about.kind === 'turn' ? about.turn : about.agent
  const from = momentMs(part.started_at)
  return from === null ? null : { from, to: Math.max(from, momentMs(part.last_at) ?? from) }
}
