// How a budget stands, in words and in parts of its bar.
import { usdText, type CostBasis } from './money'

/** One account of a budget, as far as it is shown. */
export interface BudgetAccount {
  owner: string | null
  spent_usd: number
  cost_basis: CostBasis
  percent: number
  left_usd: number
  forecast: { low_usd: number; likely_usd: number; high_usd: number; sample_days: number; is_beyond: boolean } | null
  sessions: ReadonlyArray<{ session_id: string; cost_usd: number }>
}

/** A budget in the period that runs, as far as it is shown. */
export interface BudgetRecord {
  name: string
  period: string
  period_label: string
  period_from: string
  period_until: string
  amount_usd: number
  warn_percent: readonly number[]
  accounts: readonly BudgetAccount[]
  account_count: number
}

/** A line of the list: one account of a budget; none yet for a budget that nobody spent from. */
export interface BudgetLine {
  budget: BudgetRecord
  account: BudgetAccount | null
}

export type BudgetTone = 'calm' | 'near' | 'over'

/** So many accounts of one budget are shown. */
const OF_EACH = 5

/** The accounts that used most as lines, in the order of the budgets; `most` of the lines that are used most. */
export function linesOf(budgets: readonly BudgetRecord[], most = Number.POSITIVE_INFINITY): BudgetLine[] {
  const lines = budgets.flatMap((budget): BudgetLine[] => (budget.accounts.length === 0 ? [{ budget, account: null }] : budget.accounts.slice(0, OF_EACH).map((account) => ({ budget, account }))))
  if (lines.length <= most) return lines
  return [...lines].sort((a, b) => (b.account?.percent ?? 0) - (a.account?.percent ?? 0)).slice(0, most)
}

/** Worth a look from the last step before the whole on, or when more than the whole is likely. */
export function toneOf({ account }: BudgetLine): BudgetTone {
  if (account === null) return 'calm'
  if (account.percent >= 100) return 'over'
  return account.percent >= 80 || account.forecast?.is_beyond === true ? 'near' : 'calm'
}

/** Parts of the bar's width, 0 to 1. It ends at the whole budget, or further out where more was spent or may be. */
export interface BudgetBar {
  spent: number
  whole: number
  steps: number[]
  range: { from: number; likely: number; until: number } | null
  elapsed: number | null
}

export function barOf({ budget, account }: BudgetLine, now: number): BudgetBar {
  const amount = budget.amount_usd
  const spent = account?.spent_usd ?? 0
  const high = account?.forecast?.high_usd ?? 0
  // A forecast far beyond would press the rest to nothing.
  const end = Math.max(amount, spent, Math.min(high, amount * 2))
  const part = (usd: number): number => Math.min(1, Math.max(0, usd / end))
  const [from, until] = [Date.parse(budget.period_from), Date.parse(budget.period_until)]
  const forecast = account?.forecast ?? null
  return {
    spent: part(spent),
    whole: part(amount),
    steps: budget.warn_percent.filter((percent) => percent < 100).map((percent) => part((amount * percent) / 100)),
    range: forecast === null ? null : { from: part(forecast.low_usd), likely: part(forecast.likely_usd), until: part(forecast.high_usd) },
    elapsed: budget.period === 'session' || !(until > from) ? null : Math.min(1, Math.max(0, (now - from) / (until - from))) * part(amount),
  }
}

/** `~$4.20 of $10.00`. */
export function spentWords({ budget, account }: BudgetLine): string {
  const whole = usdText(budget.amount_usd, 'reported')
  return account === null ? `nothing of ${whole}` : `${usdText(account.spent_usd, account.cost_basis)} of ${whole}`
}

/** `likely ~$8.10 at its end ($7.00 to $9.50, as 28 days went)`; empty where too little is known. */
export function forecastWords({ account }: BudgetLine): string {
  const forecast = account?.forecast ?? null
  if (forecast === null) return ''
  const usd = (amount: number): string => usdText(amount, 'reported')
  const [low, high] = [usd(forecast.low_usd), usd(forecast.high_usd)]
  const range = low === high ? '' : `${low} to ${high}, `
  return `likely ${usdText(forecast.likely_usd, 'priced')} at its end (${range}as ${forecast.sample_days} days went)`
}

/** `2026-11-23`, or `each session` for a budget without a calendar. */
export function periodWords(budget: BudgetRecord): string {
  return budget.period === 'session' ? 'a session, those of today' : `${budget.period} ${budget.period_label}`
}
