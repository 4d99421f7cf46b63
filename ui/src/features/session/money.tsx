// Is the session's figure right? A chip beside it says how much of what Claude Code reported is explained, and opens the
// four figures, model by model, with the reasons.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { sessionReconciliation } from '@/api/reconciliation'
import type { SessionReconciliation } from '@/api/types'
import { Dialog } from '@/components/dialog'
import { MoneyPartsBar } from '@/components/money-parts'
import { counted, countExact } from '@/lib/count'
import { driftText, exactly, explainedShare, PART_WORDS, shareOfParts, type MoneyParts } from '@/lib/drift'
import { usdText } from '@/lib/money'
import { momentExact } from '@/lib/time'
import { modelText } from '@/lib/words'

/** The name under which stands what only the status line told of. */
const STATUS_LINE = '(status line)'

const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 first:text-left last:pr-0'

export function MoneyChip({ sessionId }: { sessionId: string }) {
  const [isOpen, setOpen] = useState(false)
  const { data } = useQuery(sessionReconciliation(sessionId))
  if (!data) return null
  const share = shareOfParts(data)
  const text = data.reported_usd === null ? 'no report' : share === null ? 'nothing reported' : share === 1_000_000 ? '✓ explained' : `${explainedShare(share)} explained`
  return (
    <>
      <button type="button" className="rounded-md border border-line px-1.5 text-12 text-muted hover:border-edge hover:text-ink" title="What Claude Code reported, and what explains it" onClick={() => setOpen(true)}>
        {text}
      </button>
      {isOpen && (
        <Dialog label="Reported and explained" onClose={() => setOpen(false)}>
          <Money found={data} onClose={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  )
}

function Money({ found, onClose }: { found: SessionReconciliation; onClose: () => void }) {
  return (
    <div className="max-h-[70vh] overflow-y-auto p-4" tabIndex={0} role="region" aria-label="Reported and explained">
      <div className="mb-3 flex items-baseline gap-3">
        <h2 className="text-16">
          {found.reported_usd === null ? 'Claude Code’s own total is not known' : `Claude Code reported ${usdText(found.reported_usd, 'reported')}`}
        </h2>
        <button type="button" className="ml-auto text-muted hover:text-ink" onClick={onClose}>
          Close
        </button>
      </div>
      {found.reported_usd !== null && <MoneyPartsBar money={found} />}
      {found.drifts.length === 0 ? <p className="mt-3 text-good">✓ Known requests explain all of it.</p> : <ul className="mt-3 list-disc pl-4">{found.drifts.map((drift) => <li key={drift.reason}>{drift.says}</li>)}</ul>}
      {found.uncovered_requests > 0 && (
        <p className="mt-2 text-muted">
          {counted(found.uncovered_requests, 'request')} for {driftText(found.uncovered_usd)} stand in no report.
        </p>
      )}
      <Models found={found} />
      {found.told_by_telemetry.length > 0 && (
        <p className="mt-3 text-muted">
          Told by telemetry alone: {found.told_by_telemetry.map((told) => `${told.query_source ?? 'no purpose told'} ${countExact(told.request_count)}× ${usdText(told.cost_usd, 'reported')}`).join(', ')}
        </p>
      )}
      {found.reported_until !== null && <p className="mt-3 text-12 text-muted">Reported at {momentExact(found.reported_until)} {found.is_by_status_line ? 'by the status line' : 'or later'}. Money is at list price: a subscription pays another one.</p>}
    </div>
  )
}

function Models({ found }: { found: SessionReconciliation }) {
  if (found.models.length === 0) return null
  return (
    <div className="mt-3 overflow-x-auto" tabIndex={0} role="region" aria-label="By model">
      <table className="w-full">
        <thead>
          <tr className="text-12 text-muted">
            {['model', 'reported', 'explained', 'hidden', 'unexplained'].map((head) => (
              <th key={head} scope="col" className={`${CELL} font-normal`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.models.map((model) => (
            <tr key={model.model} className="border-t border-line">
              <th scope="row" className={`${CELL} font-normal`} title={model.drift?.says ?? 'all explained'}>
                {model.model === '' ? 'no model' : model.model === STATUS_LINE ? 'since, by the status line' : modelText(model.model)}
              </th>
              <Amounts money={model} />
            </tr>
          ))}
          <tr className="border-t border-edge">
            <th scope="row" className={CELL}>sum</th>
            <Amounts money={found} />
          </tr>
        </tbody>
      </table>
    </div>
  )
}

function Amounts({ money }: { money: MoneyParts }) {
  return (
    <>
      <td className={CELL} title={exactly(money.reported_usd, PART_WORDS.reported)}>{driftText(money.reported_usd)}</td>
      <td className={CELL} title={exactly(money.explained_usd, PART_WORDS.explained)}>{usdText(money.explained_usd, money.explained_basis)}</td>
      <td className={CELL} title={exactly(money.hidden_usd, PART_WORDS.hidden)}>{driftText(money.hidden_usd)}</td>
      <td className={CELL} title={exactly(money.unexplained_usd, PART_WORDS.unexplained)}>{driftText(money.unexplained_usd)}</td>
    </>
  )
}
