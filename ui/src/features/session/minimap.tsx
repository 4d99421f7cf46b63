// The whole session in one strip: what it cost over time as an area, turns as ticks, errors and compactions as marks,
// and the part that the grid shows. Drag to zoom in; double-click to see all again.
import { useEffect, useRef, useState, type PointerEvent } from 'react'
import type { AlertRecord, EventRecord, Trace } from '@/api/types'
import { tokenColour, useTheme } from '@/components/canvas-theme'
import type { Chain } from '@/lib/chain'
import { isAtLeast } from '@/lib/severity'
import { durationText, momentMs } from '@/lib/time'
import type { Span, TimeScale } from '@/lib/timescale'

const HEIGHT = 44
const MARK_LANE = 12

interface MinimapProps {
  trace: Trace
  scale: TimeScale
  errors: readonly EventRecord[]
  compactions: readonly EventRecord[]
  alerts: readonly AlertRecord[]
  chains: readonly Chain[]
  selectedId: string | null
  /** Time of the rows in sight. */
  seen: Span | null
  zoom: Span | null
  label: string
  onZoom: (span: Span | null) => void
  onPick: (ms: number) => void
}

export function Minimap({ trace, scale, errors, compactions, alerts, chains, selectedId, seen, zoom, label, onZoom, onPick }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  const [dragged, setDragged] = useState<{ from: number; to: number } | null>(null)
  const theme = useTheme()

  useEffect(() => {
    const element = canvas.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context || width === 0) return
    const ratio = devicePixelRatio
    element.width = Math.round(width * ratio)
    element.height = HEIGHT * ratio
    context.scale(ratio, ratio)
    const colour = (name: string): string => tokenColour(element, name)
    draw({ context, width, colour }, { trace, scale, errors, compactions, alerts, chains, selectedId })
    // The theme is read from the page by getComputedStyle.
  }, [width, trace, scale, errors, compactions, alerts, chains, selectedId, theme])

  const fractionAt = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
  }
  const onUp = (): void => {
    if (!dragged) return
    const from = Math.min(dragged.from, dragged.to)
    const to = Math.max(dragged.from, dragged.to)
    setDragged(null)
    if ((to - from) * width < 4) onPick(scale.toTime(from))
    else onZoom({ from: scale.toTime(from), to: scale.toTime(to) })
  }
  const zoomed = dragged ?? (zoom && { from: scale.toFraction(zoom.from), to: scale.toFraction(zoom.to) })

  return (
    <div
      className="relative shrink-0 cursor-crosshair touch-none border-b border-line"
      style={{ height: HEIGHT + 1 }}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const at = fractionAt(event)
        setDragged({ from: at, to: at })
      }}
      onPointerMove={(event) => dragged && setDragged({ ...dragged, to: fractionAt(event) })}
      onPointerUp={onUp}
      onPointerCancel={() => setDragged(null)}
      onDoubleClick={() => onZoom(null)}
    >
      <canvas ref={canvas} role="img" aria-label={label} className="block h-11 w-full" />
      {seen && <Band from={scale.toFraction(seen.from)} to={scale.toFraction(seen.to)} className="border-b-2 border-muted" />}
      {zoomed && <Band from={Math.min(zoomed.from, zoomed.to)} to={Math.max(zoomed.from, zoomed.to)} className="border-x border-accent bg-accent/15" />}
      <span className="pointer-events-none absolute top-0 left-4 text-12 text-faint max-sm:hidden">$ over time</span>
      <span className="pointer-events-none absolute top-0 right-4 text-12 text-faint">{durationText(scale.shownMs)}</span>
    </div>
  )
}

function Band({ from, to, className }: { from: number; to: number; className: string }) {
  return (
    <span
      className={`pointer-events-none absolute inset-y-0 min-w-[2px] ${className}`}
      style={{ left: `${from * 100}%`, width: `${Math.max(0, to - from) * 100}%` }}
    />
  )
}

interface Brush {
  context: CanvasRenderingContext2D
  width: number
  colour: (name: string) => string
}

type Marks = Pick<MinimapProps, 'trace' | 'scale' | 'errors' | 'compactions' | 'alerts' | 'chains' | 'selectedId'>

