// The views of one session and the state they share: selection, expansion, time axis.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { sessionAlerts } from '@/api/alerts'
import { compactionSteps, errorSteps } from '@/api/queries'
import type { AlertRecord, EventRecord, Trace } from '@/api/types'
import { Split } from '@/components/split'
import { Tabs } from '@/components/tabs'
import { counted, countText } from '@/lib/count'
import { ancestorsOf, indexOf, rowAt } from '@/lib/outline'
import { momentMs } from '@/lib/time'
import type { Span } from '@/lib/timescale'
import { AlertList } from './alert-lines'
import { axisOf } from './axis'
import { jumpsOf, type Jump } from './chips'
import { ContextView, type ContextAgent } from './context'
import { StepDetails } from './details'
import { TraceGrid, type GridHandle, type VisibleRows } from './grid'
import { JumpChips, SessionHeader } from './header'
import { AgentList, ErrorList } from './lists'
import { MoneyMap } from './map'
import { Minimap } from './minimap'
import { eventKey, parseZoom, selectionText, type Selection, type SessionPlace } from './place'
import { ThreadDetails } from './thread-details'
import { agentKey, agentName, buildThreads, spanOf, threadKeyOf, wayTo, type ThreadFacts } from './threads'
import { Transcript } from './transcript'
import { useChains } from './use-chains'
import { useExpansion } from './use-expansion'
import { useSelectedPlace, useSelecting } from './use-selection'
import { useLocate, useSteps } from './use-steps'
import { useTraceKeys } from './use-trace-keys'

const NO_ALERTS: readonly AlertRecord[] = []
const VIEWS = ['trace', 'transcript', 'errors', 'alerts', 'agents', 'context', 'map'] as const
type View = (typeof VIEWS)[number]

interface SessionViewProps {
  trace: Trace
  place: SessionPlace
  onPlace: (change: SessionPlace) => void
}

