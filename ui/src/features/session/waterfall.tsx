// The bar of a row: where in time it stands. Solid is work, hatched is waiting for the person; an end that nobody told
// stays open.
import type { EventRecord } from '@/api/types'
import { durationText, momentMs } from '@/lib/time'
import { tickStep, type Span, type TimeScale } from '@/lib/timescale'
import { KINDS } from './kinds'

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(3)}%`
}

interface BarProps {
  span: Span
  scale: TimeScale
  waitMs: number
  tone: string
  isOpen: boolean
  isThin: boolean
}

function Bar({ span, scale, waitMs, tone, isOpen, isThin }: BarProps) {
  const left = scale.toFraction(span.from)
  const right = isOpen ? 1 : scale.toFraction(span.to)
  if (right < 0) return <span className="absolute left-0 top-1.5 text-12 leading-4 text-faint" aria-hidden="true">‹</span>
  if (left > 1) return <span className="absolute right-0 top-1.5 text-12 leading-4 text-faint" aria-hidden="true">›</span>
  const from = Math.max(0, left)
  const to = Math.min(1, Math.max(right, from))
  const waitEnd = waitMs > 0 ? Math.min(to, Math.max(from, scale.toFraction(span.from + waitMs))) : from
  const height = isThin ? 'top-[12px] h-1' : 'top-2 h-3'
  return (
    <>
      {waitEnd > from && <span className={`hatched absolute min-w-[2px] ${height}`} style={{ left: percent(from), width: percent(waitEnd - from) }} />}
      <span
        className={`absolute min-w-[2px] ${height} ${tone} ${isOpen ? 'opacity-60' : ''} ${isThin ? 'opacity-70' : 'rounded-[1px]'}`}
        style={{ left: percent(waitEnd), width: percent(to - waitEnd) }}
      />
    </>
  )
}

export function StepBar({ event, scale }: { event: EventRecord; scale: TimeScale }) {
  const from = momentMs(event.started_at)
  if (from === null) return null
  const wait = event.wait_ms ?? 0
  const end = momentMs(event.ended_at) ?? (event.duration_ms === null ? null : from + wait + event.duration_ms)
  const isOpen = end === null && event.outcome === 'running'
  const tone = event.is_error ? 'bg-bad' : KINDS[event.kind].bar
  return <Bar span={{ from, to: Math.max(from, end ?? from) }} scale={scale} waitMs={wait} tone={tone} isOpen={isOpen} isThin={false} />
}

export function ThreadBar({ span, scale, isOpen }: { span: Span | null; scale: TimeScale; isOpen: boolean }) {
  return span && <Bar span={span} scale={scale} waitMs={0} tone="bg-muted" isOpen={isOpen} isThin />
}

/** Folded gaps, behind all rows. */
export function FoldMarks({ scale }: { scale: TimeScale }) {
  return scale.folds.map((fold) => (
    <span key={fold.from} className="folded-time absolute inset-y-0" style={{ left: percent(Math.max(0, fold.at)), width: percent(fold.width) }} />
  ))
}

/** Round times over the waterfall; with folded gaps, the length of each gap instead of a false straight line. */
export function AxisTicks({ scale, startMs }: { scale: TimeScale; startMs: number }) {
  const step = tickStep(scale.shownMs, 5)
  const ticks: Array<{ at: number; text: string; title: string }> = []
  if (scale.folds.length === 0) {
    for (let at = Math.ceil((scale.from - startMs) / step) * step; at <= scale.to - startMs && ticks.length < 12; at += step) {
      const fraction = scale.toFraction(startMs + at)
      if (fraction <= 0.94) ticks.push({ at: fraction, text: at === 0 ? '0 s' : durationText(at), title: `${durationText(at)} after the start` })
    }
  } else {
    ticks.push({ at: 0, text: durationText(Math.max(0, scale.from - startMs)).replace('0 ms', '0 s'), title: 'after the start' })
    let last = 0.1
    for (const fold of scale.folds) {
      if (fold.at < last || fold.at > 0.9) continue
      ticks.push({ at: fold.at, text: `‖ ${durationText(fold.to - fold.from)}`, title: `${durationText(fold.to - fold.from)} of nothing, folded` })
      last = fold.at + 0.14
    }
  }
  return ticks.map((tick) => (
    <span key={tick.at} className="absolute top-1.5 whitespace-nowrap border-l border-edge pl-1 text-12 leading-4 text-faint" style={{ left: percent(tick.at) }} title={tick.title}>
      {tick.text}
    </span>
  ))
}
