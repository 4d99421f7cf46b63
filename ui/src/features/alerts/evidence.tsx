// Why an alert was raised: what was about to happen with the part that triggered it, the rule's sentence, what to do,
// and the way to the step itself.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useLayoutEffect, useRef, type ReactNode } from 'react'
import { alertDetails } from '@/api/alerts'
import { guard, isGuarding, useGuardOrders } from '@/api/guard'
import type { AlertChange, AlertEvidence, AlertRecord, RuleRecord } from '@/api/types'
import { AgentBlock, AgentLine } from '@/components/agent-text'
import { ChainPicture } from '@/components/chain'
import { ReleaseButton } from '@/components/guard-release'
import { KeyCaps } from '@/components/keys'
import { useSay } from '@/components/notices'
import { SeverityMark } from '@/components/severity'
import { STATE_LOOKS, useTriage } from '@/components/triage'
import { chainOf, type Chain } from '@/lib/chain'
import { countExact } from '@/lib/count'
import type { TextRange } from '@/lib/marks'
import { momentExact, stampText } from '@/lib/time'
import { Allow } from './allow'
import { subjectOf, type Entry } from './entries'

interface EvidenceProps {
  entry: Entry
  onClose: () => void
  /** After a change: on to the next. */
  onDone: () => void
  /** Shows each alert of the group. */
  onEach: () => void
}

export function Evidence({ entry, onClose, onDone, onEach }: EvidenceProps) {
  const { alert } = entry
  const answer = useQuery(alertDetails(alert.alert_id))
  const details = answer.data?.alert.alert_id === alert.alert_id ? answer.data : undefined
  const chain = chainOf(alert)
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="shrink-0 border-b border-line px-4 pt-2 pb-2">
        <div className="flex items-baseline gap-3">
          <SeverityMark severity={alert.severity} />
          <h2 className="agent-text !text-14 font-semibold">{alert.rule}</h2>
          <span className={STATE_LOOKS[alert.state].tone} title={STATE_LOOKS[alert.state].meaning}>
            {alert.state}
          </span>
          {alert.is_history && <span className="text-muted">past</span>}
          <button type="button" onClick={onClose} aria-label="Close the evidence" title="Close (Esc)" className="ml-auto h-6 w-6 shrink-0 rounded-md text-muted hover:bg-hover hover:text-ink">
            ✕
          </button>
        </div>
        {/* The reason quotes paths and commands: shown like any text of an agent, in the face of the page. */}
        <div className="mt-1 max-h-24 overflow-y-auto" tabIndex={0} role="group" aria-label="Reason">
          <AgentBlock text={alert.reason} className="[&_pre]:!font-sans [&_pre]:!text-13" />
        </div>
        <Actions entry={entry} act={details?.rule?.act ?? null} onDone={onDone} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0} role="region" aria-label="Evidence">
        {chain && <ChainOf chain={chain} sessionId={alert.session_id} />}
        {alert.evidence && <Trigger evidence={alert.evidence} tool={alert.tool_name} />}
        <Effective alert={alert} />
        <Rule rule={details?.rule ?? null} isPending={answer.isPending} />
        <Facts alert={alert} entry={entry} onEach={onEach} />
        {details && details.history.length > 0 && <History changes={details.history} />}
        {details?.allowance && <Allow key={alert.alert_id} allowance={details.allowance} />}
      </div>
    </div>
  )
}

const ACTION = 'flex h-7 items-center whitespace-nowrap rounded-md border border-edge px-2 hover:bg-hover'

function Actions({ entry, act, onDone }: { entry: Entry; act: string | null; onDone: () => void }) {
  const triage = useTriage()
  const { alert } = entry
  const subject = subjectOf(entry, onDone)
  const hasOpen = entry.openCount > 0
  const all = entry.scope === 'group' ? ` all ${countExact(entry.count)}` : ''
  return (
    <div className="mt-2 flex flex-wrap gap-1.5 text-12">
      {hasOpen && (
        <button type="button" className={ACTION} onClick={() => triage.acknowledge(subject)}>
          Acknowledge{all} <KeyCaps press="a" />
        </button>
      )}
      {alert.state !== 'resolved' && alert.state !== 'superseded' && (
        <>
          <button type="button" className={ACTION} onClick={() => triage.resolve(subject)}>
            Resolve{all} <KeyCaps press="e" />
          </button>
          <button type="button" className={ACTION} onClick={() => triage.mute(subject)}>
            Mute{all} <KeyCaps press="m" />
          </button>
        </>
      )}
      {!hasOpen && alert.state !== 'superseded' && (
        <button type="button" className={ACTION} onClick={() => triage.reopen(subject)}>
          Open again <KeyCaps press="r" />
        </button>
      )}
      <Release alert={alert} act={act} />
      <StepLink alert={alert} />
    </div>
  )
}

