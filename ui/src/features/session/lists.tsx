// Two short views of a session: what failed, and who did the work. Both share the selection with the trace; both are
// virtualised, for a session may have thousands of either.
import { useMemo } from 'react'
import type { EventRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { UsdCell } from '@/components/figure'
import { Empty } from '@/components/states'
import { countExact, countText } from '@/lib/count'
import { layOut, rowAt, type Thread } from '@/lib/outline'
import { clockWithin, durationText, momentExact } from '@/lib/time'
import { modelText, tokenSum, tokenWords } from '@/lib/words'
import { stepName } from './kinds'
import type { Selection } from './place'
import { Rows } from './rows'
import { spanOf, threadKeyOf, threadName, threadWords, wayTo, type ThreadFacts, type Threads } from './threads'

const ERROR_COLUMNS = 'grid grid-cols-[108px_220px_minmax(0,1fr)] gap-x-3 px-4 max-md:grid-cols-[60px_112px_minmax(0,1fr)]'

interface ErrorListProps {
  errors: readonly EventRecord[]
  total: number
  threads: Threads
  /** When the session began: what failed on another day has its date. */
  since: string | null
  selectedId: string | null
  onPick: (event: EventRecord) => void
}

export function ErrorList({ errors, total, threads, since, selectedId, onPick }: ErrorListProps) {
  if (errors.length === 0) return <Empty title="Nothing failed." />
  return (
    <>
      <Rows
        label="Errors"
        count={errors.length}
        rowHeight={48}
        head={
          <div role="row" aria-rowindex={1} className={`sticky top-0 z-10 ${ERROR_COLUMNS} h-7 items-center border-b border-line bg-ground text-12 text-muted`}>
            <span role="columnheader">when</span>
            <span role="columnheader">step, whose</span>
            <span role="columnheader" className="truncate">what was tried, what came of it</span>
          </div>
        }
        renderRow={(index) => {
          const event = errors[index]
          return event && <ErrorRow event={event} threads={threads} since={since} isSelected={event.event_id === selectedId} onPick={onPick} />
        }}
      />
      {total > errors.length && <p className="px-4 py-1 text-12 text-muted">the first {countExact(errors.length)} of {countExact(total)}</p>}
    </>
  )
}

interface ErrorRowProps {
  event: EventRecord
  threads: Threads
  since: string | null
  isSelected: boolean
  onPick: (event: EventRecord) => void
}

function ErrorRow({ event, threads, since, isSelected, onPick }: ErrorRowProps) {
  const way = wayTo(threads, threadKeyOf(event))
  const last = way.at(-1)
  return (
    <div className={`${ERROR_COLUMNS} h-12 items-center border-b border-line ${isSelected ? 'bg-selected' : 'hover:bg-hover'}`} onClick={() => onPick(event)}>
      <span role="cell" className="text-12 text-muted" title={momentExact(event.started_at)}>
        {clockWithin(event.started_at, since)}
      </span>
      <span role="cell" className="min-w-0">
        <span className="flex min-w-0 items-baseline gap-1.5">
          <span aria-hidden="true" className="text-bad">
            ✕
          </span>
          <span className="truncate font-semibold">{stepName(event)}</span>
        </span>
        {last && (
          <span className="flex min-w-0" title={way.map(({ about }) => threadName(about)).join(' › ')}>
            <AgentLine text={last.about.kind === 'turn' ? threadName(last.about) : `${threadName(last.about)}: ${threadWords(last.about)}`} className="!font-sans !text-12 text-muted" />
          </span>
        )}
      </span>
      <span role="cell" className="min-w-0">
        <button type="button" aria-pressed={isSelected} className="block w-full min-w-0 text-left">
          <span className="flex">{event.label !== null && <AgentLine text={event.label} className="text-muted" />}</span>
          <span className="flex">
            <AgentLine text={event.error ?? 'no words are known'} className="text-bad" />
          </span>
        </button>
      </span>
    </div>
  )
}

const AGENT_COLUMNS =
  'grid grid-cols-[minmax(200px,1fr)_96px_64px_56px_80px_72px_84px_64px] gap-x-3 px-4 max-md:grid-cols-[minmax(0,1fr)_48px_64px_64px]'
const WIDE_ONLY = 'max-md:hidden'
const HEADS: ReadonlyArray<readonly [string, string]> = [
  ['model', WIDE_ONLY],
  ['steps', ''],
  ['errors', WIDE_ONLY],
  ['time', ''],
  ['own $', WIDE_ONLY],
  ['with below $', ''],
  ['tokens', WIDE_ONLY],
]

interface AgentListProps {
  threads: Threads
  selection: Selection | null
  onPick: (selection: Selection) => void
}

/** The threads alone, as a tree: who was sent by whom, and what it took. */
export function AgentList({ threads, selection, onPick }: AgentListProps) {
  const layout = useMemo(() => layOut(threads.roots.map(withoutSteps), () => true), [threads])
  return (
    <Rows
      label="Agents"
      count={layout.rowCount}
      rowHeight={28}
      head={
        <div role="row" aria-rowindex={1} className={`sticky top-0 z-10 ${AGENT_COLUMNS} h-7 items-center border-b border-line bg-ground text-12 text-muted`}>
          <span role="columnheader">turn or agent</span>
          {HEADS.map(([head, shown]) => (
            <span key={head} role="columnheader" className={`text-right whitespace-nowrap ${shown}`}>
              {head}
            </span>
          ))}
        </div>
      }
      renderRow={(index) => {
        const row = rowAt(layout, index)
        const about = row && threads.facts.get(row.thread.key)
        if (!row || !about) return null
        const { key } = row.thread
        return <AgentRow about={about} level={row.level} isSelected={selection?.key === key} onPick={() => onPick({ key, step: null })} />
      }}
    />
  )
}

function withoutSteps(thread: Thread): Thread {
  return { ...thread, stepCount: 0, children: thread.children.map((child) => ({ at: 0, thread: withoutSteps(child.thread) })) }
}

interface AgentRowProps {
  about: ThreadFacts
  level: number
  isSelected: boolean
  onPick: () => void
}

function AgentRow({ about, level, isSelected, onPick }: AgentRowProps) {
  const span = spanOf(about)
  const isTurn = about.kind === 'turn'
  const part = isTurn ? about.turn : about.agent
  const below = isTurn ? about.turn.totals : about.agent.subtree
  const own = isTurn ? null : about.agent.own
  const [name, words] = [threadName(about), threadWords(about)]
  const figure = 'text-right whitespace-nowrap'
  return (
    <div className={`${AGENT_COLUMNS} h-7 items-center border-b border-line ${isSelected ? 'bg-selected' : 'hover:bg-hover'}`} onClick={onPick}>
      <span role="cell" className="min-w-0">
        <button type="button" aria-pressed={isSelected} className="flex w-full min-w-0 items-baseline gap-1.5 text-left" style={{ paddingLeft: (level - 1) * 16 }}>
          <span className="shrink-0 font-semibold">{name}</span>
          <AgentLine text={words} className="!font-sans !text-13 text-muted" />
          {about.kind === 'agent' && about.agent.is_orphan && <span className="shrink-0 text-12 text-wait">orphan</span>}
        </button>
      </span>
      <span role="cell" className={`${figure} ${WIDE_ONLY} text-muted`}>{isTurn ? '' : modelText(about.agent.model)}</span>
      <span role="cell" className={figure}>{countExact(part.step_count)}</span>
      <span role="cell" className={`${figure} ${WIDE_ONLY} ${part.error_count > 0 ? 'text-bad' : 'text-faint'}`}>{countExact(part.error_count)}</span>
      <span role="cell" className={figure}>{span ? durationText(span.to - span.from) : '–'}</span>
      <span role="cell" className={`${figure} ${WIDE_ONLY}`}>{own && <UsdCell amount={own.cost_usd} basis={own.cost_basis} places={3} />}</span>
      <span role="cell" className={figure}><UsdCell amount={below.cost_usd} basis={below.cost_basis} places={3} /></span>
      <span role="cell" className={`${figure} ${WIDE_ONLY}`} title={tokenWords(below)}>{countText(tokenSum(below))}</span>
    </div>
  )
}
