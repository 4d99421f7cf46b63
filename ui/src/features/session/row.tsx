// One row of the trace grid: a thread with its totals, or a step.
import { memo } from 'react'
import type { EventRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { UsdCell } from '@/components/figure'
import { SeverityGlyph, severityTone } from '@/components/severity'
import { counted, countText } from '@/lib/count'
import { usdExact, usdText } from '@/lib/money'
import { withinProject } from '@/lib/text'
import { durationExact, durationText } from '@/lib/time'
import type { TimeScale } from '@/lib/timescale'
import { modelText, purposeText, tokenSum, tokenWords } from '@/lib/words'
import { ChainMarks } from './chain-lines'
import { KINDS, outcomeLook, stepName } from './kinds'
import { COLUMNS, ROW_HEIGHT } from './row-shape'
import { spanOf, type ThreadFacts } from './threads'
import type { RowChain } from './use-chains'
import { FoldMarks, StepBar, ThreadBar } from './waterfall'

const FIGURE = 'text-right whitespace-nowrap'
const WIDE_ONLY = 'max-md:hidden'

interface RowShape {
  id: string
  index: number
  level: number
  isSelected: boolean
  scale: TimeScale
}

function frame(isSelected: boolean): string {
  return `absolute inset-x-0 top-0 grid ${COLUMNS} h-7 items-center gap-x-3 px-4 ${isSelected ? 'bg-selected' : 'hover:bg-hover'}`
}

function Indent({ level }: { level: number }) {
  return <span className="shrink-0" style={{ width: (level - 1) * 16 }} />
}

interface StepRowProps extends RowShape {
  /** Undefined while its window is on its way. */
  event: EventRecord | undefined
  /** The project's root: paths inside it are shown without it. */
  root: string | null
  /** Its part in chains of evidence. */
  chain: RowChain | undefined
  onSelect: (index: number) => void
  onGoTo: (eventId: string) => void
}

export const StepRow = memo(function StepRow({ id, index, level, isSelected, scale, event, root, chain, onSelect, onGoTo }: StepRowProps) {
  return (
    <div
      role="row"
      id={id}
      aria-rowindex={index + 2}
      aria-level={level}
      aria-selected={isSelected}
      onClick={() => onSelect(index)}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      className={frame(isSelected)}
    >
      {event ? <StepCells event={event} level={level} scale={scale} root={root} chain={chain} onGoTo={onGoTo} /> : <WaitingCells level={level} />}
    </div>
  )
})

function WaitingCells({ level }: { level: number }) {
  return (
    <span role="gridcell" className="flex items-center">
      <Indent level={level + 1} />
      <span className="skeleton h-2.5 w-48" />
      <span className="sr-only">loading</span>
    </span>
  )
}

type StepCellsProps = Pick<StepRowProps, 'level' | 'scale' | 'root' | 'chain' | 'onGoTo'> & { event: EventRecord }

function StepCells({ event, level, scale, root, chain, onGoTo }: StepCellsProps) {
  const kind = KINDS[event.kind]
  const outcome = outcomeLook(event)
  const tokens = tokenSum(event)
  // A request that said nothing: its money is that of the calls it asked for, so that the sums are right.
  const isPassedOn = event.kind === 'model_request' && event.cost_usd === 0 && tokens === 0 && event.model !== null && !event.model.startsWith('<')
  const isNamed = event.kind === 'tool_call' || event.label === null
  return (
    <>
      <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
        <Indent level={level} />
        <span aria-hidden="true" className={`w-4 shrink-0 text-center text-12 ${event.is_error ? 'text-bad' : kind.tone}`}>
          {event.is_error ? '✕' : kind.glyph}
        </span>
        {isNamed ? (
          <span className="max-w-[40%] shrink-0 truncate font-semibold" title={kind.word}>
            {stepName(event)}
          </span>
        ) : (
          <span className="sr-only">{stepName(event)}</span>
        )}
        {event.label !== null && (
          <AgentLine text={event.is_hidden ? purposeText(event.label) : withinProject(event.label, root)} whole={event.label} className={event.kind === 'model_request' || event.kind === 'prompt' ? '!font-sans !text-13' : 'text-muted'} />
        )}
        {event.label === null && event.model !== null && <span className="truncate text-muted">{modelText(event.model)}</span>}
        {(outcome || chain || event.is_hidden || event.alert_ids.length > 0 || event.spawned !== null) && (
          <span className="ml-auto flex shrink-0 items-center gap-1.5 pl-1 text-12">
            {event.is_hidden && (
              <span className="text-muted" title="No transcript has this request: Claude Code's telemetry told of it">
                in no transcript
              </span>
            )}
            {event.spawned !== null && (
              <span className="text-muted" title={`asking took ${usdExact(event.cost_usd, event.cost_basis)}\nwhat it started, with all below it, ${usdExact(event.spawned.cost_usd, event.spawned.cost_basis)}`}>
                + {usdText(event.spawned.cost_usd, event.spawned.cost_basis)}
              </span>
            )}
            {outcome && (
              <span className={outcome.tone} title={outcome.meaning}>
                {outcome.word}
              </span>
            )}
            {chain && <ChainMarks marks={chain} onGoTo={onGoTo} />}
            {event.alert_ids.length > 0 && <StepAlerts event={event} />}
          </span>
        )}
      </span>
      <span role="gridcell" className={FIGURE} title={stepTime(event)}>
        {event.duration_ms === null ? <span className="text-faint">–</span> : durationText(event.duration_ms)}
      </span>
      <span role="gridcell" className={FIGURE}>
        {isPassedOn ? (
          <span className="text-faint" title="It had no text of its own: what it cost stands with the tool calls it asked for">
            <span aria-hidden="true">↓</span>
            <span className="sr-only">with its calls</span>
          </span>
        ) : (
          <UsdCell amount={event.cost_usd} basis={event.cost_basis} places={3} />
        )}
      </span>
      <span role="gridcell" className={`${FIGURE} ${WIDE_ONLY} text-muted`} title={`share of its request\n${tokenWords(event)}`}>
        {isPassedOn ? '' : countText(tokens)}
      </span>
      <span role="gridcell" className={`relative h-7 overflow-hidden ${WIDE_ONLY}`} title={stepTime(event)}>
        <FoldMarks scale={scale} />
        <StepBar event={event} scale={scale} />
      </span>
    </>
  )
}

function StepAlerts({ event }: { event: EventRecord }) {
  const severity = event.worst_severity ?? 'medium'
  return (
    <span className={`flex items-center gap-1 ${severityTone(severity)}`} title={counted(event.alert_ids.length, 'alert')}>
      <SeverityGlyph severity={severity} />
      {event.alert_ids.length > 1 && event.alert_ids.length}
    </span>
  )
}

function stepTime(event: EventRecord): string {
  const words = event.duration_ms === null ? 'duration unknown: no end was told' : durationExact(event.duration_ms)
  return event.wait_ms === null || event.wait_ms === 0 ? words : `${words}, after waiting ${durationText(event.wait_ms)} for permission`
}

interface ThreadRowProps extends RowShape {
  about: ThreadFacts
  isExpanded: boolean
  hasRows: boolean
  isLive: boolean
  onSelect: (index: number) => void
  onToggle: (index: number) => void
}

export const ThreadRow = memo(function ThreadRow({ id, index, level, isSelected, scale, about, isExpanded, hasRows, isLive, onSelect, onToggle }: ThreadRowProps) {
  const sums = about.kind === 'turn' ? about.turn.totals : about.agent.subtree
  const span = spanOf(about)
  const errors = about.kind === 'turn' ? about.turn.error_count : about.agent.error_count
  return (
    <div
      role="row"
      id={id}
      aria-rowindex={index + 2}
      aria-level={level}
      aria-selected={isSelected}
      aria-expanded={hasRows ? isExpanded : undefined}
      onClick={() => onSelect(index)}
      onDoubleClick={() => onToggle(index)}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      className={`${frame(isSelected)} ${level === 1 ? 'border-t border-line' : ''}`}
    >
      <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
        <Indent level={level} />
        <button
          type="button"
          tabIndex={-1}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation()
            onToggle(index)
          }}
          className="h-7 w-4 shrink-0 text-12 text-muted hover:text-ink"
        >
          {hasRows ? (isExpanded ? '▾' : '▸') : ' '}
        </button>
        <ThreadName about={about} />
        {errors > 0 && !isExpanded && (
          <span className="ml-auto shrink-0 pl-1 text-12 text-bad" title={`${errors} errors in it`}>
            ✕ {countText(errors)}
          </span>
        )}
      </span>
      <span role="gridcell" className={`${FIGURE} text-muted`} title={span ? `from its first to its last step: ${durationExact(span.to - span.from)}` : 'time unknown'}>
        {span ? durationText(span.to - span.from) : '–'}
      </span>
      <span role="gridcell" className={`${FIGURE} font-semibold`}>
        <UsdCell amount={sums.cost_usd} basis={sums.cost_basis} places={3} />
      </span>
      <span role="gridcell" className={`${FIGURE} ${WIDE_ONLY}`} title={`with all agents below it\n${tokenWords(sums)}`}>
        {countText(tokenSum(sums))}
      </span>
      <span role="gridcell" className={`relative h-7 overflow-hidden ${WIDE_ONLY}`}>
        <FoldMarks scale={scale} />
        <ThreadBar span={span} scale={scale} isOpen={isLive} />
      </span>
    </div>
  )
})

