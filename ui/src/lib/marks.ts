// Marks over text that came from an agent: which pieces of it stand in marked ranges. Ranges count UTF-16 units of the
// text as it was received; what is escaped or unified on the way to the eye keeps its place.
import { visiblePieces } from './text'

export type TextRange = readonly [from: number, to: number]

export interface MarkedPiece {
  text: string
  escaped: boolean
  marked: boolean
}

/** Visible pieces with their marks. Ranges may overlap, stand in any order, or lie outside of the text. */
export function markedPieces(text: string, ranges: readonly TextRange[]): MarkedPiece[] {
  const pieces: MarkedPiece[] = []
  let from = 0
  const push = (to: number, marked: boolean): void => {
    if (to <= from) return
    for (const piece of visiblePieces(text.slice(from, to))) pieces.push({ ...piece, marked })
    from = to
  }
  for (const [start, end] of joined(text, ranges)) {
    push(start, false)
    push(end, true)
  }
  push(text.length, false)
  return pieces
}

/** The ranges in order, inside of the text, whole characters, without overlap. */
function joined(text: string, ranges: readonly TextRange[]): Array<[number, number]> {
  const inside = ranges
    .map(([from, to]): [number, number] => [atCharacter(text, from), atCharacter(text, to)])
    .filter(([from, to]) => to > from)
    .sort((a, b) => a[0] - b[0])
  const result: Array<[number, number]> = []
  for (const range of inside) {
    const last = result.at(-1)
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1])
    else result.push(range)
  }
  return result
}

/** Never between the halves of a surrogate pair, never outside. */
function atCharacter(text: string, at: number): number {
  const place = Math.min(text.length, Math.max(0, Math.trunc(at) || 0))
  const before = text.charCodeAt(place - 1)
  return before >= 0xd800 && before <= 0xdbff && place < text.length ? place + 1 : place
}
