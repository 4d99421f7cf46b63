import { expect, it } from 'vitest'
import type { SessionRecord } from '@/api/types'
import { headline } from './headline'

const session = (cost: number | null, basis: SessionRecord['cost_basis']): SessionRecord => ({ cost_usd: cost, cost_basis: basis }) as SessionRecord
const NOTHING = { running: [], hasMoreRunning: false, waiting: [], loaded: [], hasMore: false, projects: null }

it('the cost is a lower bound as long as older sessions are not loaded', () => {
  const loaded = [session(1.5, 'priced'), session(2, 'reported')]
  expect(headline({ ...NOTHING, loaded })).toMatchObject({ cost: { cost_usd: 3.5, cost_basis: 'priced' }, sessionCount: 2, isPartial: false })
  expect(headline({ ...NOTHING, loaded, hasMore: true })).toMatchObject({ cost: { cost_usd: 3.5, cost_basis: 'incomplete' }, isPartial: true })
})

it('over all time the projects tell it exactly, whatever is loaded', () => {
  const projects = [
    { project: '/a', name: 'a', session_count: 3, last_at: null, cost_usd: 1, cost_basis: 'reported' as const },
    { project: '/b', name: 'b', session_count: 1, last_at: null, cost_usd: null, cost_basis: null },
  ]
  expect(headline({ ...NOTHING, projects, hasMore: true })).toMatchObject({ cost: { cost_usd: 1, cost_basis: 'reported' }, sessionCount: 4, isPartial: false })
})

it('a session whose model has no price makes the sum a lower bound', () => {
  expect(headline({ ...NOTHING, loaded: [session(1, 'priced'), session(null, 'unpriced')] }).cost).toEqual({ cost_usd: 1, cost_basis: 'incomplete' })
})
