// Money as text. Short on the page, exact on demand, and always with the mark of its basis: nothing where Claude Code
// reported the amount, `~` where it was priced from usage, `≥` where it is a lower bound, `–` where it is unknown.
// An unknown amount is never shown as zero.

import { groupedDigits } from './digits'

export type CostBasis = 'reported' | 'priced' | 'incomplete' | 'unpriced'

const MARKS: Record<CostBasis, string> = { reported: '', priced: '~', incomplete: '≥', unpriced: '' }

const BASIS_WORDS: Record<CostBasis, string> = {
  reported: 'reported by Claude Code',
  priced: 'priced from exact usage and the price table: an estimate at list price, which a subscription does not pay',
  incomplete: 'a lower bound: some usage or some price is missing',
  unpriced: 'no price is known for the model',
}

/** How many decimals a column keeps, so that its figures stand under each other. */
export type UsdPlaces = 2 | 3

/** The mark in front of an amount of this basis. */
export function basisMark(basis: CostBasis | null): string {
  return basis === null ? '' : MARKS[basis]
}

/** What the basis means, in words. */
export function basisWords(basis: CostBasis | null): string {
  return basis === null ? 'no model request is known for it' : BASIS_WORDS[basis]
}

/** A figure without sign or mark: `3.17`, `<0.01`, `1,204`. */
export function usdFigure(amount: number, places: UsdPlaces = 2): string {
  const smallest = 10 ** -places
  if (amount !== 0 && Math.abs(amount) < smallest / 2) return `<${smallest.toFixed(places)}`
  if (Math.abs(amount) >= 10_000) return groupedDigits(Math.round(amount))
  return groupedDigits(amount, places)
}

/** An amount for running text: `~$0.42`, `≥$12.40`, `–`. */
export function usdText(amount: number | null, basis: CostBasis | null): string {
  if (amount === null) return '–'
  const figure = usdFigure(amount, amount !== 0 && Math.abs(amount) < 0.1 ? 3 : 2)
  const mark = basisMark(basis)
  return figure.startsWith('<') ? `${mark}<$${figure.slice(1)}` : `${mark}$${figure}`
}

/** Every digit we have, with the basis in words. Doubles carry 15 digits: more would be invention. */
export function usdExact(amount: number | null, basis: CostBasis | null): string {
  if (amount === null) return `cost unknown: ${basisWords(basis)}`
  const digits = Number(amount.toPrecision(15))
  const decimals = Math.min(12, Math.max(2, decimalPlaces(digits)))
  return `$${groupedDigits(digits, decimals)}, ${basisWords(basis)}`
}

function decimalPlaces(amount: number): number {
  const text = amount.toFixed(12).replace(/0+$/, '')
  return text.length - text.indexOf('.') - 1
}

/** An amount with its basis, as records carry it. */
export interface CostPart {
  cost_usd: number | null
  cost_basis: CostBasis | null
}

const ORDER: readonly CostBasis[] = ['reported', 'priced', 'incomplete', 'unpriced']

/** Adds amounts whose bases differ: an unknown part makes a lower bound; nothing known at all stays unknown. */
export function addCosts(parts: readonly CostPart[]): CostPart {
  const known = parts.filter((part) => part.cost_usd !== null)
  if (parts.length > 0 && known.length === 0) return { cost_usd: null, cost_basis: 'unpriced' }
  const weakest = Math.max(0, ...parts.map((part) => ORDER.indexOf(part.cost_basis ?? 'unpriced')))
  const basis = ORDER[Math.min(weakest, ORDER.indexOf('incomplete'))] ?? 'incomplete'
  return { cost_usd: known.reduce((sum, part) => sum + (part.cost_usd ?? 0), 0), cost_basis: basis }
}
