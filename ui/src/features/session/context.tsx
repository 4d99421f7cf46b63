// How an agent's context grew, what the cache missed on the way, and which tool results it paid for again and again; or
// the same of all agents of a session together, whose prompts have nothing in common to draw.
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { sessionContext } from '@/api/context'
import type { CarriedOutput, Context, ContextRequest } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { Choice } from '@/components/choice'
import { Exact, ExactUsd, UsdCell } from '@/components/figure'
import { Section } from '@/components/page-head'
import { StackedDays, type BarMark, type DayPart } from '@/components/stacked-days'
import { Empty, Failure, SkeletonRows } from '@/components/states'
import { counted, countExact, countText } from '@/lib/count'
import { usdText } from '@/lib/money'
import { shareText } from '@/lib/share'
import { clockText, momentExact } from '@/lib/time'
import { carryWords, missWords } from './carry'

const HEIGHT = 200
const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 last:pr-0'
const KINDS = [
  { key: 'cache_read_tokens', name: 'read from the cache', token: 'part-1', swatch: 'bg-part-1' },
  { key: 'cache_write_tokens', name: 'written to the cache', token: 'part-2', swatch: 'bg-part-2' },
  { key: 'input_tokens', name: 'neither', token: 'part-3', swatch: 'bg-part-3' },
] as const

export interface ContextAgent {
  id: string
  name: string
}

interface ContextViewProps {
  sessionId: string
  agent: ContextAgent
  /** Whether that agent was asked for; where not, and there are others, all of them are meant. */
  isAsked: boolean
  hasOthers: boolean
  /** What an agent is called: its type and what it was asked for. */
  nameOf: (agentId: string) => string
  selectedId: string | null
  onPick: (eventId: string) => void
  onPickAgent: (agentId: string) => void
}

export function ContextView({ sessionId, agent, isAsked, hasOthers, nameOf, selectedId, onPick, onPickAgent }: ContextViewProps) {
  const [chosen, setChosen] = useState<'one' | 'all' | null>(null)
  const whose = hasOthers ? (chosen ?? (isAsked ? 'one' : 'all')) : 'one'
  const meant = whose === 'all' ? null : agent
  const { data, error, isPending, refetch } = useQuery(sessionContext(sessionId, meant?.id ?? ''))
  if (isPending) return <SkeletonRows count={8} />
  if (!data) return <Failure error={error} onRetry={() => void refetch()} />
  const name = meant?.name ?? 'all agents together'
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-4" tabIndex={0} role="region" aria-label={`Context of ${name}`}>
      {hasOthers && (
        <div className="pt-1.5">
          <Choice label="Whose context" options={[{ key: 'all', label: 'all agents together' }, { key: 'one', label: agent.name }]} chosen={whose} onChoose={setChosen} />
        </div>
      )}
      {data.request_count === 0 ? (
        <Empty title={`No request of ${name} is known yet.`} />
      ) : (
        <>
          <Answer context={data} name={name} />
          {meant !== null && <Growth context={data} onPick={onPick} />}
          <Agents context={data} nameOf={nameOf} onPick={onPickAgent} />
          <Results context={data} selectedId={selectedId} onPick={onPick} />
          <Tools context={data} />
        </>
      )}
    </div>
  )
}

function Answer({ context, name }: { context: Context; name: string }) {
  const hit = shareText(context.cache_read_tokens, context.prompt_tokens)
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 py-2">
      <span className="text-muted">{name}:</span>
      <Exact text={counted(context.request_count, 'request')} exact={`${countExact(context.request_count)} requests of known usage`} />
      <Exact text={`${countText(context.peak_tokens)} tokens`} exact={`the largest prompt: ${countExact(context.peak_tokens)} tokens`} label="at most" />
      <Exact text={hit} exact={`${countExact(context.cache_read_tokens)} of ${countExact(context.prompt_tokens)} tokens of all prompts`} label="from the cache" />
      <span>
        <ExactUsd amount={context.input_usd} basis={context.cost_basis} /> <span className="text-muted">for prompts, of it for tool results</span> <ExactUsd amount={context.results_usd} basis={context.cost_basis} />
      </span>
      <span className={context.miss_count > 0 ? 'text-wait' : 'text-muted'}>
        {context.miss_count === 0 ? 'no cache miss' : `${counted(context.miss_count, 'cache miss', 'cache misses')}: ${usdText(context.miss_usd, 'priced')} more`}
      </span>
      {context.compaction_count > 0 && <span className="text-muted">{counted(context.compaction_count, 'compaction')}</span>}
      {context.unknown_requests > 0 && <span className="text-wait">{counted(context.unknown_requests, 'request')} without a known price, in none of the sums</span>}
    </p>
  )
}

const SHOWN_AGENTS = 20