function ThreadName({ about }: { about: ThreadFacts }) {
  if (about.kind === 'turn') {
    const { turn, number } = about
    return (
      <>
        <span className="shrink-0 font-semibold">{turn.prompt_id === null ? 'before the first prompt' : `turn ${number}`}</span>
        {!turn.is_human && turn.prompt_id !== null && (
          <span className="shrink-0 text-12 text-muted" title="Claude Code wrote this prompt, not a person">
            machine
          </span>
        )}
        {turn.label !== null && <AgentLine text={turn.label} className="!font-sans !text-13 text-muted" />}
      </>
    )
  }
  const { agent } = about
  const end = agentEnd(about)
  return (
    <>
      <span className="shrink-0 font-semibold" title={`${agent.kind}, ${agent.model ?? 'model unknown'}`}>
        <span className="font-normal text-muted">{agent.kind === 'subagent' ? 'agent' : agent.kind}</span> {agent.agent_type ?? ''}
      </span>
      <AgentLine text={agent.description ?? agent.agent_id} className="!font-sans !text-13 text-muted" />
      {end && (
        <span className={`ml-auto shrink-0 pl-1 text-12 ${end.tone}`} title={end.meaning}>
          {end.word}
        </span>
      )}
    </>
  )
}

/** What is worth saying of how an agent ended, or of where it came from. */
function agentEnd(about: ThreadFacts & { kind: 'agent' }): { word: string; tone: string; meaning: string } | null {
  if (about.agent.is_orphan) return { word: 'orphan', tone: 'text-wait', meaning: 'No call that spawned it is known, and none will come' }
  if (about.agent.end === 'failed') return { word: 'failed', tone: 'text-bad', meaning: 'The agent failed' }
  if (about.agent.end === 'killed') return { word: 'killed', tone: 'text-wait', meaning: 'The agent was stopped' }
  return null
}