/** Where the guard stops what the rule finds: the way to let it pass in this session, or to take that back. */
function Release({ alert, act }: { alert: AlertRecord; act: string | null }) {
  const record = useQuery(guard()).data
  const orders = useGuardOrders()
  const say = useSay()
  if (!record || !isGuarding(record) || (act !== 'deny' && act !== 'ask')) return null
  const failed = (cause: unknown): void => say({ text: cause instanceof Error ? cause.message : 'It could not be done.', tone: 'bad' })
  const close = (id: string): void => void orders.close(id).then(() => say({ text: `${alert.rule} is stopped again` }), failed)
  const known = record.releases.find((each) => each.session_id === alert.session_id && each.rule === alert.rule)
  if (known) {
    return (
      <button type="button" className={ACTION} title={`until ${momentExact(known.until)}`} onClick={() => close(known.release_id)}>
        Take back what is let pass
      </button>
    )
  }
  const release = (minutes: number): void =>
    void orders.release({ session_id: alert.session_id, rule: alert.rule, budget: null, minutes }).then((after) => {
      const made = after.releases.find((each) => each.session_id === alert.session_id && each.rule === alert.rule)
      say({ text: `${alert.rule} is let pass in this session`, action: made && { label: 'Take back', run: () => close(made.release_id) } })
    }, failed)
  return <ReleaseButton what={`${alert.rule} in this session`} className={ACTION} onRelease={release} />
}

function StepLink({ alert }: { alert: AlertRecord }) {
  const id = alert.event_id
  return (
    <Link
      to="/sessions/$sessionId"
      params={{ sessionId: alert.session_id }}
      search={{ step: id === null ? undefined : id.slice(id.indexOf('~') + 1) }}
      className={`${ACTION} text-accent`}
    >
      {id === null ? 'Open the session' : 'Open the step'} <KeyCaps press="o" />
    </Link>
  )
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mb-4">
      <h3 className="border-b border-line pb-0.5 text-12 font-normal text-muted">{title}</h3>
      <div className="mt-1.5">{children}</div>
    </section>
  )
}

/** The steps of a sequence under one another, each with the way to it. */
function ChainOf({ chain, sessionId }: { chain: Chain; sessionId: string }) {
  return (
    <Part title="what came before, and what followed">
      <ChainPicture
        chain={chain}
        withDay
        renderLink={(link, words) => (
          <Link to="/sessions/$sessionId" params={{ sessionId }} search={{ step: link.eventId.slice(link.eventId.indexOf('~') + 1) }} title="Open that step" className="flex min-w-0 text-accent hover:underline">
            {words}
          </Link>
        )}
      />
    </Part>
  )
}

function Trigger({ evidence, tool }: { evidence: AlertEvidence; tool: string | null }) {
  const { text, from, to } = evidence
  const marks: readonly TextRange[] = from !== null && to !== null && to > from ? [[from, to]] : []
  const frame = useRef<HTMLDivElement>(null)
  // What triggered it may stand far down in a long script: bring it into sight, and nothing else.
  useLayoutEffect(() => {
    const box = frame.current
    const mark = box?.querySelector('mark')
    if (box && mark) box.scrollTop = mark.offsetTop - box.clientHeight / 2
  }, [text, from])
  const isPart = from !== null && to !== null && to > from && to - from < text.length
  return (
    <Part title={`what ${tool ?? 'it'} was about to do`}>
      <div ref={frame} tabIndex={0} role="group" aria-label="The text with the part that triggered it" className="relative max-h-72 overflow-y-auto rounded-md border border-line bg-raised px-2 py-1.5">
        <AgentBlock text={text} marks={marks} />
      </div>
      {isPart && (
        <p className="mt-1.5 flex min-w-0 gap-2">
          <span className="shrink-0 text-muted">triggered by</span>
          <AgentLine text={text.slice(from, to)} />
        </p>
      )}
    </Part>
  )
}

/** The command as it would run and the places it leads to, where the text itself does not say so. */
function Effective({ alert }: { alert: AlertRecord }) {
  const { effective, evidence, paths } = alert
  const part = evidence && evidence.from !== null && evidence.to !== null ? evidence.text.slice(evidence.from, evidence.to) : evidence?.text
  const places = paths.filter((path) => path !== effective && path !== evidence?.text)
  const isOther = effective !== null && effective !== part
  if (!isOther && places.length === 0) return null
  return (
    <Part title="what that comes to">
      <dl className="grid grid-cols-[96px_1fr] gap-x-2 gap-y-0.5">
        {isOther && (
          <Fact name="would run">
            <AgentBlock text={effective} />
          </Fact>
        )}
        {places.length > 0 && (
          <Fact name={places.length === 1 ? 'path' : 'paths'}>
            {places.map((path, at) => (
              <span key={`${at} ${path}`} className="flex min-w-0">
                {path === '' ? <span className="text-muted">one that cannot be told before it runs</span> : <AgentLine text={path} />}
              </span>
            ))}
          </Fact>
        )}
      </dl>
    </Part>
  )
}

