// The home page: in five seconds, is all well? What needs me first, then who runs, what it costs, what breaks, and
// whether everything is captured.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useRef, type ReactNode } from 'react'
import { overview } from '@/api/figures'
import { budgets } from '@/api/budgets'
import { projectList } from '@/api/queries'
import { latestAlerts, openAlerts, pastAlerts } from '@/api/alerts'
import type { AlertRecord, OpenAlerts, OverviewRecord } from '@/api/types'
import { BudgetBars } from '@/components/budget-bars'
import { Explained } from '@/components/explained'
import { ExactUsd } from '@/components/figure'
import { useItemKeys } from '@/components/item-keys'
import { useKeys } from '@/components/keys'
import { useNow } from '@/components/now'
import { PageHead, Section } from '@/components/page-head'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { countAtLeast } from '@/lib/severity'
import { counted, countText } from '@/lib/count'
import { dayOfMs, weekdayOf } from '@/lib/day'
import { answerOf } from './answer'
import { Days } from './days'
import { AlertItem, ErrorItem, SessionItem } from './items'

const NONE: readonly AlertRecord[] = []

export interface OverviewPlace {
  shown?: string | undefined
}

export function OverviewPage({ place, onPlace }: { place: OverviewPlace; onPlace: (change: OverviewPlace) => void }) {
  const answer = useQuery(overview())
  const open = useQuery(openAlerts()).data ?? null
  const latest = useQuery(latestAlerts()).data?.alerts ?? NONE
  const now = useNow(10_000)
  const frame = useRef<HTMLDivElement>(null)
  // A quiet month is not an empty store.
  const isBlank = useQuery(projectList()).data?.projects.length === 0 && answer.data?.today.session_count === 0
  const isTable = place.shown === 'table'
  const toggle = (): void => onPlace({ shown: isTable ? undefined : 'table' })
  useItemKeys(frame, 'Overview')
  useKeys([{ keys: ['t'], label: 'Charts or their tables', group: 'Overview', run: toggle }])
  const record = answer.data
  if (!record) {
    if (answer.isError) return <Failure error={answer.error} onRetry={() => void answer.refetch()} />
    return <SkeletonRows count={12} />
  }
  return (
    <>
      <PageHead title="Overview" answer={<Sentence record={record} open={open} now={now} />} />
      <div ref={frame} className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
        {isBlank ? <FirstSteps record={record} /> : <Body record={record} open={open} latest={latest} now={now} isTable={isTable} onToggle={toggle} />}
      </div>
    </>
  )
}

function Sentence({ record, open, now }: { record: OverviewRecord; open: OpenAlerts | null; now: number }) {
  const answer = answerOf(record, open, weekdayOf(dayOfMs(now)))
  const { today, usual } = record
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      {answer.isAllWell && (
        <span className="text-good">
          <span aria-hidden="true">● </span>All is well
        </span>
      )}
      <span>
        <ExactUsd amount={today.cost_usd} basis={today.cost_basis} /> today
        <span className="text-13 text-muted" title={`${usual.basis}; ${counted(usual.day_count, 'such day')} known`}>
          {answer.usual === null ? `, no usual known yet` : `, ${answer.usual}`}
        </span>
      </span>
      <Explained totals={record.reported} of="alive on the last 30 days" range="30d" />
      {answer.waitingCount > 0 && (
        <Link to="/live" className="text-wait hover:underline">
          <span aria-hidden="true">◆ </span>
          {answer.waitingCount} {answer.waitingCount === 1 ? 'session waits' : 'sessions wait'} for you
        </Link>
      )}
      {answer.alertCount > 0 && (
        <Link to="/alerts" className="text-high hover:underline">
          <span aria-hidden="true">▲ </span>
          {answer.alertWords} {answer.alertCount === 1 ? 'alert' : 'alerts'}
        </Link>
      )}
      {!answer.isCaptureHealthy && (
        <Link to="/capture" className="text-bad hover:underline">
          <span aria-hidden="true">✕ </span>capture has gaps
        </Link>
      )}
    </p>
  )
}

interface BodyProps {
  record: OverviewRecord
  open: OpenAlerts | null
  latest: readonly AlertRecord[]
  now: number
  isTable: boolean
  onToggle: () => void
}

