import { describe, expect, it } from 'vitest'
import { againstUsual, lessText, shareText } from './share'

describe('shares', () => {
  it('are short, and small ones are never zero', () => {
    expect(shareText(62, 100)).toBe('62 %')
    expect(shareText(3.44, 100)).toBe('3.4 %')
    expect(shareText(0.001, 100)).toBe('<0.1 %')
    expect(shareText(0, 100)).toBe('0 %')
  })
  it('are unknown when a part or the whole is', () => {
    expect(shareText(null, 100)).toBe('–')
    expect(shareText(1, null)).toBe('–')
    expect(shareText(0, 0)).toBe('–')
  })
})

describe('today against the usual', () => {
  it('is said in words that fit the difference', () => {
    expect(againstUsual(31, 10, 'Sunday')).toBe('3.1x a usual Sunday')
    expect(againstUsual(120, 10, 'Sunday')).toBe('12x a usual Sunday')
    expect(againstUsual(10.4, 10, 'Sunday')).toBe('about a usual Sunday')
    expect(againstUsual(4, 10, 'Sunday')).toBe('40 % of a usual Sunday')
    expect(againstUsual(0, 10, 'Sunday')).toBe('far less than a usual Sunday')
  })
  it('is nothing where no usual is known', () => {
    expect(againstUsual(4, null, 'Sunday')).toBeNull()
    expect(againstUsual(null, 4, 'Sunday')).toBeNull()
    expect(againstUsual(4, 0, 'Sunday')).toBeNull()
  })
})

it('one amount against another is said in words', () => {
  expect(lessText(1, 10)).toBe('90 % less')
  expect(lessText(25, 10)).toBe('2.5x as much')
  expect(lessText(10.5, 10)).toBe('5.0 % more')
  expect(lessText(10, 10)).toBe('the same')
  expect(lessText(9.999_99, 10)).toBe('<0.1 % less')
})
