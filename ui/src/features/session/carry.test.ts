import { expect, test } from 'vitest'
import type { CarriedOutput } from '@/api/types'
import { carryWords, missWords } from './carry'

const RESULT: CarriedOutput = {
  event_id: 's~toolu_1',
  agent_id: 'main',
  tool_name: 'Read',
  label: 'a.ts',
  output_bytes: 16_000,
  tokens: 4_000,
  entry_usd: 0.025,
  carried_usd: 0.38,
  cost_usd: 0.405,
  cost_basis: 'priced',
  later_requests: 41,
  missing_requests: 0,
}

test('a result says what it cost first and later', () => {
  expect(carryWords(RESULT)).toBe('4,000 tokens came into the context for ~$0.025. Carried through 41 later requests: ~$0.38.')
})

test('unknown tokens and prices are said, not shown as zero', () => {
  expect(carryWords({ ...RESULT, tokens: null, entry_usd: null, carried_usd: null, cost_usd: null })).toContain('cannot be told')
  expect(carryWords({ ...RESULT, entry_usd: null })).toContain('at an unknown price')
  expect(carryWords({ ...RESULT, missing_requests: 2, cost_basis: 'incomplete' })).toContain('43 later requests: ≥$0.38')
  expect(carryWords({ ...RESULT, later_requests: 0, carried_usd: null })).toContain('No later request carried it.')
})

test('a miss says why and what it cost', () => {
  const miss = { reason: 'expired', tokens: 8_000, cost_usd: 0.05, idle_ms: 360_000 } as const
  expect(missWords(miss)).toBe('cache miss, the cache had run out after 6 m: 8k tokens, ~$0.050 more')
  expect(missWords({ ...miss, reason: 'prompt_changed', cost_usd: null })).toContain('of unknown price')
})