export function SessionView({ trace, place, onPlace }: SessionViewProps) {
  const { session } = trace
  const navigate = useNavigate()
  const grid = useRef<GridHandle>(null)
  const threads = useMemo(() => buildThreads(trace), [trace])
  const { layout, isExpanded, setExpanded } = useExpansion(threads, place, onPlace)
  const [visible, setVisible] = useState<VisibleRows>({ first: 0, last: 40, isAtEnd: true })
  const zoom = useMemo(() => parseZoom(place.zoom), [place.zoom])
  const axis = useMemo(() => axisOf(threads.spans, place.gaps, zoom), [threads, place.gaps, zoom])
  const view: View = VIEWS.find((each) => each === place.view) ?? 'trace'
  const isLive = session.status === 'running' || session.status === 'waiting'

  const locate = useLocate(session.session_id, threads)
  const selection = useSelectedPlace(place)
  const onMoved = useCallback((rows: number) => grid.current?.shift(rows), [])
  const steps = useSteps(session.session_id, layout, visible, selection)
  const { select, shown } = useSelecting(selection, { sessionId: session.session_id, place, onPlace, step: steps.step, locate, onMoved })
  const client = useQueryClient()
  const errorQuery = useMemo(() => errorSteps(session.session_id, session.error_count), [session.session_id, session.error_count])
  const errors = useQuery({ ...errorQuery, enabled: session.error_count > 0 })
  /** The errors, waiting for them if they are on their way. */
  const loadErrors = async (): Promise<readonly EventRecord[]> => (session.error_count === 0 ? [] : (await client.ensureQueryData(errorQuery)).events)
  const alerts = useQuery(sessionAlerts(session.session_id, session.alert_count))
  const chains = useChains(session.session_id, session.alert_count, { layout, visible, step: steps.step, locate, selectedId: shown?.event_id ?? null, stepCount: threads.stepCount })
  const compactions = useQuery({ ...compactionSteps(session.session_id, session.compaction_count), enabled: session.compaction_count > 0 })

  /** Opens the way to a row, selects it and brings it into sight. */
  const goTo = useCallback(
    (next: Selection): void => {
      const above = ancestorsOf(layout, next.key).map((thread) => thread.key)
      setExpanded(next.step === null ? above : [...above, next.key], 'open')
      select(next)
    },
    [layout, setExpanded, select],
  )
  const goToEvent = useCallback(
    async (event: EventRecord | string): Promise<void> => {
      const found = await locate(event, null)
      if (!found) return
      setExpanded([...ancestorsOf(layout, found.key).map((thread) => thread.key), found.key], 'open')
      onPlace({ at: selectionText(found), step: eventKey(typeof event === 'string' ? event : event.event_id) })
    },
    [locate, layout, setExpanded, onPlace],
  )
  const follow = useCallback((eventId: string) => void goToEvent(eventId), [goToEvent])
  const jump = (chosen: Jump): void => {
    onPlace({ view: chosen.kind === 'alerts' ? 'alerts' : undefined })
    if (chosen.kind === 'alerts') return
    if (chosen.kind === 'step') return follow(chosen.eventId)
    if (chosen.kind === 'row') goTo(chosen.to)
    else if (chosen.kind === 'session') void navigate({ to: '/sessions/$sessionId', params: { sessionId: chosen.sessionId } })
    else if (chosen.kind === 'end') goToLastStep()
    else void loadErrors().then((all) => all[0] && goToEvent(all[0]))
  }
  const goToLastStep = (): void => {
    const last = threads.roots.at(-1)
    if (last) goTo({ key: last.key, step: last.stepCount === 0 ? null : last.stepCount - 1 })
  }

  // A selection from a link or a jump may be hidden in closed threads, or out of sight.
  const revealed = useRef<string | null>(null)
  const selectionName = selection ? selectionText(selection) : null
  useEffect(() => {
    // What was chosen in another view is looked for once the trace is shown.
    if (view !== 'trace') revealed.current = null
    if (!selection || selectionName === revealed.current || view !== 'trace') return
    const at = indexOf(layout, selection.key, selection.step)
    if (at === null) {
      const closed = [...ancestorsOf(layout, selection.key).map((thread) => thread.key), ...(selection.step === null ? [] : [selection.key])].filter((key) => !isExpanded(key))
      if (closed.length > 0) setExpanded(closed, 'open')
      return
    }
    revealed.current = selectionName
    grid.current?.reveal(at)
  }, [selection, selectionName, layout, isExpanded, setExpanded, view])

  const selectIndex = useCallback(
    (index: number): void => {
      const row = rowAt(layout, index)
      if (row) select({ key: row.thread.key, step: row.step })
      grid.current?.focus()
    },
    [layout, select],
  )
  const toggleIndex = useCallback(
    (index: number): void => {
      const row = rowAt(layout, index)
      if (row) setExpanded([row.thread.key], isExpanded(row.thread.key) ? 'closed' : 'open')
    },
    [layout, isExpanded, setExpanded],
  )
  const setZoom = (span: Span | null): void => {
    if (!span) return onPlace({ zoom: undefined })
    const from = Math.max(0, Math.floor(span.from - axis.startMs))
    onPlace({ zoom: `${from}-${Math.max(from + 1, Math.ceil(span.to - axis.startMs))}` })
  }

  useTraceKeys({
    layout,
    threads,
    selection,
    shown,
    chains,
    loadErrors,
    isTrace: view === 'trace',
    isExpanded,
    setExpanded,
    select,
    goToEvent,
    goTo,
    setView: (next) => onPlace({ view: next === 'trace' ? undefined : next }),
    zoomTo: setZoom,
    isZoomed: zoom !== null,
    toggleGaps: axis.hasGaps ? () => onPlace({ gaps: axis.isFolded ? 'straight' : 'folded' }) : null,
    grid,
  })

  const goToThread = (key: string): void => {
    onPlace({ view: undefined })
    goTo({ key, step: null })
  }
  const showAgent = (agentId: string): void => {
    const thread = threads.byKey.get(agentKey(agentId))
    onPlace({ view: undefined })
    if (thread) goTo({ key: thread.key, step: null })
  }
  const fresh = useFreshSteps(threads.stepCount, visible.isAtEnd)
  const about = selection ? threads.facts.get(selection.key) : undefined
  const close = (): void => {
    select(null)
    grid.current?.focus()
  }
  const side = shown ? (
    <StepDetails event={shown} chains={chains.of(shown.event_id)} way={wayTo(threads, threadKeyOf(shown))} since={session.started_at} onThread={goToThread} tab={place.tab} onTab={(tab) => onPlace({ tab })} onClose={close} />
  ) : selection?.step === null && about ? (
    <ThreadDetails about={about} way={wayTo(threads, selection.key)} onThread={goToThread} onClose={close} />
  ) : null

  return (
    <>
      <SessionHeader trace={trace} />
      <div className="flex h-9 shrink-0 items-center gap-1.5 overflow-x-auto border-b border-line px-4">
        <JumpChips jumps={jumpsOf(session, threads, chains.all)} onJump={jump} />
        <span className="flex-1" />
        {zoom && (
          <button type="button" className="h-6 rounded-md px-2 text-12 text-accent hover:bg-hover" onClick={() => setZoom(null)} title="Show all of the time (0)">
            zoomed, show all
          </button>
        )}
        {axis.hasGaps && (
          <button
            type="button"
            aria-pressed={axis.isFolded}
            className="h-6 rounded-md px-2 text-12 text-muted hover:bg-hover hover:text-ink max-md:hidden"
            title="Fold stretches in which nothing happened, or show time straight (i)"
            onClick={() => onPlace({ gaps: axis.isFolded ? 'straight' : 'folded' })}
          >
            {axis.isFolded ? 'idle time folded' : 'straight time'}
          </button>
        )}
      </div>
      <Minimap
        trace={trace}
        scale={axis.whole}
        errors={errors.data?.events ?? []}
        compactions={compactions.data?.events ?? []}
        alerts={alerts.data?.alerts ?? NO_ALERTS}
        chains={chains.all}
        selectedId={shown?.event_id ?? null}
        seen={view === 'trace' ? seenSpan(layout, visible, threads, steps.step) : null}
        zoom={zoom && { from: axis.startMs + zoom.from, to: axis.startMs + zoom.to }}
        label={`Cost over the whole session; ${counted(session.turn_count, 'turn')}, ${counted(session.error_count, 'error')}, ${counted(session.compaction_count, 'compaction')}`}
        onZoom={setZoom}
        onPick={(ms) => {
          const near = nearestThread(threads, ms)
          if (near) goTo(near)
        }}
      />
      <Split
        name="details"
        label="width of the details"
        width={440}
        main={
          <>
            {view === 'trace' && threads.stepCount + threads.roots.length === 0 && <p className="px-4 py-6 text-muted">Nothing happened in it yet.</p>}
            {view === 'trace' && (
              <div className="relative flex min-h-0 flex-1 flex-col">
                <TraceGrid
                  ref={grid}
                  layout={layout}
                  threads={threads}
                  axis={axis}
                  step={steps.step}
                  selection={selection}
                  isExpanded={isExpanded}
                  isLive={isLive}
                  root={session.project}
                  chains={chains}
                  selectedId={shown?.event_id ?? null}
                  onSelect={selectIndex}
                  onGoTo={follow}
                  onToggle={toggleIndex}
                  onVisible={setVisible}
                />
                {steps.error && (
                  <p role="alert" className="absolute inset-x-0 top-7 bg-raised px-4 py-1 text-bad">
                    ✕ Some steps could not be loaded: {steps.error.message}
                  </p>
                )}
                {fresh > 0 && isLive && (
                  <button
                    type="button"
                    onClick={() => grid.current?.toEnd()}
                    className="absolute bottom-3 left-1/2 h-7 -translate-x-1/2 rounded-md border border-edge bg-raised px-3 hover:bg-hover"
                  >
                    ↓ {counted(fresh, 'new step')}
                  </button>
                )}
              </div>
            )}
            {view === 'transcript' && (
              <Transcript sessionId={session.session_id} threads={threads} selection={selection} selectedId={shown?.event_id ?? null} onPick={(event) => void goToEvent(event)} />
            )}
            {view === 'errors' && (
              <ErrorList errors={errors.data?.events ?? []} total={errors.data?.total ?? 0} threads={threads} since={session.started_at} selectedId={shown?.event_id ?? null} onPick={(event) => void goToEvent(event)} />
            )}
            {view === 'alerts' && (
              <AlertList alerts={alerts.data?.alerts ?? []} hasMore={(alerts.data?.next_cursor ?? null) !== null} since={session.started_at} selectedId={shown?.event_id ?? null} onPick={(id) => void goToEvent(id)} onPickAgent={showAgent} />
            )}
            {view === 'agents' && <AgentList threads={threads} selection={selection} onPick={goTo} />}
            {view === 'context' && (
              <ContextView
                sessionId={session.session_id}
                agent={agentOf(about, shown) ?? MAIN_AGENT}
                isAsked={about !== undefined || shown !== undefined}
                hasOthers={session.agent_count > 0}
                nameOf={(id) => agentName(threads, id)}
                selectedId={shown?.event_id ?? null}
                onPick={(id) => void goToEvent(id)}
                onPickAgent={showAgent}
              />
            )}
            {view === 'map' && <MoneyMap sessionId={session.session_id} agents={trace.agents} onPick={showAgent} />}
            <div className="shrink-0 border-t border-line px-1">
              <Tabs
                label="Views of the session"
                edge="top"
                tabs={[
                  { key: 'trace', label: `Trace ${countText(threads.stepCount)}` },
                  { key: 'transcript', label: 'Transcript' },
                  { key: 'errors', label: `Errors ${countText(session.error_count)}` },
                  { key: 'alerts', label: `Alerts ${countText(session.alert_count)}` },
                  { key: 'agents', label: `Agents ${countText(session.agent_count)}` },
                  { key: 'context', label: 'Context' },
                  { key: 'map', label: 'Map' },
                ]}
                chosen={view}
                onChoose={(next) => onPlace({ view: next === 'trace' ? undefined : next })}
              />
            </div>
          </>
        }
        side={side}
      />
    </>
  )
}

