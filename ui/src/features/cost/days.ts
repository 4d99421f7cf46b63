// The day chart's figures: the five dearest models are parts of their own, the rest is one.
import type { CostRow } from '@/api/types'
import type { DayPart } from '@/components/stacked-days'
import { addCosts, type CostPart } from '@/lib/money'
import { modelText } from '@/lib/words'

const OWN_PARTS = 5
const OTHERS = 'all others'

export interface DayFigures {
  days: string[]
  /** From the bottom up: the dearest first. */
  parts: Array<DayPart & { name: string; cost: CostPart }>
}

export function figuresOf(rows: readonly CostRow[]): DayFigures {
  const sums = new Map<string, number>()
  for (const row of rows) {
    for (const part of row.parts) {
      sums.set(part.key, (sums.get(part.key) ?? 0) + (part.cost_usd ?? 0))
    }
  }
  const keys = [...sums].sort((a, b) => b[1] - a[1]).map(([key]) => key)
  const own = keys.length <= OWN_PARTS + 1 ? keys : keys.slice(0, OWN_PARTS)
  const rest = new Set(keys.filter((key) => !own.includes(key)))
  const amount = (row: CostRow, isMeant: (key: string) => boolean): number | null => {
    const meant = (row.parts).filter((part) => isMeant(part.key) && part.cost_usd !== null)
    return meant.length === 0 ? null : meant.reduce((sum, part) => sum + (part.cost_usd ?? 0), 0)
  }
  const part = (key: string, at: number, isMeant: (key: string) => boolean): DayFigures['parts'][number] => {
    const values = rows.map((row) => amount(row, isMeant))
    const cost = addCosts(rows.flatMap((row) => row.parts.filter((each) => isMeant(each.key))))
    return { key, name: key === OTHERS ? OTHERS : key === '' ? 'unknown model' : modelText(key), token: `part-${at + 1}`, values, cost }
  }
  const parts = own.map((key, at) => part(key, at, (each) => each === key))
  if (rest.size > 0) parts.push(part(OTHERS, OWN_PARTS, (each) => rest.has(each)))
  return { days: rows.map((row) => row.key), parts }
}
