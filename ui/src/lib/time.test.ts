import { expect, it } from 'vitest'
import { agoText, clockText, clockWithin, durationExact, durationText, momentExact, momentMs } from './time'

it('durations read at a glance', () => {
  const table: Array<[number | null, string]> = [
    [null, '–'],
    [0, '0 ms'],
    [0.2, '<1 ms'],
    [340, '340 ms'],
    [999.6, '1.0 s'],
    [1840, '1.8 s'],
    [59_960, '1 m'],
    [134_000, '2 m 14 s'],
    [2_520_000, '42 min'],
    [11_520_000, '3 h 12 m'],
    [187_200_000, '2 d 4 h'],
    [-340, '−340 ms'],
  ]
  for (const [ms, text] of table) expect(durationText(ms)).toBe(text)
})

it('exact durations keep every millisecond', () => {
  expect(durationExact(14_203)).toBe('14.2 s (14,203 ms)')
  expect(durationExact(12)).toBe('12 ms')
  expect(durationExact(null)).toBe('duration unknown')
})

it('moments keep their microseconds', () => {
  const first = momentMs('2026-11-22T06:59:31.195001Z') ?? 0
  const second = momentMs('2026-11-22T06:59:31.195901Z') ?? 0
  expect(second - first).toBeCloseTo(0.9, 2)
  expect(momentMs('soon')).toBeNull()
  expect(momentMs(null)).toBeNull()
})

it('the past is told in the largest whole unit', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  expect(agoText('2026-11-22T11:59:58.000000Z', now)).toBe('now')
  expect(agoText('2026-11-22T11:57:00.000000Z', now)).toBe('3 min ago')
  expect(agoText('2026-11-22T09:30:00.000000Z', now)).toBe('2 h ago')
  expect(agoText('2026-11-17T09:30:00.000000Z', now)).toBe('5 d ago')
  expect(agoText('2026-01-02T12:00:00.000000Z', now)).toBe('2026-01-02')
  expect(agoText(null, now)).toBe('–')
})

it('an exact moment names its offset and the moment as it came', () => {
  const text = momentExact('2026-11-22T06:59:31.195000Z')
  expect(text).toMatch(/^2026-11-2\d \d\d:\d\d:31\.195 [+−]\d\d:\d\d \(2026-11-22T06:59:31\.195000Z\)$/)
})

it('a moment of another day has its date', () => {
  expect(clockWithin('2026-11-22T12:00:05.000000Z', '2026-11-22T12:00:00.000000Z')).toBe(clockText('2026-11-22T12:00:05.000000Z'))
  expect(clockWithin('2026-11-25T12:00:05.000000Z', '2026-11-22T12:00:00.000000Z')).toBe(`11-25 ${clockText('2026-11-25T12:00:05.000000Z')}`)
  expect(clockWithin(null, '2026-11-22T12:00:00.000000Z')).toBe('–')
  expect(clockWithin('2026-11-25T12:00:05.000000Z', null)).toBe(clockText('2026-11-25T12:00:05.000000Z'))
})