const MAIN_AGENT: ContextAgent = { id: 'main', name: 'the main agent' }

/** Whose context is meant: the selected agent's, or that of the selected step's agent; null where nothing is selected. */
function agentOf(about: ThreadFacts | undefined, shown: EventRecord | undefined): ContextAgent | null {
  if (shown) return shown.agent_id === 'main' ? MAIN_AGENT : { id: shown.agent_id, name: `agent ${shown.agent_id}` }
  if (about?.kind === 'agent') return { id: about.agent.agent_id, name: about.agent.agent_type ?? about.agent.agent_id }
  return about ? MAIN_AGENT : null
}

/** How many steps came since the end was last in sight. */
function useFreshSteps(stepCount: number, isAtEnd: boolean): number {
  const [seen, setSeen] = useState(stepCount)
  if (isAtEnd && seen !== stepCount) setSeen(stepCount)
  return Math.max(0, stepCount - seen)
}

/** The time of the rows in sight, as far as it is known. */
function seenSpan(layout: ReturnType<typeof useExpansion>['layout'], visible: VisibleRows, threads: ReturnType<typeof buildThreads>, step: (key: string, at: number) => EventRecord | undefined): Span | null {
  const timeAt = (index: number): Span | null => {
    const row = rowAt(layout, index)
    if (!row) return null
    if (row.step === null) {
      const about = threads.facts.get(row.thread.key)
      return about ? spanOf(about) : null
    }
    const at = momentMs(step(row.thread.key, row.step)?.started_at)
    return at === null ? null : { from: at, to: at }
  }
  const first = timeAt(visible.first)
  const last = timeAt(Math.min(visible.last, layout.rowCount - 1))
  if (!first || !last) return null
  return { from: Math.min(first.from, last.from), to: Math.max(first.from, last.to) }
}

/** The turn that covers a moment, and about which of its steps. */
function nearestThread(threads: ReturnType<typeof buildThreads>, ms: number): Selection | null {
  let best: { key: string; span: Span } | null = null
  for (const root of threads.roots) {
    const about = threads.facts.get(root.key)
    const span = about ? spanOf(about) : null
    if (span && span.from <= ms) best = { key: root.key, span }
  }
  return best && { key: best.key, step: null }
}
