// The guard page: is it asked, what does it stop, what is let pass, and what did it answer lately?
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { guard, guardedPages, isGuarding, useGuardOrders } from '@/api/guard'
import type { EventRecord, GuardRecord, GuardRelease, GuardSettings, GuardStop } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { GUARD_LOOKS, guardRules } from '@/components/guard-look'
import { ReleaseButton } from '@/components/guard-release'
import { useSay } from '@/components/notices'
import { useNow } from '@/components/now'
import { PageHead } from '@/components/page-head'
import { Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { countExact, counted } from '@/lib/count'
import { agoText, momentExact, stampText } from '@/lib/time'

const BUTTON = 'h-6 shrink-0 rounded-md border border-edge px-2 text-12 hover:bg-hover'

export function GuardPage() {
  const answer = useQuery(guard())
  const now = useNow(1000)
  const record = answer.data
  if (!record) return answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : <SkeletonRows count={8} />
  return (
    <>
      <PageHead title="Guard" answer={<Answer record={record} />} />
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0} role="region" aria-label="The guard">
        <Stops stops={record.stops} />
        <Releases releases={record.releases} now={now} />
        <Decisions now={now} />
        <Section title="Settings" note="which of Claude Code's settings name the guard">
          <ul>
            {record.settings.map((each) => (
              <SettingsLine key={each.path} settings={each} isPlaced={record.is_placed} />
            ))}
          </ul>
        </Section>
      </div>
    </>
  )
}

function Answer({ record }: { record: GuardRecord }) {
  if (!isGuarding(record)) {
    return (
      <p>
        <span>The guard is not installed; nothing is stopped. </span>
        <span className="text-13 text-muted">
          <ShellCommand>argus install --guard</ShellCommand> installs it.
        </span>
      </p>
    )
  }
  const stopped = record.stops.filter((stop) => !stop.is_released).length
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>
        <span aria-hidden="true" className="text-good">
          ●{' '}
        </span>
        The guard answers before each tool call
      </span>
      {stopped > 0 && <span className="text-13 text-bad">{counted(stopped, 'budget')} used up and stopping</span>}
      {record.releases.length > 0 && <span className="text-13 text-wait">{countExact(record.releases.length)} let pass now</span>}
    </p>
  )
}

function Section({ title, note, action, children }: { title: string; note: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="mb-5 max-w-[1100px] min-w-0">
      <div className="flex items-baseline gap-2 border-b border-line pb-1">
        <h2>{title}</h2>
        <span className="text-muted">{note}</span>
        {action !== undefined && <span className="ml-auto">{action}</span>}
      </div>
      <div className="py-1">{children}</div>
    </section>
  )
}

