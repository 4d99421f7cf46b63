import { expect, it } from 'vitest'
import type { CostRow } from '@/api/types'
import { figuresOf } from './days'

const day = (key: string, parts: Array<[string, number | null]>): CostRow => ({ key, label: key, session_id: null, parts: parts.map(([part, cost_usd]) => ({ key: part, cost_usd, cost_basis: cost_usd === null ? 'unpriced' : 'priced' })) }) as unknown as CostRow

it('the dearest are parts of their own, the rest is one, and nothing is lost', () => {
  const rows = [
    day('2026-11-01', Array.from({ length: 9 }, (_, at): [string, number] => [`m${at}`, at + 1])),
    day('2026-11-02', [['m8', 5]]),
  ]
  const { days, parts } = figuresOf(rows)
  expect(days).toEqual(['2026-11-01', '2026-11-02'])
  expect(parts.map((part) => part.name)).toEqual(['m8', 'm7', 'm6', 'm5', 'm4', 'all others'])
  expect(parts[0]?.values).toEqual([9, 5])
  expect(parts.flatMap((part) => part.values).reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(50)
})

it('an unknown amount is a gap and makes its part a lower bound, never a zero', () => {
  const { parts } = figuresOf([day('2026-11-01', [['a', null], ['b', 2]]), day('2026-11-02', [['b', null]])])
  expect(parts.find((part) => part.key === 'a')).toMatchObject({ values: [null, null], cost: { cost_usd: null } })
  expect(parts.find((part) => part.key === 'b')).toMatchObject({ values: [2, null], cost: { cost_usd: 2, cost_basis: 'incomplete' } })
})
