// Two short views of a session: what failed, and who did the work. Both share the selection with the trace.
import type { EventRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { UsdCell } from '@/components/figure'
import { Empty } from '@/components/states'
import { countExact, countText } from '@/lib/count'
import { clockText, durationText, momentExact } from '@/lib/time'
import type { Layout, Thread } from '@/lib/outline'
import { layOut, rowAt } from '@/lib/outline'
import { modelText, tokenSum, tokenWords } from '@/lib/words'
import { stepName } from './kinds'
import type { Selection } from './place'
import { spanOf, type Threads } from './threads'

interface ErrorListProps {
  errors: readonly EventRecord[]
  total: number
  selectedId: string | null
  onPick: (event: EventRecord) => void
}

export function ErrorList({ errors, total, selectedId, onPick }: ErrorListProps) {
  if (errors.length === 0) return <Empty title="Nothing failed." />
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label="Errors">
      {errors.map((event) => (
        <button
          key={event.event_id}
          type="button"
          onClick={() => onPick(event)}
          aria-pressed={event.event_id === selectedId}
          className={`grid w-full grid-cols-[72px_160px_minmax(0,1fr)] items-baseline gap-x-3 border-b border-line px-4 py-1 text-left max-md:grid-cols-[64px_1fr] ${event.event_id === selectedId ? 'bg-selected' : 'hover:bg-hover'}`}
        >
          <span className="text-12 text-muted" title={momentExact(event.started_at)}>{clockText(event.started_at)}</span>
          <span className="flex min-w-0 gap-1.5">
            <span aria-hidden="true" className="text-bad">✕</span>
            <span className="truncate font-semibold">{stepName(event)}</span>
            {event.agent_id !== 'main' && <span className="text-12 text-muted">in agent</span>}
          </span>
          <span className="min-w-0 max-md:col-span-2">
            <span className="flex">{event.label !== null && <AgentLine text={event.label} className="text-muted" />}</span>
            <span className="flex"><AgentLine text={event.error ?? 'no words are known'} className="text-bad" /></span>
          </span>
        </button>
      ))}
      {total > errors.length && <p className="px-4 py-2 text-muted">the first {countExact(errors.length)} of {countExact(total)}</p>}
    </div>
  )
}

interface AgentListProps {
  threads: Threads
  selection: Selection | null
  onPick: (selection: Selection) => void
}

/** The threads alone, as a tree: who was sent by whom, and what it took. */
export function AgentList({ threads, selection, onPick }: AgentListProps) {
  const layout: Layout = layOut(threads.roots.map(withoutSteps), () => true)
  const rows = Array.from({ length: Math.min(layout.rowCount, MOST) }, (_, index) => rowAt(layout, index)).filter((row) => row !== undefined)
  return (
    <div className="min-h-0 flex-1 overflow-auto px-4" tabIndex={0} role="region" aria-label="Agents">
      <table className="w-full max-w-[1100px]">
        <thead className="text-12 text-muted">
          <tr>
            {['turn or agent', 'model', 'steps', 'errors', 'time', 'own $', 'with below $', 'tokens'].map((head) => (
              <th key={head} scope="col" className="h-7 px-2 text-right font-normal whitespace-nowrap first:pl-0 first:text-left">{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <AgentRow key={row.thread.key} threadKey={row.thread.key} level={row.level} threads={threads} isSelected={selection?.key === row.thread.key} onPick={onPick} />
          ))}
        </tbody>
      </table>
      {layout.rowCount > MOST && <p className="py-2 text-muted">the first {countExact(MOST)} of {countExact(layout.rowCount)}; the trace has all</p>}
    </div>
  )
}

const MOST = 500

function withoutSteps(thread: Thread): Thread {
  return { ...thread, stepCount: 0, children: thread.children.map((child) => ({ at: 0, thread: withoutSteps(child.thread) })) }
}

const CELL = 'h-7 px-2 text-right whitespace-nowrap'

interface AgentRowProps {
  threadKey: string
  level: number
  threads: Threads
  isSelected: boolean
  onPick: (selection: Selection) => void
}

function AgentRow({ threadKey, level, threads, isSelected, onPick }: AgentRowProps) {
  const about = threads.facts.get(threadKey)
  if (!about) return null
  const span = spanOf(about)
  const part = about.kind === 'turn' ? about.turn : about.agent
  const below = about.kind === 'turn' ? about.turn.totals : about.agent.subtree
  const own = about.kind === 'turn' ? null : about.agent.own
  return (
    <tr className={`border-t border-line ${isSelected ? 'bg-selected' : 'hover:bg-hover'}`} onClick={() => onPick({ key: threadKey, step: null })}>
      <th scope="row" className="h-7 max-w-[420px] pr-2 text-left font-normal">
        <button type="button" className="flex w-full min-w-0 gap-1.5 text-left" style={{ paddingLeft: (level - 1) * 16 }}>
          <span className="shrink-0 font-semibold">{about.kind === 'turn' ? (about.turn.prompt_id === null ? 'before' : `turn ${about.number}`) : (about.agent.agent_type ?? about.agent.kind)}</span>
          <AgentLine text={(about.kind === 'turn' ? about.turn.label : (about.agent.description ?? about.agent.agent_id)) ?? ''} className="!font-sans !text-13 text-muted" />
          {about.kind === 'agent' && about.agent.is_orphan && <span className="shrink-0 text-12 text-wait">orphan</span>}
        </button>
      </th>
      <td className={`${CELL} text-muted`}>{about.kind === 'turn' ? '' : modelText(about.agent.model)}</td>
      <td className={CELL}>{countExact(part.step_count)}</td>
      <td className={`${CELL} ${part.error_count > 0 ? 'text-bad' : 'text-faint'}`}>{countExact(part.error_count)}</td>
      <td className={CELL}>{span ? durationText(span.to - span.from) : '–'}</td>
      <td className={CELL}>{own && <UsdCell amount={own.cost_usd} basis={own.cost_basis} places={3} />}</td>
      <td className={CELL}><UsdCell amount={below.cost_usd} basis={below.cost_basis} places={3} /></td>
      <td className={CELL} title={tokenWords(below)}>{countText(tokenSum(below))}</td>
    </tr>
  )
}
