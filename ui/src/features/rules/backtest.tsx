// What a rule would raise over all that is stored, before it holds: one rule, or a text as in rules.toml against how the
// rules hold today. Each hit leads to its step. Nothing is stored.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { backtestStatus, orderBacktest } from '@/api/backtest'
import type { BacktestHit, BacktestRecord, BacktestRequest, BacktestStatus } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { KeyCaps, useKeys } from '@/components/keys'
import { SeverityMark } from '@/components/severity'
import { counted, countExact, countText } from '@/lib/count'
import { agoText, momentExact, stampText } from '@/lib/time'

const BUTTON = 'h-7 rounded-md border border-edge px-3 hover:bg-hover disabled:text-faint'

export interface Backtesting {
  /** How far the one that was begun here is; null before. */
  status: BacktestStatus | null
  /** Somebody began another one since; it took its place. */
  isReplaced: boolean
  /** Why it cannot begin. */
  refusal: Error | null
  /** What was asked last. */
  asked: BacktestRequest | null
  begin: (request: BacktestRequest) => void
}

/** Back-tests from one place of the page. */
export function useBacktest(): Backtesting {
  const client = useQueryClient()
  const [orderNo, setOrderNo] = useState<number | null>(null)
  const answer = useQuery({ ...backtestStatus(), enabled: orderNo !== null })
  const order = useMutation({
    mutationFn: orderBacktest,
    onSuccess: (status) => {
      setOrderNo(status.order_no)
      client.setQueryData(backtestStatus().queryKey, status)
    },
  })
  const last = orderNo === null ? null : (answer.data ?? null)
  const isReplaced = last !== null && last.order_no !== orderNo
  return { status: isReplaced ? null : last, isReplaced, refusal: order.error ?? answer.error, asked: order.variables ?? null, begin: (request) => order.mutate(request) }
}

/** Of one rule. */
export function RuleBacktest({ rule, now, backtest }: { rule: string; now: number; backtest: Backtesting }) {
  return (
    <>
      <button type="button" className={BUTTON} disabled={backtest.status?.phase === 'judging'} onClick={() => backtest.begin({ rule })}>
        Judge all that is stored <KeyCaps press="b" />
      </button>
      {backtest.asked !== null && 'rule' in backtest.asked && backtest.asked.rule === rule && <Outcome backtest={backtest} now={now} isCompared={false} />}
    </>
  )
}

const KEPT = 'argus.rules-tried'

const EXAMPLE = `# As in rules.toml. Nothing is changed here.
[own.prod]
title = "Touches production"
why = "Only people touch production."
severity = "high"
match = { name = "psql", arg = "prod*" }

[[except]]
rule = "fs.write-outside"
path = "/srv/cache/**"
reason = "Made again every night"
until = 2027-01-01
`

/** Of a text: rules of one's own, tuned ones, exceptions. */
export function TryRules({ now, onClose }: { now: number; onClose: () => void }) {
  const [text, setText] = useState(() => sessionStorage.getItem(KEPT) ?? EXAMPLE)
  const backtest = useBacktest()
  const begin = (): void => backtest.begin({ text })
  useKeys([{ keys: ['Escape'], label: 'Close the trial', group: 'Rules', run: onClose }])
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 items-baseline gap-3 border-b border-line px-4 py-2">
        <h2 className="text-14 font-semibold">Try rules</h2>
        <button type="button" onClick={onClose} aria-label="Close the trial" title="Close (Esc)" className="ml-auto h-6 w-6 shrink-0 rounded-md text-muted hover:bg-hover hover:text-ink">
          ✕
        </button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0} role="region" aria-label="Rules to try">
        <p className="mb-2 max-w-[72ch] text-muted">Rules of your own, tuned ones and exceptions, held against all that is stored and against how the rules hold today. What is right goes into your rules.toml.</p>
        <textarea
          aria-label="Rules"
          spellCheck={false}
          autoCapitalize="off"
          rows={14}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            sessionStorage.setItem(KEPT, event.target.value)
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault()
              begin()
            }
          }}
          className="mb-2 block w-full resize-y rounded-md border border-edge bg-ground p-2 font-mono text-13"
        />
        <button type="button" className={BUTTON} disabled={backtest.status?.phase === 'judging' || text.trim() === ''} onClick={begin}>
          Judge all that is stored <span className="text-12 text-muted">Ctrl Enter</span>
        </button>
        <Outcome backtest={backtest} now={now} isCompared />
      </div>
    </div>
  )
}