/** Which of the agents paid the most for their prompts, and where the cache missed. */
function Agents({ context, nameOf, onPick }: { context: Context; nameOf: (agentId: string) => string; onPick: (agentId: string) => void }) {
  if (context.agents.length < 2) return null
  const rest = context.agents.length - SHOWN_AGENTS
  return (
    <Section title="Agents" note={rest > 0 ? `the ${SHOWN_AGENTS} dearest of ${countExact(context.agents.length)}` : 'the dearest first'} className="pt-2">
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Context by agent">
        <table className="w-full">
          <thead className="text-12 text-muted">
            <tr>
              {['agent', 'requests', 'prompt tokens', 'from the cache', 'prompts $', 'misses', 'more $'].map((head, at) => (
                <th key={head} scope="col" className={`${CELL} font-normal ${at === 0 ? '!text-left' : ''}`}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {context.agents.slice(0, SHOWN_AGENTS).map((agent) => (
              <tr key={agent.agent_id} className="border-t border-line">
                <th scope="row" className={`${CELL} !text-left font-normal`}>
                  {agent.agent_id === 'main' ? (
                    'the main agent'
                  ) : (
                    <button type="button" className="flex min-w-0 text-accent hover:underline" title={`Show ${agent.agent_id} in the trace`} onClick={() => onPick(agent.agent_id)}>
                      <AgentLine text={nameOf(agent.agent_id)} className="!font-sans !text-13" />
                    </button>
                  )}
                </th>
                <td className={CELL}>{countExact(agent.request_count)}</td>
                <td className={CELL}>{countText(agent.prompt_tokens)}</td>
                <td className={CELL}>{shareText(agent.cache_read_tokens, agent.prompt_tokens)}</td>
                <td className={CELL}><UsdCell amount={agent.input_usd} basis={context.cost_basis} places={3} /></td>
                <td className={CELL}>{countExact(agent.miss_count)}</td>
                <td className={CELL}>{agent.miss_count === 0 ? <span className="text-faint">–</span> : <UsdCell amount={agent.miss_usd} basis="priced" places={3} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function Growth({ context, onPick }: { context: Context; onPick: (eventId: string) => void }) {
  const [pointed, setPointed] = useState<number | null>(null)
  const [isTable, setTable] = useState(false)
  const { requests } = context
  const names = useMemo(() => requests.map((request) => request.at), [requests])
  const parts = useMemo<DayPart[]>(() => KINDS.map(({ key, token }) => ({ key, token, values: requests.map((request) => request[key]) })), [requests])
  const marks = useMemo(() => marksOf(requests), [requests])
  const request = pointed === null ? undefined : requests[pointed]
  return (
    <Section
      title="Context by request"
      note={<span role="status">{request ? requestWords(request) : `tokens of each prompt${context.is_thinned ? `; ${countExact(requests.length)} of ${countExact(context.request_count)} requests are drawn` : ''}`}</span>}
      aside={
        <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)} className="text-accent hover:underline">
          {isTable ? 'show chart' : 'show table'}
        </button>
      }
      className="pt-2 pb-2"
    >
      {isTable ? (
        <RequestTable requests={requests} onPick={onPick} />
      ) : (
        <>
          <StackedDays
            label="Tokens of each prompt, stacked by where they came from"
            days={names}
            bar={{ name: 'request', text: clockText }}
            marks={marks}
            parts={parts}
            axisText={countText}
            height={HEIGHT}
            onPoint={setPointed}
            onPick={(at) => requests[at] && onPick(requests[at].event_id)}
            onRange={() => undefined}
          />
          <ul aria-label="What the colours and signs mean" className="flex flex-wrap gap-x-4 pt-1 text-12 text-muted">
            {KINDS.map(({ key, name, swatch }) => (
              <li key={key} className="flex items-center gap-1.5">
                <span aria-hidden="true" className={`h-2.5 w-2.5 rounded-sm ${swatch}`} />
                {name}
              </li>
            ))}
            <li>⇣ compaction</li>
            <li>! cache miss</li>
          </ul>
        </>
      )}
    </Section>
  )
}

function marksOf(requests: readonly ContextRequest[]): BarMark[] {
  return requests.flatMap((request, at) => {
    if (request.is_compacted) return [{ at, sign: '⇣', tone: 'text-muted', words: `compaction before ${clockText(request.at)}` }]
    return request.miss ? [{ at, sign: '!', tone: 'text-wait', words: missWords(request.miss) }] : []
  })
}

function requestWords(request: ContextRequest): string {
  const rest = request.is_compacted ? ', after a compaction' : request.miss ? `, ${missWords(request.miss)}` : ''
  return `${clockText(request.at)}: ${countExact(request.prompt_tokens)} tokens, ${shareText(request.cache_read_tokens, request.prompt_tokens)} from the cache${rest}`
}

function RequestTable({ requests, onPick }: { requests: readonly ContextRequest[]; onPick: (eventId: string) => void }) {
  return (
    <div className="max-h-80 overflow-y-auto" tabIndex={0} role="region" aria-label="Tokens of each prompt">
      <table className="w-full">
        <thead className="sticky top-0 bg-ground text-12 text-muted">
          <tr>
            {['when', 'prompt', 'read', 'written', 'neither', 'what happened'].map((head, at) => (
              <th key={head} scope="col" className={`${CELL} border-b border-line font-normal ${at === 0 || at === 5 ? '!text-left' : ''}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <tr key={request.event_id} className="border-b border-line">
              <th scope="row" className={`${CELL} !text-left font-normal`}>
                <button type="button" className="text-accent hover:underline" title={momentExact(request.at)} onClick={() => onPick(request.event_id)}>
                  {clockText(request.at)}
                </button>
              </th>
              <td className={CELL}>{countExact(request.prompt_tokens)}</td>
              <td className={CELL}>{countExact(request.cache_read_tokens)}</td>
              <td className={CELL}>{countExact(request.cache_write_tokens)}</td>
              <td className={CELL}>{countExact(request.input_tokens)}</td>
              <td className={`${CELL} !text-left`}>{request.is_compacted ? '⇣ compaction' : request.miss ? `! ${missWords(request.miss)}` : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Results({ context, selectedId, onPick }: { context: Context; selectedId: string | null; onPick: (eventId: string) => void }) {
  if (context.results.length === 0) return null
  return (
    <Section title="Dearest tool results" note="written into the context once, paid again by each later request" className="pt-3">
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Dearest tool results">
        <table className="w-full">
          <thead className="text-12 text-muted">
            <tr>
              {['result', 'tokens', 'first $', 'later requests', 'later $', 'sum $'].map((head, at) => (
                <th key={head} scope="col" className={`${CELL} font-normal ${at === 0 ? '!text-left' : ''}`}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {context.results.slice(0, 20).map((result) => (
              <ResultRow key={result.event_id} result={result} isSelected={result.event_id === selectedId} onPick={onPick} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function ResultRow({ result, isSelected, onPick }: { result: CarriedOutput; isSelected: boolean; onPick: (eventId: string) => void }) {
  const { cost_basis: basis } = result
  return (
    <tr className={`border-t border-line ${isSelected ? 'bg-selected' : ''}`}>
      <th scope="row" className={`${CELL} max-w-0 min-w-48 !text-left font-normal w-full`}>
        <button type="button" aria-pressed={isSelected} className="flex w-full min-w-0 items-baseline gap-2 text-left hover:underline" title={carryWords(result)} onClick={() => onPick(result.event_id)}>
          <span className="shrink-0 font-semibold">{result.tool_name ?? 'unknown tool'}</span>
          <AgentLine text={result.label ?? ''} className="text-muted" />
        </button>
      </th>
      <td className={CELL} title={`${countExact(result.tokens)} tokens`}>{countText(result.tokens)}</td>
      <td className={CELL}><UsdCell amount={result.entry_usd} basis={basis === 'incomplete' ? 'priced' : basis} places={3} /></td>
      <td className={CELL}>{countExact(result.later_requests)}</td>
      <td className={CELL}><UsdCell amount={result.carried_usd} basis={basis} places={3} /></td>
      <td className={CELL}><UsdCell amount={result.cost_usd} basis={basis} places={3} /></td>
    </tr>
  )
}

function Tools({ context }: { context: Context }) {
  if (context.tools.length === 0) return null
  return (
    <Section title="Tool results by tool" className="pt-3">
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Tool results by tool">
        <table className="w-full">
          <thead className="text-12 text-muted">
            <tr>
              {['tool', 'results', 'tokens', 'first $', 'later $', 'sum $'].map((head, at) => (
                <th key={head} scope="col" className={`${CELL} font-normal ${at === 0 ? '!text-left' : ''}`}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {context.tools.map((tool) => (
              <tr key={tool.tool_name} className="border-t border-line">
                <th scope="row" className={`${CELL} !text-left font-normal`}>{tool.tool_name === '' ? 'unknown tool' : <AgentLine text={tool.tool_name} />}</th>
                <td className={CELL} title={tool.unknown_count > 0 ? `of ${countExact(tool.unknown_count)} the tokens are not known` : undefined}>
                  {countExact(tool.result_count)}
                  {tool.unknown_count > 0 && <span className="text-faint"> ({countExact(tool.unknown_count)} unknown)</span>}
                </td>
                <td className={CELL}>{countText(tool.tokens)}</td>
                <td className={CELL}><UsdCell amount={tool.entry_usd} basis={context.cost_basis} places={3} /></td>
                <td className={CELL}><UsdCell amount={tool.carried_usd} basis={context.cost_basis} places={3} /></td>
                <td className={CELL}><UsdCell amount={tool.cost_usd} basis={context.cost_basis} places={3} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="pt-1 text-12 text-muted">
        Tokens follow from how much the prompt grew; several results between two requests divide it by their sizes. The rest of the prompts, {usdText(context.rest_usd, context.cost_basis)}, is
        instructions, prompts, the model’s own words, and results whose tokens cannot be told.
      </p>
    </Section>
  )
}
