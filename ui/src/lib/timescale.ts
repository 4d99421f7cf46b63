// The time axis of a session. Work comes in bursts with hours of idleness between: a straight axis would show the
// idleness and hide the work. So gaps in which nothing happened can be folded to a narrow mark; within bursts time
// stays straight, and every burst keeps the same milliseconds per pixel.

/** A stretch of time, in milliseconds since the epoch. */
export interface Span {
  from: number
  to: number
}

/** A monotonic map from time to 0…1. */
export interface TimeScale {
  from: number
  to: number
  /** Time that is shown, without what is folded. */
  shownMs: number
  /** The folded gaps, with where their mark stands. */
  folds: ReadonlyArray<Span & { at: number; width: number }>
  toFraction: (ms: number) => number
  toTime: (fraction: number) => number
}

/** Sorted, merged spans; those closer than `joinMs` become one. */
export function mergeSpans(spans: readonly Span[], joinMs: number): Span[] {
  const sorted = spans.filter((span) => span.to >= span.from).sort((a, b) => a.from - b.from)
  const merged: Span[] = []
  for (const span of sorted) {
    const last = merged.at(-1)
    if (last && span.from - last.to <= joinMs) last.to = Math.max(last.to, span.to)
    else merged.push({ ...span })
  }
  return merged
}

interface Piece extends Span {
  start: number
  width: number
  isFold: boolean
}

const FOLD_WIDTH = 0.012

/** A straight axis over one span. */
export function straightScale(span: Span): TimeScale {
  return scaleOf([{ ...span, start: 0, width: 1, isFold: false }])
}

/** An axis over all spans with the gaps longer than `gapMs` folded. */
export function foldedScale(spans: readonly Span[], gapMs: number): TimeScale {
  const bursts = mergeSpans(spans, gapMs)
  const first = bursts[0]
  const last = bursts.at(-1)
  if (!first || !last) return straightScale({ from: 0, to: 1 })
  if (bursts.length === 1) return straightScale(first)
  const work = bursts.reduce((sum, burst) => sum + (burst.to - burst.from), 0)
  // Many gaps still leave two thirds of the width for work.
  const foldWidth = Math.min(FOLD_WIDTH, 0.33 / (bursts.length - 1))
  const workWidth = 1 - foldWidth * (bursts.length - 1)
  const pieces: Piece[] = []
  let start = 0
  for (const [at, burst] of bursts.entries()) {
    const width = work === 0 ? workWidth / bursts.length : (workWidth * (burst.to - burst.from)) / work
    pieces.push({ ...burst, start, width, isFold: false })
    start += width
    const next = bursts[at + 1]
    if (next) {
      pieces.push({ from: burst.to, to: next.from, start, width: foldWidth, isFold: true })
      start += foldWidth
    }
  }
  return scaleOf(pieces)
}

function scaleOf(pieces: readonly Piece[]): TimeScale {
  const from = pieces[0]?.from ?? 0
  const to = pieces.at(-1)?.to ?? 1
  const find = (matches: (piece: Piece) => boolean): Piece | undefined => {
    let low = 0
    let high = pieces.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      const piece = pieces[middle]
      if (piece && matches(piece)) high = middle
      else low = middle + 1
    }
    return pieces[low]
  }
  return {
    from,
    to,
    shownMs: pieces.reduce((sum, piece) => sum + (piece.isFold ? 0 : piece.to - piece.from), 0),
    folds: pieces
      .filter((piece) => piece.isFold)
      .map((piece) => ({ from: piece.from, to: piece.to, at: piece.start, width: piece.width })),
    toFraction: (ms) => {
      const piece = find((each) => ms <= each.to)
      if (!piece) return 0
      const length = piece.to - piece.from
      const inside = length === 0 ? 0 : (ms - piece.from) / length
      return Math.min(1, Math.max(0, piece.start + piece.width * Math.min(1, Math.max(0, inside))))
    },
    toTime: (fraction) => {
      const piece = find((each) => fraction <= each.start + each.width)
      if (!piece) return from
      const inside = piece.width === 0 ? 0 : (fraction - piece.start) / piece.width
      return piece.from + (piece.to - piece.from) * Math.min(1, Math.max(0, inside))
    },
  }
}

/** The part of a scale between two of its fractions, stretched to 0…1. */
export function zoomScale(scale: TimeScale, fromFraction: number, toFraction: number): TimeScale {
  const width = Math.max(1e-9, toFraction - fromFraction)
  return {
    from: scale.toTime(fromFraction),
    to: scale.toTime(toFraction),
    shownMs: scale.shownMs * width,
    folds: scale.folds
      .filter((fold) => fold.at + fold.width > fromFraction && fold.at < toFraction)
      .map((fold) => ({ ...fold, at: (fold.at - fromFraction) / width, width: fold.width / width })),
    toFraction: (ms) => (scale.toFraction(ms) - fromFraction) / width,
    toTime: (fraction) => scale.toTime(fromFraction + fraction * width),
  }
}

const ROUND_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500]
  .concat([1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000))
  .concat([1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000))
  .concat([1, 2, 3, 6, 12, 24, 48, 96, 240, 720].map((hours) => hours * 3_600_000))

/** A round step so that about `wanted` ticks fit into `ms`. */
export function tickStep(ms: number, wanted: number): number {
  return ROUND_MS.find((step) => ms / step <= wanted) ?? 3_600_000 * 24 * 365
}
