// The time axis of a session's page: whole or a part of it, with idle gaps folded or straight.
import { foldedScale, mergeSpans, straightScale, zoomScale, type Span, type TimeScale } from '@/lib/timescale'

const GAP_MS = 120_000
/** Folding pays when this much of the time is idle. */
const WORTH_FOLDING = 0.25

export interface Axis {
  whole: TimeScale
  /** What the waterfall shows: the whole, or the zoomed part. */
  shown: TimeScale
  isFolded: boolean
  hasGaps: boolean
  startMs: number
}

export function axisOf(spans: readonly Span[], gaps: string | undefined, zoom: Span | null): Axis {
  const bursts = mergeSpans(spans, GAP_MS)
  const from = bursts[0]?.from ?? 0
  const to = Math.max(from + 1, bursts.at(-1)?.to ?? 1)
  const work = bursts.reduce((sum, burst) => sum + burst.to - burst.from, 0)
  const hasGaps = bursts.length > 1
  const isFolded = hasGaps && (gaps === undefined ? 1 - work / (to - from) > WORTH_FOLDING : gaps === 'folded')
  const whole = isFolded ? foldedScale(spans, GAP_MS) : straightScale({ from, to })
  if (!zoom) return { whole, shown: whole, isFolded, hasGaps, startMs: from }
  const shown = zoomScale(whole, whole.toFraction(from + zoom.from), whole.toFraction(from + zoom.to))
  return { whole, shown, isFolded, hasGaps, startMs: from }
}
