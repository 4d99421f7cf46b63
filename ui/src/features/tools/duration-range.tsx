// From the usual to the slow duration, all rows on one scale: 1 ms at the left, each step ten times longer.
import { durationText } from '@/lib/time'
import { placeOnLog } from './figures'

interface DurationRangeProps {
  p50: number | null
  p95: number | null
  longestMs: number
  /** What takes so long. */
  of: string
  tone?: string
}

export function DurationRange({ p50, p95, longestMs, of, tone = 'text-tool' }: DurationRangeProps) {
  if (p50 === null || p95 === null) return <span className="sr-only">duration unknown</span>
  const from = placeOnLog(p50, longestMs) * 100
  const to = placeOnLog(p95, longestMs) * 100
  return (
    <svg viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label={`half of the ${of} within ${durationText(p50)}, 95 % within ${durationText(p95)}`} className={`h-3 w-full ${tone}`}>
      <rect x="0" y="5.500" width="100" height="1" fill="var(--line)" />
      <rect x={from} y="3" width={Math.max(0.6, to - from)} height="6" fill="currentColor" opacity="0.45" />
      <rect x={Math.min(99, from)} y="1" width="1" height="10" fill="currentColor" />
    </svg>
  )
}
