// The live page: who runs now, and who waits for me? A board of the open sessions by state; what a session waits for
// stands in words, so that one knows whether to go there.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useRef } from 'react'
import { moneyAlarms } from '@/api/alerts'
import { budgets } from '@/api/budgets'
import { guard, useGuardOrders } from '@/api/guard'
import { sessionsInState } from '@/api/queries'
import type { SessionRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { ExactUsd, UsdCell } from '@/components/figure'
import { ReleaseButton } from '@/components/guard-release'
import { useItemKeys } from '@/components/item-keys'
import { useSay } from '@/components/notices'
import { useNow } from '@/components/now'
import { FilterMark, PageHead } from '@/components/page-head'
import { SeverityGlyph, severityTone } from '@/components/severity'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { StatusMark, type StatusWord } from '@/components/status'
import { addCosts, usdText } from '@/lib/money'
import { counted, countText } from '@/lib/count'
import { folderName } from '@/lib/text'
import { agoText, durationText, momentExact, momentMs } from '@/lib/time'
import { modelText } from '@/lib/words'

export interface LivePlace {
  project?: string | undefined
}

const COLUMNS = [
  { status: 'waiting', title: 'Waits for you', none: 'No session asks for anything.' },
  { status: 'running', title: 'Runs', none: 'Nothing runs.' },
  { status: 'idle', title: 'Ready for the next prompt', none: 'No session is idle.' },
] as const

export function LivePage({ place, onPlace }: { place: LivePlace; onPlace: (change: LivePlace) => void }) {
  const { project } = place
  const waiting = useQuery(sessionsInState({ project, status: 'waiting' }))
  const running = useQuery(sessionsInState({ project, status: 'running' }))
  const idle = useQuery(sessionsInState({ project, status: 'idle' }))
  const now = useNow(1000)
  const frame = useRef<HTMLDivElement>(null)
  useItemKeys(frame, 'Live')

  const answers = { waiting, running, idle }
  const failed = Object.values(answers).find((answer) => answer.isError && !answer.data)
  if (failed?.error) return <Failure error={failed.error} onRetry={() => void Promise.all(Object.values(answers).map((answer) => answer.refetch()))} />
  if (!waiting.data || !running.data || !idle.data) return <SkeletonRows count={8} />
  const board = { waiting: waiting.data, running: running.data, idle: idle.data }
  const all = COLUMNS.flatMap(({ status }) => board[status].sessions)
  return (
    <>
      <PageHead title="Live" answer={<Answer sessions={all} />}>
        {project !== undefined && <FilterMark text={folderName(project)} onRemove={() => onPlace({ project: undefined })} />}
      </PageHead>
      <Stopped />
      <Alarms now={now} />
      {all.length === 0 ? (
        <Empty title="No session is open.">
          <p>
            Start Claude Code in any project and it shows here at once. If it does not, <ShellCommand>argus doctor</ShellCommand> says why.
          </p>
        </Empty>
      ) : (
        <div ref={frame} tabIndex={-1} className="grid min-h-0 flex-1 grid-cols-3 divide-x divide-line overflow-hidden max-md:block max-md:divide-x-0 max-md:overflow-y-auto">
          {COLUMNS.map((column) => (
            <Column key={column.status} {...column} sessions={board[column.status].sessions} hasMore={board[column.status].next_cursor !== null} now={now} />
          ))}
        </div>
      )}
    </>
  )
}

/** Whom a used-up budget stops now, with the way out. */
function Stopped() {
  const stops = (useQuery(guard()).data?.stops ?? []).filter((stop) => !stop.is_released && (stop.is_for_all || stop.session_ids.length > 0))
  const orders = useGuardOrders()
  const say = useSay()
  if (stops.length === 0) return null
  const release = (budget: string, minutes: number): void =>
    void orders.release({ session_id: null, rule: null, budget, minutes }).then(
      () => say({ text: `Budget ${budget} is let pass` }),
      (cause: unknown) => say({ text: cause instanceof Error ? cause.message : 'It could not be done.', tone: 'bad' }),
    )
  return (
    <ul aria-label="Stopped by a budget" className="shrink-0 border-b border-line px-4 py-1">
      {stops.map((stop) => (
        <li key={`${stop.budget} ${stop.said}`} className="flex min-w-0 flex-wrap items-center gap-x-3 py-0.5">
          <span className="shrink-0 text-bad">
            <span aria-hidden="true">■ </span>
            {stop.is_for_all ? 'every session is stopped' : `${counted(stop.session_ids.length, 'session')} stopped`}
          </span>
          <AgentLine text={stop.said} className="!font-sans !text-13" />
          <ReleaseButton what={`budget ${stop.budget}`} className="h-6 shrink-0 rounded-md border border-edge px-2 text-12 hover:bg-hover" onRelease={(minutes) => release(stop.budget, minutes)} />
          <Link to="/guard" className="shrink-0 text-12 text-accent hover:underline">
            the guard
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** What costs too much right now: money that burns, and the latest open alerts about money and agents. */
function Alarms({ now }: { now: number }) {
  const burn = useQuery(budgets()).data?.burn
  const open = (useQuery(moneyAlarms()).data?.alerts ?? []).filter((alert) => alert.state === 'open')
  if (!burn?.is_alarming && open.length === 0) return null
  return (
    <ul aria-label="Alarms about money and agents" className="shrink-0 border-b border-line px-4 py-1">
      {burn?.is_alarming && (
        <li className="text-high">
          <span aria-hidden="true">▲ </span>
          {usdText(burn.hour_usd, 'priced')} in the last hour, {burn.usual_usd === null ? 'far more than usual' : `${usdText(burn.usual_usd, 'priced')} is usual`}
        </li>
      )}
      {open.map((alert) => (
        <li key={alert.alert_id}>
          <Link to="/alerts" search={{ view: 'each', alert: alert.alert_id }} className="flex min-w-0 items-baseline gap-2 hover:underline">
            <span className={severityTone(alert.severity)}>
              <SeverityGlyph severity={alert.severity} />
            </span>
            <AgentLine text={alert.reason} className="!font-sans !text-13" />
            <span className="shrink-0 text-12 text-muted">{agoText(alert.last_seen_at ?? alert.raised_at, now)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Answer({ sessions }: { sessions: readonly SessionRecord[] }) {
  const count = (status: StatusWord): number => sessions.filter((session) => session.status === status).length
  const cost = addCosts(sessions.filter((session) => session.cost_basis !== null))
  const alerts = sessions.reduce((sum, session) => sum + session.open_alert_count, 0)
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      {count('waiting') > 0 ? (
        <span className="text-wait">
          <span aria-hidden="true">◆ </span>
          {count('waiting')} {count('waiting') === 1 ? 'session waits' : 'sessions wait'} for you
        </span>
      ) : (
        <span>Nothing waits for you</span>
      )}
      <span>
        {count('running')} running, {count('idle')} idle
      </span>
      {sessions.length > 0 && (
        <span className="text-13 text-muted">
          <ExactUsd amount={cost.cost_usd} basis={cost.cost_basis} /> so far in {counted(sessions.length, 'open session')}
          {alerts > 0 && `, ${counted(alerts, 'open alert')}`}
        </span>
      )}
    </p>
  )
}

interface ColumnProps {
  status: StatusWord
  title: string
  none: string
  sessions: readonly SessionRecord[]
  hasMore: boolean
  now: number
}

function Column({ status, title, none, sessions, hasMore, now }: ColumnProps) {
  return (
    <section aria-label={title} data-column className="flex min-h-0 min-w-0 flex-col max-md:mb-4">
      <h2 className="flex h-8 shrink-0 items-center gap-2 border-b border-line px-4">
        {title} <span className="font-normal text-muted">{countText(sessions.length)}{hasMore ? ' or more' : ''}</span>
      </h2>
      <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={sessions.length > 0 ? -1 : undefined}>
        {sessions.length === 0 ? <p className="px-4 py-2 text-muted">{none}</p> : sessions.map((session) => <Card key={session.session_id} session={session} now={now} />)}
        {hasMore && (
          <Link to="/sessions" search={{ status }} data-item className="block px-4 py-2 text-accent hover:underline">
            All of them
          </Link>
        )}
      </div>
    </section>
  )
}

function Card({ session, now }: { session: SessionRecord; now: number }) {
  const waits = session.waiting_for
  const started = momentMs(session.started_at)
  return (
    <Link to="/sessions/$sessionId" params={{ sessionId: session.session_id }} data-item className="block border-b border-line px-4 py-2 hover:bg-hover">
      <span className="flex min-w-0 items-baseline gap-2">
        <StatusMark status={session.status} />
        <span className="flex min-w-0 flex-1 font-semibold">
          {session.title === null ? <span className="agent-text truncate text-faint">{session.session_id}</span> : <AgentLine text={session.title} className="!font-sans !text-13" />}
        </span>
        <span className="shrink-0 text-muted" title={`last sign of life ${momentExact(session.last_at)}`}>
          {agoText(session.last_at, now)}
        </span>
      </span>
      {session.status === 'waiting' && (
        <span className="mt-1 flex min-w-0 gap-2 rounded-sm border-l-2 border-wait bg-raised px-2 py-1">
          <span className="shrink-0 text-wait">{waits?.kind ?? 'waits'}</span>
          {waits ? <AgentLine text={waits.text} /> : <span className="text-muted">for what is not told</span>}
        </span>
      )}
      <span className="mt-0.5 flex min-w-0 flex-wrap gap-x-3 text-12 text-muted">
        <span className="flex max-w-full min-w-0">{session.project_name === null ? '–' : <AgentLine text={session.project_name} />}</span>
        {session.git_branch !== null && (
          <span className="flex max-w-full min-w-0">
            <AgentLine text={session.git_branch} />
          </span>
        )}
        <span title={session.model ?? 'No model has answered yet'}>{modelText(session.model)}</span>
        <span title="since its start">{started === null ? '–' : durationText(now - started)}</span>
        <span>
          $ <UsdCell amount={session.cost_usd} basis={session.cost_basis} />
        </span>
        <span>{counted(session.tool_call_count, 'tool call')}</span>
        {session.error_count > 0 && <span className="text-bad">✕ {counted(session.error_count, 'error')}</span>}
        {session.worst_severity && session.open_alert_count > 0 && (
          <span className={`inline-flex items-center gap-1 ${severityTone(session.worst_severity)}`}>
            <SeverityGlyph severity={session.worst_severity} />
            {counted(session.open_alert_count, 'open alert')}
          </span>
        )}
      </span>
    </Link>
  )
}
