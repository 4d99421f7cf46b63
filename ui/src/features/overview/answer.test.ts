import { expect, it } from 'vitest'
import type { OverviewRecord } from '@/api/types'
import { answerOf } from './answer'

const NONE = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
const overview = (change: Partial<OverviewRecord>): OverviewRecord =>
  ({
    today: { cost_usd: 3, cost_basis: 'priced', session_count: 1, tool_call_count: 1, error_count: 0 },
    usual: { cost_usd: 1, error_count: 0, day_count: 8, basis: '' },
    days: [], waiting: [], running: [], errors: [], dearest_today: [], capture: { is_healthy: true, problems: [] },
    ...change,
  }) as unknown as OverviewRecord

it('all is well only when nothing waits, nothing dangerous is open and capture works', () => {
  expect(answerOf(overview({}), NONE, 'Sunday').isAllWell).toBe(true)
  expect(answerOf(overview({}), null, 'Sunday').isAllWell).toBe(false)
  expect(answerOf(overview({ capture: { is_healthy: false, problems: ['x'] } }), NONE, 'Sunday').isAllWell).toBe(false)
  expect(answerOf(overview({}), { ...NONE, medium: 1 }, 'Sunday').isAllWell).toBe(false)
  expect(answerOf(overview({}), { ...NONE, info: 9 }, 'Sunday').isAllWell).toBe(true)
})

it('money is held against the usual only where one is known', () => {
  expect(answerOf(overview({}), NONE, 'Sunday').usual).toBe('3.0x a usual Sunday by this time')
  expect(answerOf(overview({ usual: { cost_usd: null, error_count: null, day_count: 2, basis: '' } }), NONE, 'Sunday').usual).toBeNull()
})
