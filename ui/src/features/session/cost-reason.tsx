// Why a step costs what it does: the request that produced it, and this step's share of that request.
import type { EventRecord, RequestRecord } from '@/api/types'
import { countExact } from '@/lib/count'
import { basisWords, usdExact, usdText } from '@/lib/money'
import { momentExact } from '@/lib/time'
import { tokenParts } from '@/lib/words'

const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 first:text-left last:pr-0'

export function CostReason({ event, request }: { event: EventRecord; request: RequestRecord | null }) {
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
      <dl className="mt-3 grid grid-cols-[88px_1fr] gap-x-2 text-12">
        <dt className="text-muted">basis</dt>
        <dd>{basisWords(request.cost_basis)}</dd>
        <dt className="text-muted">exactly</dt>
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
