import { expect, it } from 'vitest'
import { eventKey, parseSelection, parseZoom, selectionText } from './place'

it('a selection survives the URL, whatever its ids hold', () => {
  for (const selection of [
    { key: 't:', step: null },
    { key: 't:', step: 0 },
    { key: 't:p~1', step: 12 },
    { key: 'a:x', step: 99_999 },
  ]) {
    expect(parseSelection(selectionText(selection))).toEqual(selection)
  }
})

it('what is no place is none', () => {
  for (const text of [undefined, '', 'x:1', 't:p~-1', 't:p~x', 't:p~1.5']) expect(parseSelection(text)).toBeNull()
  for (const text of [undefined, '', '5', '5-5', '9-1', 'a-b']) expect(parseZoom(text)).toBeNull()
  expect(parseZoom('1000-5000')).toEqual({ from: 1000, to: 5000 })
})

it('an event is known by what follows its session', () => {
  expect(eventKey('s~toolu_1~x')).toBe('toolu_1~x')
})