function Body({ record, open, latest: newest, now, isTable, onToggle }: BodyProps) {
  const { waiting, running, errors, today } = record
  const busy = running.filter((session) => !waiting.some((each) => each.session_id === session.session_id))
  const openCount = open ? countAtLeast(open) : 0
  const latest = newest.filter((alert) => alert.state === 'open')
  return (
    <div className="grid gap-x-10 gap-y-6 px-4 py-4 lg:grid-cols-[minmax(0,3fr)_minmax(320px,2fr)]">
      <div className="flex min-w-0 flex-col gap-6" data-column>
        <Section title="Waits for you" note={waiting.length === 0 ? undefined : counted(waiting.length, 'session')} aside={waiting.length > 0 && <More to="/live">Live</More>}>
          {waiting.length === 0 ? <Nothing>No session asks for anything.</Nothing> : waiting.map((session) => <SessionItem key={session.session_id} session={session} now={now} />)}
        </Section>
        <Section title="Dangerous" note={openCount === 0 ? undefined : `${countText(openCount)} open, the latest`} aside={openCount > 0 && <More to="/alerts">All alerts</More>}>
          {latest.length === 0 ? <Nothing>{open === null ? 'Whether an alert is open is not known: the server did not tell.' : openCount === 0 ? <NoneOpen /> : 'The latest are dealt with; older ones are open.'}</Nothing> : latest.map((alert) => <AlertItem key={alert.alert_id} alert={alert} now={now} />)}
        </Section>
        <Section title="Runs now" note={busy.length === 0 ? undefined : counted(busy.length, 'session')} aside={busy.length > 0 && <More to="/live">Live</More>}>
          {busy.length === 0 ? <Nothing>Nothing runs.</Nothing> : busy.map((session) => <SessionItem key={session.session_id} session={session} now={now} />)}
        </Section>
        <Section title="Broke lately" note={today.error_count > 0 ? `${counted(today.error_count, 'error')} today` : undefined}>
          {errors.length === 0 ? <Nothing>No error today.</Nothing> : errors.map((error) => <ErrorItem key={error.event_id} error={error} now={now} />)}
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-6" data-column>
        <Days record={record} isTable={isTable} onToggle={onToggle} />
        <Budgets now={now} />
        <Section title="Dearest today" note={`of ${counted(today.session_count, 'session')}, ${counted(today.tool_call_count, 'tool call')}`} aside={<More to="/cost">Cost</More>}>
          {record.dearest_today.length === 0 ? <Nothing>Nothing was spent today.</Nothing> : record.dearest_today.map((session) => <SessionItem key={session.session_id} session={session} now={now} shape="short" />)}
        </Section>
        <Section title="Capture" aside={<More to="/capture">Details</More>}>
          {record.capture.is_healthy && record.capture.problems.length === 0 ? (
            <p className="py-1.5">
              <span aria-hidden="true" className="text-good">
                ●{' '}
              </span>
              Everything is captured.
            </p>
          ) : (
            <ul className="py-1.5">
              {record.capture.problems.map((problem) => (
                <li key={problem}>
                  <span aria-hidden="true" className={record.capture.is_healthy ? 'text-wait' : 'text-bad'}>
                    {record.capture.is_healthy ? '▲' : '✕'}{' '}
                  </span>
                  {problem}
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
    </div>
  )
}

/** Those used most; none where nobody set one. */
function Budgets({ now }: { now: number }) {
  const list = useQuery(budgets()).data
  if (!list || list.budgets.length === 0) return null
  return (
    <Section title="Budgets" note={list.burn.is_alarming ? <span className="text-high">▲ money burns</span> : undefined} aside={<More to="/cost">Cost</More>}>
      <BudgetBars budgets={list.budgets} now={now} most={4} />
    </Section>
  )
}

function More({ to, children }: { to: '/live' | '/alerts' | '/cost' | '/capture'; children: ReactNode }) {
  return (
    <Link to={to} className="text-accent hover:underline">
      {children}
    </Link>
  )
}

function Nothing({ children }: { children: ReactNode }) {
  return <p className="py-1.5 text-muted">{children}</p>
}

/** What came with old transcripts asks for nothing, and is not hidden either. */
function NoneOpen() {
  const past = useQuery(pastAlerts()).data
  const count = past ? countAtLeast(past) : 0
  if (count === 0) return 'No alert is open.'
  return (
    <>
      No alert is open.{' '}
      <Link to="/alerts" search={{ age: 'past' }} className="text-accent hover:underline">
        {counted(count, 'past one')} from before Argus watched
      </Link>
    </>
  )
}

function FirstSteps({ record }: { record: OverviewRecord }) {
  return (
    <Empty title="Nothing was captured yet.">
      <p>
        Start Claude Code in any project: the session shows here as it runs. Sessions from before come in with <ShellCommand>argus import</ShellCommand>.
      </p>
      {record.capture.problems.length > 0 && (
        <ul className="mt-3">
          {record.capture.problems.map((problem) => (
            <li key={problem}>
              <span aria-hidden="true" className="text-bad">
                ✕{' '}
              </span>
              {problem}
            </li>
          ))}
        </ul>
      )}
      <p className="mt-3">
        To look around first, <ShellCommand>argus demo</ShellCommand> opens made-up sessions in a database of their own.
      </p>
    </Empty>
  )
}