function Outcome({ backtest, now, isCompared }: { backtest: Backtesting; now: number; isCompared: boolean }) {
  const { status, refusal, isReplaced } = backtest
  return (
    <div className="mt-3" role="status" aria-label="Back-test">
      {refusal && (
        <p className="text-bad">
          <span aria-hidden="true">✕ </span>
          {refusal.message}
        </p>
      )}
      {isReplaced && <p className="text-muted">Another back-test took its place; one runs at a time.</p>}
      {status && status.problems.length > 0 && <Problems problems={status.problems} />}
      {status?.phase === 'judging' && <Progress done={status.done_count} total={status.total_count} />}
      {status?.phase === 'failed' && <p className="text-bad">✕ What is stored cannot be judged: {status.error}</p>}
      {status?.phase === 'done' && status.found && <Found found={status.found} now={now} isCompared={isCompared} />}
    </div>
  )
}

function Problems({ problems }: { problems: BacktestStatus['problems'] }) {
  return (
    <div className="mb-3 max-w-[72ch]">
      <p>{counted(problems.length, 'entry', 'entries')} left out:</p>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.line}:${problem.column}:${problem.message}`}>
            <span className="text-medium">
              line {problem.line}, column {problem.column}:
            </span>{' '}
            {problem.message}. <span className="text-muted">{problem.hint}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Progress({ done, total }: { done: number; total: number }) {
  const part = total === 0 ? 0 : done / total
  return (
    <p>
      <progress aria-label="Back-test" value={part} max={1} className="mb-1 block h-1.5 w-full appearance-none [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent" />
      <span className="text-muted">{Math.floor(part * 100)} % judged, behind everything else that runs</span>
    </p>
  )
}

function Found({ found, now, isCompared }: { found: BacktestRecord; now: number; isCompared: boolean }) {
  const raised = found.rules.reduce((sum, rule) => sum + rule.count, 0)
  const count = raised + found.rules.reduce((sum, rule) => sum + rule.gone, 0)
  return (
    <>
      <p className="mb-2">
        {count === 0 ? 'Nothing would be raised in' : `${countExact(raised)} of`} {countExact(found.call_count)} {count === 0 ? 'calls' : 'calls would be raised'}.{' '}
        <span className="text-muted">What was masked when it was captured stays masked: rules about credentials find none here.</span>
      </p>
      {found.rules.length > 0 && (
        <table className="mb-3 w-full text-left">
          <thead className="text-12 text-muted">
            <tr>
              <Head>rule</Head>
              <Head isRight>calls</Head>
              {isCompared && <Head isRight title="Not raised as the rules hold today">new</Head>}
              {isCompared && <Head isRight title="Raised as the rules hold today, and no more then">gone</Head>}
              <Head isRight>sessions</Head>
              <Head isRight>last</Head>
            </tr>
          </thead>
          <tbody>
            {found.rules.map((rule) => (
              <tr key={rule.rule} className="border-t border-line">
                <td className="agent-text py-0.5">{rule.rule}</td>
                <td className="text-right">{countText(rule.count)}</td>
                {isCompared && <td className="text-right">{countText(rule.new)}</td>}
                {isCompared && <td className="text-right">{countText(rule.gone)}</td>}
                <td className="text-right">{countText(rule.session_count)}</td>
                <td className="text-right text-muted" title={momentExact(rule.last_at)}>
                  {agoText(rule.last_at, now)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.hits.length > 0 && (
        <ul aria-label="Hits">
          {found.hits.map((hit) => (
            <Hit key={`${hit.rule} ${hit.event_id}`} hit={hit} />
          ))}
        </ul>
      )}
      {found.hits.length < count && <p className="text-12 text-faint">the newest {countExact(found.hits.length)}; argus rules backtest --limit shows more</p>}
    </>
  )
}

const CHANGES: Record<string, string> = { new: '+ new', gone: '− gone' }

function Hit({ hit }: { hit: BacktestHit }) {
  const change = CHANGES[hit.change ?? '']
  return (
    <li className="mb-1.5 border-t border-line pt-1">
      <span className="flex items-baseline gap-2 text-12">
        <SeverityMark severity={hit.severity} />
        <span className="agent-text truncate text-muted">{hit.rule}</span>
        {change && <span className={`shrink-0 ${hit.change === 'new' ? 'text-medium' : 'text-muted'}`}>{change}</span>}
        <span className="ml-auto shrink-0 text-muted" title={momentExact(hit.at)}>
          {stampText(hit.at)}
        </span>
      </span>
      <Link to="/sessions/$sessionId" params={{ sessionId: hit.session_id }} search={{ step: hit.event_id.slice(hit.event_id.indexOf('~') + 1) }} className="flex min-w-0 text-accent hover:underline" title={hit.reason}>
        <AgentLine text={hit.evidence ?? hit.reason} />
      </Link>
    </li>
  )
}

function Head({ children, isRight, title }: { children: ReactNode; isRight?: boolean; title?: string }) {
  return (
    <th scope="col" title={title} className={`py-0.5 font-normal ${isRight ? 'text-right' : ''}`}>
      {children}
    </th>
  )
}
