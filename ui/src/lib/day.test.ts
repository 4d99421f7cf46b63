import { expect, it } from 'vitest'
import { dayExact, dayPlus, dayText, lastDays, weekdayOf } from './day'

it('a day has its weekday and its short name', () => {
  expect(weekdayOf('2026-11-22')).toBe('Sunday')
  expect(dayText('2026-11-02')).toBe('2 Nov')
  expect(dayExact('2026-11-22')).toBe('Sun 2026-11-22')
})

it('days follow each other over months, years and changes of the clock', () => {
  expect(dayPlus('2026-12-31', 1)).toBe('2027-01-01')
  expect(dayPlus('2026-03-28', 1)).toBe('2026-03-29')
  expect(dayPlus('2026-03-29', 1)).toBe('2026-03-30')
  expect(lastDays('2026-03-01', 3)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
})

it('what is no day stays as it came', () => {
  expect(dayText('unknown')).toBe('unknown')
  expect(dayExact('')).toBe('')
  expect(weekdayOf('x')).toBe('')
})
