import { expect, it } from 'vitest'
import type { CostRow } from '@/api/types'
import { cutOf, nextSort, sorted, sortOf } from './place'

const row = (label: string, cost_usd: number | null): CostRow => ({ key: label, label, session_id: null, session_count: 1, cost_usd, cost_basis: 'priced' }) as CostRow

it('a project that is looked at is cut into its sessions', () => {
  expect(cutOf({})).toBe('project')
  expect(cutOf({ project: '/a' })).toBe('session')
  expect(cutOf({ by: 'branch', project: '/a' })).toBe('branch')
  expect(cutOf({ by: 'nonsense' })).toBe('project')
})

it('a head sorts its natural way, then the other, then not at all', () => {
  const presses = (key: string): Array<string | undefined> => {
    const seen: Array<string | undefined> = []
    let now: string | undefined
    for (let press = 0; press < 3; press += 1) {
      now = nextSort(sortOf(now), key)
      seen.push(now)
    }
    return seen
  }
  expect(presses('cost')).toEqual(['-cost', 'cost', undefined])
  expect(presses('name')).toEqual(['name', '-name', undefined])
})

it('unknown costs stand last whichever way one sorts', () => {
  const rows = [row('a', 1), row('b', null), row('c', 3)]
  expect(sorted(rows, sortOf('cost')).map((each) => each.label)).toEqual(['a', 'c', 'b'])
  expect(sorted(rows, sortOf('-cost')).map((each) => each.label)).toEqual(['c', 'a', 'b'])
  expect(sorted(rows, null)).toBe(rows)
})
