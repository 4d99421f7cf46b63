// A file edit as lines to draw: kept, removed and added, each with its number on its side. Long stretches without a
// change are left out and said so.
import { diffLines } from 'diff'

export interface DiffLine {
  kind: 'kept' | 'removed' | 'added' | 'gap'
  text: string
  before: number | null
  after: number | null
}

/** The lines of an edit, with `context` unchanged lines around each change. */
export function diffRows(before: string, after: string, context = 3): DiffLine[] {
  const rows: DiffLine[] = []
  let beforeLine = 1
  let afterLine = 1
  for (const part of diffLines(before, after, { timeout: 500 }) ?? wholeChange(before, after)) {
    const lines = part.value.split('\n')
    if (lines.at(-1) === '') lines.pop()
    for (const text of lines) {
      if (part.added) rows.push({ kind: 'added', text, before: null, after: afterLine++ })
      else if (part.removed) rows.push({ kind: 'removed', text, before: beforeLine++, after: null })
      else rows.push({ kind: 'kept', text, before: beforeLine++, after: afterLine++ })
    }
  }
  return foldKept(rows, context)
}

/** When the comparison takes too long: all out, all in. */
function wholeChange(before: string, after: string): Array<{ value: string; added: boolean; removed: boolean }> {
  return [
    { value: before, added: false, removed: true },
    { value: after, added: true, removed: false },
  ]
}

function foldKept(rows: readonly DiffLine[], context: number): DiffLine[] {
  const isNear = new Uint8Array(rows.length)
  for (const [at, row] of rows.entries()) {
    if (row.kind === 'kept') continue
    isNear.fill(1, Math.max(0, at - context), at + context + 1)
  }
  const folded: DiffLine[] = []
  let hidden = 0
  const endGap = (): void => {
    if (hidden > 0) folded.push({ kind: 'gap', text: `${hidden} unchanged ${hidden === 1 ? 'line' : 'lines'}`, before: null, after: null })
    hidden = 0
  }
  for (const [at, row] of rows.entries()) {
    if (isNear[at]) {
      endGap()
      folded.push(row)
    } else hidden += 1
  }
  endGap()
  return folded
}
