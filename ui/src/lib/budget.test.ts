import { expect, test } from 'vitest'
import { barOf, forecastWords, linesOf, spentWords, toneOf, type BudgetAccount, type BudgetRecord } from './budget'

const account = (percent: number, likely: number | null = null): BudgetAccount => ({
  owner: null, spent_usd: percent / 10, cost_basis: 'priced', percent, left_usd: 10 - percent / 10, sessions: [],
  forecast: likely === null ? null : { low_usd: likely - 1, likely_usd: likely, high_usd: likely + 1, sample_days: 28, is_beyond: likely > 10 },
})
const budget = (accounts: BudgetAccount[]): BudgetRecord => ({
  name: 'team', period: 'day', amount_usd: 10, warn_percent: [50, 80, 100], period_label: '2026-11-23',
  period_from: '2026-11-23T00:00:00Z', period_until: '2026-11-24T00:00:00Z', accounts, account_count: accounts.length,
})
const NOON = Date.parse('2026-11-23T12:00:00Z')
const line = (percent: number, likely: number | null = null) => ({ budget: budget([]), account: account(percent, likely) })

test('a bar ends at the whole budget, and further out where more was spent or may be', () => {
  expect(barOf(line(40), NOON)).toEqual({ spent: 0.4, whole: 1, steps: [0.5, 0.8], range: null, elapsed: 0.5 })
  expect(barOf(line(200), NOON)).toMatchObject({ spent: 1, whole: 0.5, steps: [0.25, 0.4], elapsed: 0.25 })
  expect(barOf(line(40, 15), NOON)).toMatchObject({ spent: 0.25, range: { from: 0.875, likely: 0.9375, until: 1 } })
  expect(barOf(line(10, 1000), NOON).whole).toBe(0.5)
})

test('what is near or over says so, also when only the forecast does', () => {
  expect([line(79), line(80), line(100), line(10, 11), line(10, 9), { budget: budget([]), account: null }].map(toneOf)).toEqual(['calm', 'near', 'over', 'near', 'calm', 'calm'])
})

test('the lines that are used most come first where only some are shown', () => {
  const all = linesOf([budget([account(5), account(90)]), budget([])])
  expect(all.map((each) => each.account?.percent ?? null)).toEqual([5, 90, null])
  expect(linesOf([budget([account(5), account(90)]), budget([])], 1).map((each) => each.account?.percent)).toEqual([90])
})

test('words say what is spent, and nothing of a forecast that is not known', () => {
  expect(spentWords(line(42))).toBe('~$4.20 of $10.00')
  expect(forecastWords(line(42))).toBe('')
  expect(forecastWords(line(42, 8))).toBe('likely ~$8.00 at its end ($7.00 to $9.00, as 28 days went)')
  const forecast = { low_usd: 8, likely_usd: 8, high_usd: 8.001, sample_days: 28, is_beyond: false }
  expect(forecastWords({ ...line(42), account: { ...account(42), forecast } })).toBe('likely ~$8.00 at its end (as 28 days went)')
})