function Rule({ rule, isPending }: { rule: RuleRecord | null; isPending: boolean }) {
  if (!rule) {
    return (
      <Part title="why">
        {isPending ? <span className="skeleton block h-2.5 w-3/4" /> : <p className="text-muted">This version does not know the rule any more; what it raised is kept.</p>}
      </Part>
    )
  }
  return (
    <>
      <Part title="why">
        <p className="font-semibold">{rule.title}</p>
        <p className="max-w-[72ch]">{rule.why}</p>
      </Part>
      <Part title="what to do">
        <p className="max-w-[72ch]">{rule.advice}</p>
      </Part>
    </>
  )
}

function Facts({ alert, entry, onEach }: { alert: AlertRecord; entry: Entry; onEach: () => void }) {
  return (
    <Part title="where and when">
      <dl className="grid grid-cols-[96px_1fr] gap-x-2 gap-y-0.5">
        <Fact name="session">
          <Link to="/sessions/$sessionId" params={{ sessionId: alert.session_id }} className="flex min-w-0 text-accent hover:underline">
            <AgentLine text={alert.session_title ?? alert.session_id} className="!font-sans !text-13" />
          </Link>
        </Fact>
        {alert.project !== null && (
          <Fact name="project">
            <span className="flex min-w-0">
              <AgentLine text={alert.project} />
            </span>
          </Fact>
        )}
        {alert.agent_id !== 'main' && (
          <Fact name="agent">
            <span className="flex min-w-0">
              <AgentLine text={alert.agent_id} />
            </span>
          </Fact>
        )}
        <Fact name="raised">
          <span title={momentExact(alert.raised_at)}>{stampText(alert.raised_at)}</span>
          {alert.is_history && <span className="text-muted"> as history: found in a transcript, not told at the time</span>}
        </Fact>
        {alert.count > 1 && (
          <Fact name="how often">
            {countExact(alert.count)} times
            {entry.scope === 'group' && `, ${countExact(entry.openCount)} open`}
            {entry.sessionCount > 1 && `, in ${countExact(entry.sessionCount)} sessions`}, since <span title={momentExact(alert.first_seen_at)}>{stampText(alert.first_seen_at)}</span>{' '}
            <button type="button" className="text-accent hover:underline" onClick={onEach}>
              show each
            </button>
          </Fact>
        )}
        {alert.muted_until !== null && alert.state === 'muted' && <Fact name="muted until">{stampText(alert.muted_until)}</Fact>}
        <Fact name="id">
          <span className="agent-text break-all text-muted select-all">{alert.alert_id}</span>
        </Fact>
      </dl>
    </Part>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

function History({ changes }: { changes: readonly AlertChange[] }) {
  return (
    <Part title="what was done about it">
      <ol>
        {changes.map((change) => (
          <li key={`${change.at} ${change.state} ${change.actor}`} className="flex min-w-0 flex-wrap gap-x-3">
            <span className="shrink-0 text-muted" title={momentExact(change.at)}>
              {stampText(change.at)}
            </span>
            <span className={`shrink-0 ${STATE_LOOKS[change.state].tone}`}>{wordOf(change)}</span>
            {change.muted_until !== null && <span className="shrink-0">until {stampText(change.muted_until)}</span>}
            {change.actor !== null && change.actor !== 'argus' && <span className="shrink-0 text-muted">{ACTORS[change.actor] ?? change.actor}</span>}
            {ofWords(change) !== null && <span className="shrink-0 text-muted">{ofWords(change)}</span>}
            {change.reason !== null && <AgentLine text={change.reason} className="!font-sans !text-13" />}
          </li>
        ))}
      </ol>
    </Part>
  )
}

const ACTORS: Record<string, string> = { dashboard: 'in the dashboard', terminal: 'in a terminal', script: 'by a script' }

function wordOf(change: AlertChange): string {
  return change.actor === 'argus' && change.state === 'open' ? 'reopened: it happened again' : change.state
}

/** Of which alerts it was said, where not of this one alone. */
function ofWords(change: AlertChange): string | null {
  if (change.is_about_this && change.alert_count === 1) return null
  return change.alert_count === 1 ? 'another one of these' : `${countExact(change.alert_count)} of these`
}
