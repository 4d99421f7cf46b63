// Why a step costs what it does: the request that produced it, and this step's share of that request.
import { useQuery } from '@tanstack/react-query'
import { sessionContext } from '@/api/context'
import type { EventRecord, Price, RequestRecord } from '@/api/types'
import { countExact } from '@/lib/count'
import { basisWords, usdExact, usdText } from '@/lib/money'
import { momentExact } from '@/lib/time'
import { tokenParts } from '@/lib/words'
import { carryWords } from './carry'

const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 first:text-left last:pr-0'

export function CostReason({ event, request, price }: { event: EventRecord; request: RequestRecord | null; price: Price | null }) {
  if (!request) {
    return (
      <p className="text-muted">
        No model request is known to have produced this step, so it has no cost of its own: {basisWords(event.cost_basis)}.
      </p>
    )
  }
  const shares = tokenParts(event)
  const percent = request.cost_usd !== null && request.cost_usd > 0 && event.cost_usd !== null ? `${((event.cost_usd / request.cost_usd) * 100).toFixed(1)} %` : '–'
  return (
    <div>
      <p>
        {request.share_count === 1
          ? 'The request produced this step alone.'
          : `The request produced ${request.share_count} steps; each has a share by the size of its part of the answer. This one has ${percent}.`}
        {event.kind === 'model_request' && event.cost_usd === 0 && (request.cost_usd ?? 0) > 0 && ` It had no text of its own: all of its ${usdText(request.cost_usd, request.cost_basis)} stands with the tool calls it asked for.`}
      </p>
      <table className="mt-2 w-full">
        <thead>
          <tr className="text-12 text-muted">
            <th scope="col" className={`${CELL} font-normal`}>tokens</th>
            <th scope="col" className={`${CELL} font-normal`}>request</th>
            <th scope="col" className={`${CELL} font-normal`}>this step</th>
          </tr>
        </thead>
        <tbody>
          {tokenParts(request).map(([kind, count], at) => (
            <tr key={kind} className="border-t border-line">
              <th scope="row" className={`${CELL} font-normal`}>{kind}</th>
              <td className={CELL}>{countExact(count)}</td>
              <td className={CELL}>{countExact(shares[at]?.[1])}</td>
            </tr>
          ))}
          <tr className="border-t border-edge">
            <th scope="row" className={CELL}>cost</th>
            <td className={CELL} title={usdExact(request.cost_usd, request.cost_basis)}>{usdText(request.cost_usd, request.cost_basis)}</td>
            <td className={CELL} title={usdExact(event.cost_usd, event.cost_basis)}>{usdText(event.cost_usd, event.cost_basis)}</td>
          </tr>
        </tbody>
      </table>
      {event.kind === 'tool_call' && <Carried event={event} />}
      {price && <ListPrice price={price} />}
      <dl className="mt-3 grid grid-cols-[88px_1fr] gap-x-2 text-12">
        <dt className="text-muted">basis</dt>
        <dd>{basisWords(request.cost_basis)}</dd>
        <dt className="text-muted">this step</dt>
        <dd>{usdExact(event.cost_usd, event.cost_basis)}</dd>
        <dt className="text-muted">model</dt>
        <dd>{request.model ?? '–'}</dd>
        <dt className="text-muted">sent</dt>
        <dd>{momentExact(request.sent_at)}</dd>
        <dt className="text-muted">request</dt>
        <dd className="agent-text break-all">{request.request_id ?? request.message_id}</dd>
      </dl>
    </div>
  )
}

/** What its result cost for as long as it stayed in the context: the larger part of most results' money. */
function Carried({ event }: { event: EventRecord }) {
  const { data } = useQuery(sessionContext(event.session_id, event.agent_id, event.event_id))
  if (!data) return null
  return (
    <p className="mt-3">
      <span className="text-muted">Its result: </span>
      {data.asked ? carryWords(data.asked) : 'it has come into no prompt yet.'}
    </p>
  )
}

/** Whether a person's own price or multiplier is in it. */
function isOwn(price: Price): boolean {
  return price.source === 'prices.toml' || price.parts.some((part) => part.what === 'your own multiplier')
}

/** Tokens times rate, then what each modifier adds: the lines sum to the list price, to the last digit. */
function ListPrice({ price }: { price: Price }) {
  const amount = (usd: number | null): string => (usd === null ? '–' : usdExact(usd, 'priced').split(', ')[0] ?? '–')
  return (
    <>
      <table className="mt-3 w-full">
        <caption className="pb-1 text-left text-12 text-muted">How the list price of the request comes about</caption>
        <thead>
          <tr className="text-12 text-muted">
            {['for', 'count', 'each', '$'].map((head) => (
              <th key={head} scope="col" className={`${CELL} font-normal`}>{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {price.parts.map((part) => (
            <tr key={part.what} className="border-t border-line">
              <th scope="row" className={`${CELL} font-normal`}>{part.what}</th>
              <td className={CELL}>{part.count === null ? '' : countExact(part.count)}</td>
              <td className={CELL}>{part.factor === null ? amount(part.each_usd) : `× ${part.factor}`}</td>
              <td className={CELL}>{amount(part.cost_usd)}</td>
            </tr>
          ))}
          <tr className="border-t border-edge">
            <th scope="row" className={CELL} colSpan={3}>{isOwn(price) ? 'your own price' : 'list price'}</th>
            <td className={CELL}>{amount(price.list_usd)}</td>
          </tr>
        </tbody>
      </table>
      <p className="mt-1 text-12 text-muted">
        {price.cost_basis === 'reported' ? `Claude Code reported ${amount(price.cost_usd)} itself, which counts. ` : price.is_list_price ? '' : `It was priced as ${amount(price.cost_usd)} by another table. `}
        Price {price.since === null ? 'since the model is known' : `since ${price.since.slice(0, 10)}`}; table of {price.table_date}, from {price.source ?? 'a source not told'}. {isOwn(price) ? '' : 'A list-price estimate: a subscription pays another one.'}
      </p>
    </>
  )
}
