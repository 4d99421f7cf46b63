import { expect, it } from 'vitest'
import { parseAmount, parseDays } from './parse'

it('amounts are read as people type them', () => {
  expect(parseAmount('0.10')).toBe(0.1)
  expect(parseAmount(' $1,5 ')).toBe(1.5)
  for (const wrong of ['', '0', '-1', '1e3', 'ten', '999999999', '1.2.3']) expect(typeof parseAmount(wrong), wrong).toBe('string')
})

it('no days are for ever', () => {
  expect(parseDays('')).toBeNull()
  expect(parseDays(' 30 ')).toBe(30)
  for (const wrong of ['0', '-3', '1.5', 'week', '999999']) expect(typeof parseDays(wrong), wrong).toBe('string')
})
