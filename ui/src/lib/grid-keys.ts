// Moving through rows by keyboard: the same keys in every list.

/** The row that a press leads to; null when the press is no move. */
export function moveByKey(press: string, current: number | null, rowCount: number, pageRows: number): number | null {
  if (rowCount === 0) return null
  const last = rowCount - 1
  const from = current ?? -1
  const clamp = (row: number): number => Math.min(last, Math.max(0, row))
  switch (press) {
    case 'j':
    case 'ArrowDown':
      return clamp(from + 1)
    case 'k':
    case 'ArrowUp':
      return clamp(current === null ? 0 : from - 1)
    case 'PageDown':
      return clamp(from + pageRows)
    case 'PageUp':
      return clamp(from - pageRows)
    case 'Home':
      return 0
    case 'End':
    case 'G':
      return last
    default:
      return null
  }
}
