// Jumps that the outline alone can answer. A question without an answer gets no chip: no dead ends.
import type { SessionRecord } from '@/api/types'
import type { Chain } from '@/lib/chain'
import { usdText } from '@/lib/money'
import type { Thread } from '@/lib/outline'
import { shareText } from '@/lib/share'
import type { Selection } from './place'
import type { Threads } from './threads'

export type Jump = { name: string; note: string | null } & (
  | { kind: 'row'; to: Selection }
  | { kind: 'error' }
  | { kind: 'alerts' }
  | { kind: 'step'; eventId: string }
  | { kind: 'session'; sessionId: string }
  | { kind: 'end' }
)

export function jumpsOf(session: SessionRecord, threads: Threads, chains: readonly Chain[]): Jump[] {
  const jumps: Jump[] = []
  if (session.status === 'waiting') jumps.push({ name: 'waits for you', note: session.waiting_for?.kind ?? null, kind: 'end' })
  if (session.parent_session_id !== null) {
    jumps.push({ name: 'who started it', note: 'another session', kind: 'session', sessionId: session.parent_session_id })
  } else {
    const first = firstHumanTurn(threads)
    if (first) jumps.push({ name: 'who started it', note: 'you', kind: 'row', to: { key: first, step: null } })
  }
  if (session.error_count > 0) jumps.push({ name: 'first error', note: `of ${session.error_count}`, kind: 'error' })
  if (session.open_alert_count > 0) jumps.push({ name: 'open alerts', note: String(session.open_alert_count), kind: 'alerts' })
  const chained = chains.find((chain) => chain.isOpen)?.links[0]
  if (chained) jumps.push({ name: 'chain of evidence', note: chains.length === 1 ? null : `first of ${chains.length}`, kind: 'step', eventId: chained.eventId })
  const path = mostExpensivePath(threads, session.cost_usd)
  if (path) jumps.push({ name: 'most expensive path', note: path.note, kind: 'row', to: { key: path.key, step: null } })
  const orphan = [...threads.facts].find(([, about]) => about.kind === 'agent' && about.agent.is_orphan)
  if (orphan) jumps.push({ name: 'orphan agent', note: null, kind: 'row', to: { key: orphan[0], step: null } })
  return jumps
}

function firstHumanTurn(threads: Threads): string | null {
  for (const [key, about] of threads.facts) if (about.kind === 'turn' && about.turn.is_human && about.turn.prompt_id !== null) return key
  return null
}

function subtreeCost(threads: Threads, key: string): number {
  const about = threads.facts.get(key)
  if (!about) return 0
  return (about.kind === 'turn' ? about.turn.totals.cost_usd : about.agent.subtree.cost_usd) ?? 0
}

/** Down from the dearest turn, into the dearest agent as long as it has most of the money. */
function mostExpensivePath(threads: Threads, whole: number | null): { key: string; note: string } | null {
  const dearest = (among: readonly Thread[]): Thread | undefined =>
    among.reduce<Thread | undefined>((best, each) => (best && subtreeCost(threads, best.key) >= subtreeCost(threads, each.key) ? best : each), undefined)
  let at = dearest(threads.roots)
  if (!at || threads.roots.length + threads.facts.size < 3 || subtreeCost(threads, at.key) === 0) return null
  for (;;) {
    const next: Thread | undefined = dearest(at.children.map((child) => child.thread))
    if (!next || subtreeCost(threads, next.key) < subtreeCost(threads, at.key) / 2) break
    at = next
  }
  const about = threads.facts.get(at.key)
  const basis = (about?.kind === 'turn' ? about.turn.totals.cost_basis : about?.agent.subtree.cost_basis) ?? null
  const cost = subtreeCost(threads, at.key)
  return { key: at.key, note: `${usdText(cost, basis)}, ${shareText(cost, whole)}` }
}
