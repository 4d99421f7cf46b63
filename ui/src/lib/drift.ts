// The four figures of reported money as text. Reported = explained + hidden + unexplained; unexplained may be negative.
import { usdExact, usdText, type CostBasis } from './money'

/** The figures as records carry them. */
export interface MoneyParts {
  reported_usd: number | null
  explained_usd: number
  /** As sure as its weakest request. */
  explained_basis: CostBasis | null
  told_by_telemetry_usd: number
  hidden_usd: number | null
  unexplained_usd: number | null
}

/** Below this, figures are apart by no more than the accuracy of Claude Code's own sums. */
const ROUNDING = 0.000_001

export function driftText(amount: number | null): string {
  if (amount === null) return '–'
  return amount < 0 ? `−${usdText(-amount, 'reported')}` : usdText(amount, 'reported')
}

export const PART_WORDS = {
  reported: 'what Claude Code itself counted, in its report at the end of a run',
  explained: 'what the requests come to that the report covers',
  told: 'of that, requests that stand in no transcript and of which telemetry told',
  hidden: 'reported, with tokens that no known request has',
  unexplained: 'the rest, which neither requests nor hidden ones account for',
}

/** `97.3 %`; whole only where it is whole. */
export function explainedShare(millionths: number | null): string {
  if (millionths === null) return '–'
  if (millionths === 1_000_000) return '100 %'
  return `${(Math.floor(millionths / 1_000) / 10).toFixed(1)} %`
}

/** `+ $1.10 hidden, 97.3 % explained`, as far as it is known; null where nothing was reported. */
export function explainedWords(totals: Pick<MoneyParts, 'hidden_usd'> & { explained_millionths: number | null }): string | null {
  if (totals.explained_millionths === null) return null
  const hidden = totals.hidden_usd !== null && totals.hidden_usd > 0 ? `+ ${usdText(totals.hidden_usd, 'reported')} hidden, ` : ''
  return `${hidden}${explainedShare(totals.explained_millionths)} explained`
}

/** The share of one session. */
export function shareOfParts(parts: MoneyParts): number | null {
  if (parts.reported_usd === null || parts.hidden_usd === null || parts.unexplained_usd === null || parts.reported_usd <= 0) return null
  const apart = Math.abs(parts.hidden_usd) + Math.abs(parts.unexplained_usd)
  if (apart < ROUNDING) return 1_000_000
  return Math.max(0, Math.floor((1 - apart / parts.reported_usd) * 1_000_000))
}

export function exactly(amount: number | null, what: string): string {
  if (amount === null) return `unknown: ${what}`
  const sign = amount < 0 ? '−' : ''
  return `${sign}${usdExact(Math.abs(amount), 'reported').split(',').slice(0, -1).join(',')}: ${what}`
}
