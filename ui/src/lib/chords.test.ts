import { expect, it } from 'vitest'
import { chordReader, pressName } from './chords'

const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
  pressName({ key, ctrlKey: false, metaKey: false, altKey: false, ...held })

it('a press has one name on every keyboard', () => {
  expect(press('k', { ctrlKey: true })).toBe('ctrl+k')
  expect(press('K', { metaKey: true })).toBe('ctrl+k')
  expect(press('?')).toBe('?')
  expect(press('ArrowDown', { altKey: true })).toBe('alt+ArrowDown')
})

it('a chord is its two keys in good time, and single keys stay themselves', () => {
  const bindings = ['j', 'g s', 'g c', 's']
  const read = chordReader()
  expect(read('j', bindings, 0)).toBe('j')
  expect(read('g', bindings, 100)).toBeNull()
  expect(read('s', bindings, 200)).toBe('g s')
  expect(read('s', bindings, 300)).toBe('s')
  expect(read('g', bindings, 400)).toBeNull()
  expect(read('s', bindings, 5000)).toBe('s')
})
