import { expect, test } from 'vitest'
import { driftText, exactly, explainedShare, explainedWords, shareOfParts } from './drift'

const parts = { reported_usd: 10, explained_usd: 8, explained_basis: 'priced' as const, told_by_telemetry_usd: 0, hidden_usd: 1.5, unexplained_usd: 0.5 }

test('a share is whole only where all is explained', () => {
  expect(explainedShare(1_000_000)).toBe('100 %')
  expect(explainedShare(999_999)).toBe('99.9 %')
  expect(explainedShare(null)).toBe('–')
})

test('what is explained is said with what is hidden, and not where nothing was reported', () => {
  expect(explainedWords({ hidden_usd: 1.1, explained_millionths: 973_456 })).toBe('+ $1.10 hidden, 97.3 % explained')
  expect(explainedWords({ hidden_usd: 0, explained_millionths: 1_000_000 })).toBe('100 % explained')
  expect(explainedWords({ hidden_usd: null, explained_millionths: null })).toBe(null)
})

test('too much in one part does not make up for too little in another', () => {
  expect(shareOfParts(parts)).toBe(800_000)
  expect(shareOfParts({ ...parts, hidden_usd: 2, unexplained_usd: -2 })).toBe(600_000)
  expect(shareOfParts({ ...parts, hidden_usd: 0, unexplained_usd: 0 })).toBe(1_000_000)
})

test('unknown stays unknown, and a minus is said', () => {
  expect(shareOfParts({ ...parts, reported_usd: null, hidden_usd: null, unexplained_usd: null })).toBe(null)
  expect(driftText(null)).toBe('–')
  expect(driftText(-0.42)).toBe('−$0.42')
  expect(exactly(1234.5, 'x')).toBe('$1,234.50: x')
})
