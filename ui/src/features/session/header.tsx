// The head of a session's page: what it is, what state it is in, what it took; then the jumps.
import { Link } from '@tanstack/react-router'
import type { Trace } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { Exact, ExactDuration, ExactUsd } from '@/components/figure'
import { SeverityGlyph, severityTone } from '@/components/severity'
import { StatusMark } from '@/components/status'
import { counted, countExact, countText } from '@/lib/count'
import { durationExact, durationText, momentExact, stampText } from '@/lib/time'
import { modelText, tokenSum, tokenWords } from '@/lib/words'
import type { Jump } from './chips'
import { MoneyChip } from './money'

/** Shorter delays are nobody's concern. */
const LEAST_SHOWN_MS = 1_000

export function SessionHeader({ trace }: { trace: Trace }) {
  const { session } = trace
  const waits = session.status === 'waiting' ? session.waiting_for : null
  return (
    <div className="flex shrink-0 flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 pt-2">
      <Link to="/sessions" className="text-muted hover:text-ink" title="All sessions (Esc)">
        ‹ Sessions
      </Link>
      <h1 className="flex max-w-[560px] min-w-0 text-16" title={session.session_id}>
        {session.title === null ? <span className="agent-text">{session.session_id}</span> : <AgentLine text={session.title} className="!font-sans !text-16" />}
      </h1>
      <span className="flex min-w-0 items-baseline gap-1.5">
        <StatusMark status={session.status} />
        {waits && (
          <span className="flex min-w-0 gap-1 text-wait">
            <span className="shrink-0">for {waits.kind}:</span>
            <AgentLine text={waits.text} />
          </span>
        )}
        {session.status === 'ended' && session.ended_at === null && (
          <span className="text-12 text-faint" title="No end was told; there was no sign of life for half an hour">
            end not told
          </span>
        )}
      </span>
      <span className="flex min-w-0 flex-wrap items-baseline gap-x-3 md:ml-auto">
        {session.project_name !== null && (
          <span className="flex min-w-0 text-muted" title={session.cwd ?? session.project ?? ''}>
            <AgentLine text={session.project_name} />
          </span>
        )}
        {session.git_branch !== null && (
          <span className="flex max-w-40 min-w-0 text-muted">
            <AgentLine text={session.git_branch} />
          </span>
        )}
        <span className="text-muted" title={session.model ?? 'No model has answered yet'}>
          {modelText(session.model)}
        </span>
        <span className="text-muted" title={momentExact(session.started_at)}>
          {stampText(session.started_at)}
        </span>
        <ExactDuration ms={session.duration_ms} />
        <Delays trace={trace} />
        <ExactUsd amount={session.cost_usd} basis={session.cost_basis} />
        <MoneyChip sessionId={session.session_id} />
        <Exact text={countText(tokenSum(session))} label="tokens" exact={tokenWords(session)} />
        <Exact text={countText(session.tool_call_count)} label="tools" exact={`${countExact(session.tool_call_count)} tool calls`} />
        <span className={session.error_count > 0 ? 'text-bad' : 'text-muted'}>
          {session.error_count > 0 && '✕ '}
          {countText(session.error_count)} {session.error_count === 1 ? 'error' : 'errors'}
        </span>
        {session.worst_severity && session.open_alert_count > 0 && (
          <Link
            to="/alerts"
            search={{ session: session.session_id }}
            className={`inline-flex items-center gap-1 hover:underline ${severityTone(session.worst_severity)}`}
            title={`${countExact(session.open_alert_count)} open, the worst ${session.worst_severity}`}
          >
            <SeverityGlyph severity={session.worst_severity} />
            {counted(session.open_alert_count, 'alert')}
          </Link>
        )}
      </span>
    </div>
  )
}

const CHIP = 'flex h-6 shrink-0 items-center gap-1.5 whitespace-nowrap rounded-md border border-line px-2 text-12 hover:border-edge hover:bg-hover'

/** The questions that one click answers. */
/** What kept its agents from their work, as far as anybody told. */
function Delays({ trace }: { trace: Trace }) {
  const { wait_ms: wait, hook_ms: hooks } = trace
  return (
    <>
      {wait !== null && wait >= LEAST_SHOWN_MS && (
        <span className="text-wait" title={`Calls waited for permission, each by itself: ${durationExact(wait)}`}>
          waited for you {durationText(wait)}
        </span>
      )}
      {hooks !== null && hooks >= LEAST_SHOWN_MS && (
        <span className="text-muted" title={`Hooks ran, by Claude Code's telemetry: ${durationExact(hooks)}`}>
          hooks {durationText(hooks)}
        </span>
      )}
    </>
  )
}

export function JumpChips({ jumps, onJump }: { jumps: readonly Jump[]; onJump: (jump: Jump) => void }) {
  return jumps.map((jump) => (
    <button key={jump.name} type="button" className={`${CHIP} ${jump.kind === 'end' ? 'text-wait' : ''}`} onClick={() => onJump(jump)}>
      {jump.kind === 'end' && <span aria-hidden="true">◆</span>}
      {jump.kind === 'alerts' && (
        <span aria-hidden="true" className="text-medium">
          △
        </span>
      )}
      {jump.kind === 'error' && (
        <span aria-hidden="true" className="text-bad">
          ✕
        </span>
      )}
      {jump.name}
      {jump.note !== null && <span className="text-muted">{jump.note}</span>}
    </button>
  ))
}