function Stops({ stops }: { stops: readonly GuardStop[] }) {
  const orders = useGuardOrders()
  const say = useSay()
  if (stops.length === 0) return null
  const release = (stop: GuardStop, minutes: number): void =>
    void orders.release({ session_id: null, rule: null, budget: stop.budget, minutes }).then(
      () => say({ text: `Budget ${stop.budget} is let pass` }),
      (cause: unknown) => say({ text: wordsOf(cause), tone: 'bad' }),
    )
  return (
    <Section title="Stopped" note="budgets that are used up and stop">
      <ul>
        {stops.map((stop) => (
          <li key={`${stop.budget} ${stop.said}`} className="py-1">
            <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">
              <span className={stop.is_released ? 'text-wait' : 'text-bad'}>{stop.is_released ? 'let pass' : 'stopped'}</span>
              <AgentLine text={stop.said} className="!font-sans !text-13" />
              {!stop.is_released && <ReleaseButton what={`budget ${stop.budget}`} className={BUTTON} onRelease={(minutes) => release(stop, minutes)} />}
              <Link to="/settings" className="text-12 text-accent hover:underline">
                raise it
              </Link>
            </span>
            <span className="flex flex-wrap gap-x-3 text-12 text-muted">
              {stop.is_for_all ? 'every session' : stop.session_ids.length === 0 ? 'nobody who is there now' : stop.session_ids.map((id) => <SessionLink key={id} sessionId={id} />)}
              {stop.until !== null && <span title={momentExact(stop.until)}>until {stampText(stop.until)}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Releases({ releases, now }: { releases: readonly GuardRelease[]; now: number }) {
  const orders = useGuardOrders()
  const say = useSay()
  const close = (id: string | null): void =>
    void orders.close(id).then(
      () => say({ text: id === null ? 'Nothing is let pass any more' : 'Taken back' }),
      (cause: unknown) => say({ text: wordsOf(cause), tone: 'bad' }),
    )
  return (
    <Section
      title="Let pass"
      note="what a person lets pass now"
      action={
        releases.length > 1 && (
          <button type="button" className={BUTTON} onClick={() => close(null)}>
            Take all back
          </button>
        )
      }
    >
      {releases.length === 0 ? (
        <p className="text-muted">Nothing.</p>
      ) : (
        <ul>
          {releases.map((release) => (
            <li key={release.release_id} className="flex min-h-7 min-w-0 flex-wrap items-center gap-x-3">
              <AgentLine text={release.budget === null ? (release.rule ?? 'every rule') : `budget ${release.budget}`} />
              <span className="flex min-w-0 gap-1 text-muted">in {release.session_id === null ? 'every session' : <SessionLink sessionId={release.session_id} />}</span>
              <span className="text-muted" title={momentExact(release.until)}>
                {leftText(release.until, now)}
              </span>
              <button type="button" className={BUTTON} onClick={() => close(release.release_id)}>
                Take back
              </button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Decisions({ now }: { now: number }) {
  const answer = useInfiniteQuery(guardedPages())
  const events = answer.data?.pages.flatMap((page) => page.events)
  return (
    <Section title="Answers" note="calls that were denied, asked about, or let pass by a person, the newest first">
      {events === undefined ? (
        answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : <SkeletonRows count={4} />
      ) : events.length === 0 ? (
        <p className="text-muted">None yet. What no rule minds is answered by silence, and is not listed.</p>
      ) : (
        <ul>
          {events.map((event) => (
            <DecisionLine key={event.event_id} event={event} now={now} />
          ))}
        </ul>
      )}
      {answer.hasNextPage && (
        <button type="button" className={BUTTON} onClick={() => void answer.fetchNextPage()}>
          Older ones
        </button>
      )}
    </Section>
  )
}

function DecisionLine({ event, now }: { event: EventRecord; now: number }) {
  const decision = event.guard
  if (decision === null) return null
  const look = GUARD_LOOKS[decision.answer]
  return (
    <li className="border-b border-line py-1 last:border-b-0">
      <span className="flex min-w-0 items-baseline gap-3">
        <span className={`w-16 shrink-0 ${look.tone}`} title={look.meaning}>
          {look.word}
        </span>
        <Link
          to="/sessions/$sessionId"
          params={{ sessionId: event.session_id }}
          search={{ step: event.event_id.slice(event.event_id.indexOf('~') + 1) }}
          className="flex min-w-0 flex-1 text-accent hover:underline"
        >
          <AgentLine text={`${event.tool_name ?? 'a tool'}  ${event.label ?? ''}`.trim()} />
        </Link>
        {event.outcome !== null && <span className="shrink-0 text-12 text-muted">{event.outcome === 'ok' ? 'then ran' : event.outcome}</span>}
        <span className="w-20 shrink-0 text-right text-12 text-muted" title={momentExact(decision.decided_at)}>
          {agoText(decision.decided_at, now)}
        </span>
      </span>
      <span className="flex min-w-0 pl-19 text-12 text-muted max-sm:pl-0">
        <AgentLine text={guardRules(decision).join(', ')} />
      </span>
    </li>
  )
}

function SettingsLine({ settings, isPlaced }: { settings: GuardSettings; isPlaced: boolean }) {
  const words = !settings.is_registered ? 'does not name the guard' : !isPlaced ? 'names the guard, but its program is missing' : settings.is_closed ? 'names the guard; what it cannot judge does not run' : 'names the guard; what it cannot judge runs, and Claude Code says so'
  return (
    <li className="flex min-h-7 min-w-0 flex-wrap items-center gap-x-3">
      <AgentLine text={settings.path} />
      <span className={settings.is_registered && !isPlaced ? 'text-bad' : 'text-muted'}>{words}</span>
    </li>
  )
}

function SessionLink({ sessionId }: { sessionId: string }) {
  return (
    <Link to="/sessions/$sessionId" params={{ sessionId }} className="agent-text text-accent hover:underline" title={sessionId}>
      {sessionId.slice(0, 8)}
    </Link>
  )
}

function leftText(until: string, now: number): string {
  const minutes = Math.ceil((Date.parse(until) - now) / 60_000)
  if (minutes <= 1) return 'for a minute still'
  return minutes < 120 ? `for ${minutes} minutes still` : `until ${stampText(until)}`
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'It could not be done.'
}
