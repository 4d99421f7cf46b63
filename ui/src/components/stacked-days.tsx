// A bar for each day (or request), stacked from its parts, drawn by uPlot: exact on hover and by arrow keys, zoomed by dragging.
// Parts are labelled beside the chart with their sum, in the order of the stack; each has its colour and its place.
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { dayText } from '@/lib/day'
import { tokenColour, useTheme } from './canvas-theme'

export interface DayPart {
  key: string
  /** One of the part-N tokens. */
  token: string
  values: ReadonlyArray<number | null>
}

/** A sign above a bar: something happened there. */
export interface BarMark {
  at: number
  sign: string
  tone: string
  words: string
}

interface StackedDaysProps {
  label: string
  days: readonly string[]
  /** What a bar stands for, and its words below the axis, where it is not a day. */
  bar?: { name: string; text: (day: string) => string }
  marks?: readonly BarMark[]
  /** From the bottom of the stack up. */
  parts: readonly DayPart[]
  axisText: (value: number) => string
  height: number
  /** The day that is pointed at; null for none. */
  onPoint: (at: number | null) => void
  onPick: (at: number) => void
  onRange: (from: number, to: number) => void
}

const AXIS_FONT = '11px system-ui'
const WIDEST_BAR_PX = 36
const AXIS_PX = 52
const DAY = { name: 'day', text: dayText }
const NO_MARKS: readonly BarMark[] = []

export function StackedDays({ label, days, bar = DAY, marks = NO_MARKS, parts, axisText, height, onPoint, onPick, onRange }: StackedDaysProps) {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | null>(null)
  const [width, setWidth] = useState(0)
  const [pointed, setPointed] = useState<number | null>(null)
  const theme = useTheme()
  const stacked = useMemo(() => stackOf(days.length, parts), [days.length, parts])
  const latest = useRef({ onPoint, onPick, onRange, axisText, days, bar })
  useEffect(() => {
    latest.current = { onPoint, onPick, onRange, axisText, days, bar }
  })

  useEffect(() => {
    const element = frame.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // Made anew only when its shape changes; new figures of the same days are put into the plot that stands.
  const shape = `${parts.map((part) => `${part.key} ${part.token}`).join('|')} ${theme}`
  useEffect(() => {
    const element = frame.current
    if (!element || width === 0) return undefined
    const options = optionsOf(element, { width, height, tokens: parts.map((part) => part.token), latest, setPointed })
    const made = new UPlot(options, stacked, element)
    plot.current = made
    return () => {
      plot.current = null
      made.destroy()
    }
    // The size is followed below; the figures too.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [shape, width === 0, height])
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height })
  }, [width, height])
  useEffect(() => plot.current?.setData(stacked), [stacked])

  const point = (at: number | null): void => {
    setPointed(at)
    onPoint(at)
  }
  const onKey = (event: KeyboardEvent): void => {
    const last = days.length - 1
    const moves: Record<string, number> = { ArrowLeft: (pointed ?? days.length) - 1, ArrowRight: (pointed ?? -1) + 1, Home: 0, End: last }
    const next = moves[event.key]
    if (next !== undefined) point(Math.min(last, Math.max(0, next)))
    else if (event.key === 'Enter' && pointed !== null) onPick(pointed)
    else if (event.key === 'Escape' && pointed !== null) point(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div
      tabIndex={0}
      role="group"
      aria-roledescription="chart"
      aria-label={`${label}. Arrow keys go from ${bar.name} to ${bar.name}.`}
      onKeyDown={onKey}
      onBlur={() => point(null)}
      className="relative min-w-0 rounded-sm"
      style={{ height }}
    >
      <div ref={frame} aria-hidden="true" className="absolute inset-0 overflow-hidden" />
      {marks.map((mark) => (
        <span
          key={`${mark.at} ${mark.sign}`}
          aria-hidden="true"
          title={mark.words}
          className={`absolute top-0 -translate-x-1/2 text-12 leading-none ${mark.tone}`}
          style={{ left: `calc(${AXIS_PX}px + (100% - ${AXIS_PX}px) * ${(mark.at + 0.5) / days.length})` }}
        >
          {mark.sign}
        </span>
      ))}
      {pointed !== null && (
        <span
          className="pointer-events-none absolute inset-y-0 bg-ink/10"
          style={{ left: `calc(${AXIS_PX}px + (100% - ${AXIS_PX}px) * ${pointed / days.length})`, width: `calc((100% - ${AXIS_PX}px) / ${days.length})` }}
        />
      )}
    </div>
  )
}

/** Sums from the bottom up, the highest first: each bar hides the lower part of the one behind it. */
function stackOf(count: number, parts: readonly DayPart[]): UPlot.AlignedData {
  const heights = Array.from({ length: count }, () => 0)
  const sums = parts.map((part) => {
    for (let at = 0; at < count; at += 1) heights[at] = (heights[at] ?? 0) + (part.values[at] ?? 0)
    return [...heights]
  })
  return [Array.from({ length: count }, (_, at) => at), ...sums.reverse()]
}

interface PlotNeeds {
  width: number
  height: number
  tokens: readonly string[]
  latest: { current: Pick<StackedDaysProps, 'onPoint' | 'onPick' | 'onRange' | 'axisText' | 'days'> & { bar: { text: (day: string) => string } } }
  setPointed: (at: number | null) => void
}

function optionsOf(element: HTMLElement, { width, height, tokens, latest, setPointed }: PlotNeeds): UPlot.Options {
  const colour = (token: string): string => tokenColour(element, token)
  const bars = UPlot.paths.bars?.({ size: [0.82, WIDEST_BAR_PX] })
  const grid = { stroke: colour('line'), width: 1 }
  return {
    width,
    height,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 4 } },
    scales: {
      x: { time: false, range: (plot) => [-0.5, Math.max(0.5, (plot.data[0]?.length ?? 1) - 0.5)] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] },
    },
    axes: [
      {
        stroke: colour('muted'),
        font: AXIS_FONT,
        grid: { show: false },
        ticks: { show: false },
        size: 22,
        space: 64,
        incrs: [1, 2, 7, 14, 28, 56, 91, 182, 364],
        values: (_, places) => places.map((at) => (Number.isInteger(at) ? latest.current.bar.text(latest.current.days[at] ?? '') : '')),
      },
      { stroke: colour('muted'), font: AXIS_FONT, grid, ticks: { show: false }, size: AXIS_PX, space: 34, values: (_, values) => values.map((value) => latest.current.axisText(value)) },
    ],
    series: [{}, ...[...tokens].reverse().map((token) => ({ fill: colour(token), width: 0, points: { show: false }, ...(bars ? { paths: bars } : {}) }))],
    hooks: {
      setCursor: [
        (plot) => {
          const at = plot.cursor.left === undefined || plot.cursor.left < 0 ? null : (plot.cursor.idx ?? null)
          if (plot.over.matches(':hover') || at === null) {
            setPointed(null)
            latest.current.onPoint(at)
          }
        },
      ],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return
          const last = latest.current.days.length - 1
          const at = (px: number): number => Math.min(last, Math.max(0, Math.round(plot.posToVal(px, 'x'))))
          latest.current.onRange(at(plot.select.left), at(plot.select.left + plot.select.width))
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
      ready: [
        (plot) => {
          plot.over.addEventListener('dblclick', () => {
            if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) latest.current.onPick(plot.cursor.idx)
          })
        },
      ],
    },
  }
}
