// What stands in the overview's lists: a session, an alert, an error. Each is one link.
import { Link } from '@tanstack/react-router'
import type { AlertRecord, OverviewRecord, SessionRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { UsdCell } from '@/components/figure'
import { SeverityMark } from '@/components/severity'
import { StatusMark } from '@/components/status'
import { agoText, momentExact } from '@/lib/time'

const ITEM = 'flex min-h-7 min-w-0 items-center gap-3 border-b border-line py-0.5 hover:bg-hover'

/** `short` leaves out what a narrow column has no room for. */
export function SessionItem({ session, now, shape = 'full' }: { session: SessionRecord; now: number; shape?: 'full' | 'short' }) {
  const waits = session.status === 'waiting' && shape === 'full' ? session.waiting_for : null
  return (
    <Link to="/sessions/$sessionId" params={{ sessionId: session.session_id }} data-item className={ITEM}>
      <span className="w-20 shrink-0 max-sm:w-auto">
        <StatusMark status={session.status} />
      </span>
      <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-3">
        <span className="flex max-w-full min-w-0">
          {session.title === null ? <span className="agent-text truncate text-faint">{session.session_id}</span> : <AgentLine text={session.title} className="!font-sans !text-13" />}
        </span>
        {waits && (
          <span className="flex max-w-full min-w-0 gap-1 text-wait">
            <span className="shrink-0">{waits.kind}:</span>
            <AgentLine text={waits.text} />
          </span>
        )}
        {session.project_name !== null && shape === 'full' && (
          <span className="flex max-w-full min-w-0 text-muted max-sm:hidden">
            <AgentLine text={session.project_name} />
          </span>
        )}
      </span>
      <span className="w-16 shrink-0 text-right whitespace-nowrap">
        $ <UsdCell amount={session.cost_usd} basis={session.cost_basis} />
      </span>
      <span className="w-20 shrink-0 text-right text-muted max-sm:hidden" title={`last sign of life ${momentExact(session.last_at)}`}>
        {agoText(session.last_at, now)}
      </span>
    </Link>
  )
}

export function AlertItem({ alert, now }: { alert: AlertRecord; now: number }) {
  return (
    <Link to="/alerts" search={{ view: 'each', alert: alert.alert_id }} data-item className={ITEM}>
      <span className="w-20 shrink-0">
        <SeverityMark severity={alert.severity} />
      </span>
      <span className="agent-text shrink-0 max-sm:hidden">{alert.rule}</span>
      <span className="flex min-w-0 flex-1 max-sm:[&>bdi]:line-clamp-2 max-sm:[&>bdi]:whitespace-normal">
        <AgentLine text={alert.reason} className="!font-sans !text-13" />
      </span>
      <span className="w-20 shrink-0 text-right text-muted max-sm:hidden" title={momentExact(alert.last_seen_at ?? alert.raised_at)}>
        {agoText(alert.last_seen_at ?? alert.raised_at, now)}
      </span>
    </Link>
  )
}

export function ErrorItem({ error, now }: { error: OverviewRecord['errors'][number]; now: number }) {
  return (
    <Link to="/sessions/$sessionId" params={{ sessionId: error.session_id }} search={{ step: error.event_id.slice(error.event_id.indexOf('~') + 1) }} data-item className={ITEM}>
      <span aria-hidden="true" className="w-3 shrink-0 text-center text-bad">
        ✕
      </span>
      <span className="flex max-w-[40%] min-w-0 shrink-0">
        <AgentLine text={error.label ?? 'step'} />
      </span>
      <span className="flex min-w-0 flex-1 text-bad">{error.error === null ? <span className="text-muted">no words are known</span> : <AgentLine text={error.error} />}</span>
      {error.session_title !== null && (
        <span className="flex max-w-[28%] min-w-0 shrink-0 text-muted max-sm:hidden">
          <AgentLine text={error.session_title} className="!font-sans !text-13" />
        </span>
      )}
      <span className="w-20 shrink-0 text-right text-muted" title={momentExact(error.at)}>
        {agoText(error.at, now)}
      </span>
    </Link>
  )
}