function draw(brush: Brush, { trace, scale, errors, compactions, alerts, chains, selectedId }: Marks): void {
  const { context, width, colour } = brush
  context.clearRect(0, 0, width, HEIGHT)
  const floor = HEIGHT - MARK_LANE
  context.fillStyle = colour('line')
  for (const fold of scale.folds) context.fillRect(fold.at * width, 0, Math.max(1, fold.width * width), HEIGHT)
  for (const turn of trace.turns) {
    const at = momentMs(turn.started_at)
    if (at !== null) context.fillRect(Math.round(scale.toFraction(at) * width), 0, 1, floor)
  }

  const burn = costByPixel(trace, scale, Math.ceil(width))
  const most = Math.max(...burn, 1e-12)
  context.fillStyle = colour('accent')
  context.globalAlpha = 0.45
  for (const [x, amount] of burn.entries()) {
    // The square root keeps the cheap hours visible beside the dear minutes.
    const height = Math.sqrt(amount / most) * (floor - 14)
    if (height > 0) context.fillRect(x, floor - height, 1, height)
  }
  context.globalAlpha = 1
  context.fillStyle = colour('edge')
  context.fillRect(0, floor, width, 1)

  drawChains(brush, scale, chains, selectedId)
  context.font = '10px system-ui'
  context.textAlign = 'center'
  const mark = (moments: ReadonlyArray<string | null>, glyph: string, tone: string): void => {
    context.fillStyle = colour(tone)
    let last = -10
    for (const moment of moments) {
      const at = momentMs(moment)
      if (at === null) continue
      const x = scale.toFraction(at) * width
      if (x - last < 5) continue
      last = x
      context.fillText(glyph, Math.min(width - 5, Math.max(5, x)), HEIGHT - 2)
    }
  }
  mark(compactions.map((event) => event.started_at), '▼', 'model')
  mark(errors.map((event) => event.started_at), '✕', 'bad')
  const raised = alerts.filter((alert) => isAtLeast(alert.severity, 'medium')).map((alert) => alert.raised_at)
  mark(raised.sort(), '▲', 'high')
}

/** A bow from each cause to its consequence, with a ring where it begins; the selected chain's are heavier. */
function drawChains({ context, width, colour }: Brush, scale: TimeScale, chains: readonly Chain[], selectedId: string | null): void {
  const floor = HEIGHT - MARK_LANE
  context.strokeStyle = colour('high')
  context.fillStyle = colour('ground')
  for (const { links } of chains) {
    context.lineWidth = links.some((link) => link.eventId === selectedId) ? 2 : 1
    const places = links.map((link) => momentMs(link.at)).map((at) => (at === null ? null : scale.toFraction(at) * width))
    for (const [at, from] of places.entries()) {
      const to = places[at + 1]
      if (from === null || to === null || to === undefined) continue
      context.beginPath()
      context.moveTo(from, floor)
      context.quadraticCurveTo((from + to) / 2, floor - Math.min(48, 12 + (to - from) / 3), to, floor)
      context.stroke()
      context.beginPath()
      context.arc(from, floor, 2.5, 0, 2 * Math.PI)
      context.fill()
      context.stroke()
    }
  }
  context.lineWidth = 1
}

/** Money per pixel column, each turn's and agent's spread evenly over its time: no finer truth is in the outline. */
export function costByPixel(trace: Pick<Trace, 'turns' | 'agents'>, scale: TimeScale, width: number): Float64Array {
  const burn = new Float64Array(width)
  const spread = (from: number | null, to: number | null, amount: number): void => {
    if (from === null || amount <= 0 || width === 0) return
    const start = Math.min(width - 1, Math.floor(scale.toFraction(from) * width))
    const end = Math.min(width - 1, Math.max(start, Math.floor(scale.toFraction(to ?? from) * width)))
    for (let x = start; x <= end; x += 1) burn[x] = (burn[x] ?? 0) + amount / (end - start + 1)
  }
  const ofAgents = new Map<string | null, number>()
  for (const agent of trace.agents) {
    if (agent.kind === 'main') continue
    const amount = agent.own.cost_usd ?? 0
    ofAgents.set(agent.prompt_id, (ofAgents.get(agent.prompt_id) ?? 0) + amount)
    spread(momentMs(agent.started_at), momentMs(agent.last_at), amount)
  }
  for (const turn of trace.turns) {
    const own = (turn.totals.cost_usd ?? 0) - (ofAgents.get(turn.prompt_id) ?? 0)
    spread(momentMs(turn.started_at), momentMs(turn.last_at), own)
  }
  return burn
}
