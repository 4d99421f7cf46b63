// Budgets as bars: what was spent, the steps at which somebody is told, how far the period is, and what it will come to. A
// table, so that each bar's figures stand beside it in words.
import { Link } from '@tanstack/react-router'
import { barOf, forecastWords, linesOf, periodWords, spentWords, toneOf, type BudgetLine, type BudgetRecord, type BudgetTone } from '@/lib/budget'
import { usdText } from '@/lib/money'
import { AgentLine } from './agent-text'

const FILL: Record<BudgetTone, string> = { calm: 'bg-accent', near: 'bg-wait', over: 'bg-bad' }
const TEXT: Record<BudgetTone, string> = { calm: '', near: 'text-wait', over: 'text-bad' }
const GLYPH: Record<BudgetTone, string> = { calm: '', near: '▲ ', over: '✕ ' }

interface BudgetBarsProps {
  budgets: readonly BudgetRecord[]
  now: number
  /** At most so many lines, those used most. */
  most?: number
}

export function BudgetBars({ budgets, now, most }: BudgetBarsProps) {
  const lines = linesOf(budgets, most)
  const hidden = budgets.reduce((sum, budget) => sum + Math.max(1, budget.account_count), 0) - lines.length
  return (
    <table className="w-full table-fixed border-collapse max-sm:block" aria-label="Budgets">
      <colgroup>
        <col className="w-[30%]" />
        <col />
        <col className="w-2/5" />
      </colgroup>
      <thead className="sr-only">
        <tr>
          <th scope="col">Budget</th>
          <th scope="col">Used</th>
          <th scope="col">Spent and forecast</th>
        </tr>
      </thead>
      <tbody className="max-sm:block">
        {lines.map((line) => (
          <Row key={`${line.budget.name} ${line.account?.owner ?? ''}`} line={line} now={now} />
        ))}
        {hidden > 0 && (
          <tr className="max-sm:block">
            <td colSpan={3} className="py-1 text-12 text-muted max-sm:block">
              and {hidden} more that used less; <code>argus budgets --json</code> has up to twenty of each budget
            </td>
          </tr>
        )}
      </tbody>
    </table>
  )
}

function Row({ line, now }: { line: BudgetLine; now: number }) {
  const { budget, account } = line
  const tone = toneOf(line)
  const dearest = account?.sessions[0]
  const forecast = forecastWords(line)
  return (
    <tr className="border-b border-line align-top max-sm:flex max-sm:flex-col max-sm:py-1">
      <th scope="row" className="min-w-0 py-1.5 pr-3 text-left font-normal max-sm:py-0.5">
        <span className="flex min-w-0 flex-col">
          <AgentLine text={budget.name} className="!font-sans !text-13" />
          {account?.owner != null && <AgentLine text={account.owner} className="text-muted" />}
          <span className="text-12 text-muted">{periodWords(budget)}</span>
        </span>
      </th>
      <td className="py-2 pr-3 max-sm:py-0.5">
        <Bar line={line} now={now} tone={tone} />
      </td>
      <td className="py-1.5 max-sm:py-0.5">
        <span className="flex flex-col">
          <span className={TEXT[tone]}>
            <span aria-hidden="true">{GLYPH[tone]}</span>
            {spentWords(line)}
            {account !== null && `, ${account.percent} %`}
            {tone === 'over' && account !== null && `, ${usdText(-account.left_usd, 'reported')} over`}
          </span>
          {forecast !== '' && <span className="text-12 text-muted">{forecast}</span>}
          {dearest && (
            <Link to="/sessions/$sessionId" params={{ sessionId: dearest.session_id }} className="text-12 text-accent hover:underline">
              most by one session: {usdText(dearest.cost_usd, 'priced')}
            </Link>
          )}
        </span>
      </td>
    </tr>
  )
}

const percent = (part: number): string => `${(part * 100).toFixed(2)}%`

function Bar({ line, now, tone }: { line: BudgetLine; now: number; tone: BudgetTone }) {
  const bar = barOf(line, now)
  return (
    <span className="relative block h-4 w-full rounded-sm bg-line" aria-hidden="true">
      <span className={`absolute inset-y-0 left-0 rounded-sm ${FILL[tone]}`} style={{ width: bar.spent > 0 ? `max(2px, ${percent(bar.spent)})` : 0 }} />
      {bar.range && (
        <>
          <span className="absolute top-[7px] h-0.5 bg-ink" style={{ left: percent(bar.range.from), width: percent(Math.max(0, bar.range.until - bar.range.from)) }} title="what the period will probably come to, with its range" />
          <span className="absolute top-1 h-2 w-0.5 bg-ink" style={{ left: `min(${percent(bar.range.likely)}, calc(100% - 2px))` }} />
        </>
      )}
      {bar.steps.map((step) => (
        <span key={step} className="absolute inset-y-0 w-px bg-ground" style={{ left: percent(step) }} />
      ))}
      <span className="absolute -inset-y-0.5 w-0.5 bg-edge" style={{ left: `min(${percent(bar.whole)}, calc(100% - 2px))` }} title="the whole budget" />
      {bar.elapsed !== null && <span className="absolute -bottom-1 text-[8px] leading-none text-muted" style={{ left: `calc(${percent(bar.elapsed)} - 3px)` }} title="how far the period is">▲</span>}
    </span>
  )
}
