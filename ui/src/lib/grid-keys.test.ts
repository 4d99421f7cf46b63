import { expect, it } from 'vitest'
import { moveByKey } from './grid-keys'

it('every move stays within the rows', () => {
  expect(moveByKey('j', null, 10, 5)).toBe(0)
  expect(moveByKey('k', null, 10, 5)).toBe(0)
  expect(moveByKey('j', 9, 10, 5)).toBe(9)
  expect(moveByKey('ArrowUp', 0, 10, 5)).toBe(0)
  expect(moveByKey('PageDown', 3, 10, 5)).toBe(8)
  expect(moveByKey('PageUp', 3, 10, 5)).toBe(0)
  expect(moveByKey('End', 3, 10, 5)).toBe(9)
  expect(moveByKey('Home', 3, 10, 5)).toBe(0)
  expect(moveByKey('x', 3, 10, 5)).toBeNull()
  expect(moveByKey('j', null, 0, 5)).toBeNull()
})
