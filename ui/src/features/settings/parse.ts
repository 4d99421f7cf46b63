// What a person types as an amount or a number of days: the value, or what is wrong with it in words.

const MOST_USD = 100_000
const MOST_DAYS = 36_500

/** Dollars; a comma counts as a point. */
export function parseAmount(text: string): number | string {
  const clean = text.trim().replace(/^\$/, '').replace(',', '.')
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(clean)) return 'An amount in dollars, such as 0.10'
  const amount = Number(clean)
  if (amount <= 0) return 'More than nothing'
  return amount > MOST_USD ? 'At most $100,000' : amount
}

/** Days; empty keeps for ever. */
export function parseDays(text: string): number | null | string {
  const clean = text.trim()
  if (clean === '') return null
  if (!/^\d{1,6}$/.test(clean) || Number(clean) < 1) return 'A number of days, or nothing to keep everything'
  return Number(clean) > MOST_DAYS ? 'At most a hundred years' : Number(clean)
}

/** A whole number of things. */
export function parseWhole(text: string): number | string {
  const clean = text.trim()
  if (!/^\d{1,5}$/.test(clean) || Number(clean) < 1 || Number(clean) > 10_000) return 'A whole number from 1 to 10000'
  return Number(clean)
}
