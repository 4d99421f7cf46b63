import { describe, expect, it } from 'vitest'
import { markedPieces } from './marks'

const text = (pieces: ReturnType<typeof markedPieces>): string => pieces.map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join('')

describe('marks over text', () => {
  it('marks what stands in a range and nothing else', () => {
    expect(text(markedPieces('sudo rm -rf /', [[5, 13]]))).toBe('sudo [rm -rf /]')
    expect(text(markedPieces('plain', []))).toBe('plain')
  })
  it('joins ranges that overlap or touch, in any order', () => {
    expect(text(markedPieces('abcdef', [[3, 5], [1, 3], [2, 4]]))).toBe('a[bcde]f')
  })
  it('keeps to the text when ranges lie outside of it or make no sense', () => {
    expect(text(markedPieces('abc', [[-5, 1], [2, 99], [7, 9], [2, 1], [Number.NaN, 0]]))).toBe('[a]b[c]')
  })
  it('keeps hidden characters visible inside of a mark, where they stood', () => {
    expect(text(markedPieces('a\u202eb\r\nc', [[1, 3]]))).toBe('a[\\u{202e}][b]\nc')
  })
  it('never cuts a character in two', () => {
    expect(text(markedPieces('a😀b', [[2, 3]]))).toBe('a😀b')
    expect(text(markedPieces('a😀b', [[1, 2]]))).toBe('a[😀]b')
  })
})
