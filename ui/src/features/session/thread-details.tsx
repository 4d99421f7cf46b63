// The selected turn or agent: what it is, and what it took, with and without the agents below it.
import type { Sums } from '@/api/types'
import { AgentBlock, AgentLine } from '@/components/agent-text'
import { countExact } from '@/lib/count'
import { usdExact, usdText } from '@/lib/money'
import { durationExact, durationText, momentExact, stampText } from '@/lib/time'
import { tokenParts } from '@/lib/words'
import { spanOf, type Place, type ThreadFacts } from './threads'
import { Way } from './way'

const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 first:text-left last:pr-0'

interface ThreadDetailsProps {
  about: ThreadFacts
  /** Who led to it, itself the last. */
  way: readonly Place[]
  onThread: (key: string) => void
  onClose: () => void
}

export function ThreadDetails({ about, way, onThread, onClose }: ThreadDetailsProps) {
  const span = spanOf(about)
  const part = about.kind === 'turn' ? about.turn : about.agent
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 items-baseline gap-2 border-b border-line px-4 py-2">
        <h2 className="flex min-w-0 text-14">{about.kind === 'turn' ? (about.turn.prompt_id === null ? 'Before the first prompt' : `Turn ${about.number}`) : <AgentLine text={`${about.agent.kind} ${about.agent.agent_type ?? ''}`} className="!font-sans !text-14" />}</h2>
        <span title={span ? durationExact(span.to - span.from) : 'time unknown'}>{span ? durationText(span.to - span.from) : '–'}</span>
        <button type="button" onClick={onClose} aria-label="Close the details" title="Close (Esc)" className="ml-auto h-6 w-6 rounded-md text-muted hover:bg-hover hover:text-ink">
          ✕
        </button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0} role="region" aria-label="Facts">
        <AgentBlock text={(about.kind === 'turn' ? about.turn.label : about.agent.description) ?? 'No words are known.'} className="mb-3" />
        <dl className="mb-3 grid grid-cols-[88px_1fr] gap-x-2 text-12">
          {way.length > 1 && (
            <>
              <dt className="text-muted">started by</dt>
              <dd className="min-w-0">
                <Way way={way.slice(0, -1)} onThread={onThread} />
              </dd>
            </>
          )}
          <dt className="text-muted">began</dt>
          <dd title={momentExact(part.started_at)}>{stampText(part.started_at)}</dd>
          <dt className="text-muted">last sign</dt>
          <dd title={momentExact(part.last_at)}>{stampText(part.last_at)}</dd>
          <dt className="text-muted">steps</dt>
          <dd>{countExact(part.step_count)}</dd>
          <dt className="text-muted">errors</dt>
          <dd className={part.error_count > 0 ? 'text-bad' : ''}>{countExact(part.error_count)}</dd>
          {about.kind === 'agent' ? <AgentFacts about={about} /> : (
            <>
              <dt className="text-muted">written by</dt>
              <dd>{about.turn.is_human ? 'a person' : 'Claude Code'}</dd>
            </>
          )}
        </dl>
        {about.kind === 'turn' ? <SumsTable columns={[['all agents', about.turn.totals]]} /> : <SumsTable columns={[['its own', about.agent.own], ['with those below', about.agent.subtree]]} />}
      </div>
    </div>
  )
}

function AgentFacts({ about: { agent } }: { about: ThreadFacts & { kind: 'agent' } }) {
  return (
    <>
      <dt className="text-muted">end</dt>
      <dd>{agent.end ?? <span title="No end was told">–</span>}</dd>
      <dt className="text-muted">depth</dt>
      <dd>{agent.depth ?? <span title="The way up to the main agent is unknown">–</span>}</dd>
      <dt className="text-muted">model</dt>
      <dd>{agent.model ?? '–'}</dd>
      {agent.is_orphan && (
        <>
          <dt className="text-muted">origin</dt>
          <dd className="text-wait">orphan: no call that spawned it is known, and none will come</dd>
        </>
      )}
      <dt className="text-muted">id</dt>
      <dd className="agent-text break-all text-muted select-all">{agent.agent_id}</dd>
    </>
  )
}

function SumsTable({ columns }: { columns: ReadonlyArray<readonly [string, Sums]> }) {
  const kinds = columns[0] ? tokenParts(columns[0][1]).map(([kind]) => kind) : []
  return (
    <table className="w-full">
      <thead>
        <tr className="text-12 text-muted">
          <th scope="col" className={`${CELL} font-normal`}>tokens</th>
          {columns.map(([name]) => (
            <th key={name} scope="col" className={`${CELL} font-normal`}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {kinds.map((kind, at) => (
          <tr key={kind} className="border-t border-line">
            <th scope="row" className={`${CELL} font-normal`}>{kind}</th>
            {columns.map(([name, sums]) => (
              <td key={name} className={CELL}>{countExact(tokenParts(sums)[at]?.[1])}</td>
            ))}
          </tr>
        ))}
        <tr className="border-t border-line">
          <th scope="row" className={`${CELL} font-normal`}>model requests</th>
          {columns.map(([name, sums]) => (
            <td key={name} className={CELL}>{countExact(sums.requests)}</td>
          ))}
        </tr>
        <tr className="border-t border-edge">
          <th scope="row" className={CELL}>cost</th>
          {columns.map(([name, sums]) => (
            <td key={name} className={CELL} title={usdExact(sums.cost_usd, sums.cost_basis)}>{usdText(sums.cost_usd, sums.cost_basis)}</td>
          ))}
        </tr>
      </tbody>
    </table>
  )
}
