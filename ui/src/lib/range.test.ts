import { expect, it } from 'vitest'
import { isRange, rangeBounds, rangeWords } from './range'

const NOW = Date.parse('2026-11-22T12:00:00Z')

it('a range reaches back from now, or over whole days', () => {
  expect(rangeBounds('24h', NOW)).toEqual({ since: '2026-11-21T12:00:00.000Z' })
  expect(rangeBounds('all', NOW)).toEqual({})
  const days = rangeBounds('2026-11-01..2026-11-02', NOW)
  expect(Date.parse(days?.until ?? '') - Date.parse(days?.since ?? '')).toBe(2 * 86_400_000)
})

it('what is no range is none', () => {
  for (const text of ['', 'soon', '12', '9999999d', '2026-13-40..2026-11-02', '1w']) expect(isRange(text), text).toBe(false)
  for (const text of ['1h', '30d', 'all', '2026-11-01..2026-11-02']) expect(isRange(text), text).toBe(true)
})

it('a range has words', () => {
  expect(rangeWords('24h')).toBe('last 24 hours')
  expect(rangeWords('all')).toBe('all time')
  expect(rangeWords('2026-11-01..2026-11-02')).toBe('2026-11-01 to 2026-11-02')
})
