// A small bar for each day, with its highest and its last labelled: for what fits in a corner. The exact figures stand
// behind each bar and in a table that can be shown instead.
import { dayExact, dayText } from '@/lib/day'

export interface DayBar {
  day: string
  /** Null: unknown, drawn as a gap. */
  value: number | null
}

interface DayBarsProps {
  label: string
  bars: readonly DayBar[]
  text: (value: number | null) => string
  /** Class that colours the bars. */
  tone: string
  height?: number
}

const STEP = 10

export function DayBars({ label, bars, text, tone, height = 64 }: DayBarsProps) {
  const most = Math.max(0, ...bars.map((bar) => bar.value ?? 0))
  const highest = bars.findIndex((bar) => bar.value === most)
  // Its label stands on the side that has room.
  const isLate = highest > bars.length / 2
  const first = bars[0]
  const last = bars.at(-1)
  return (
    <figure className="min-w-0">
      <div className="relative">
        <p className={`h-4 text-12 text-muted ${isLate ? 'text-right' : ''}`} style={most > 0 ? (isLate ? { paddingRight: `${(1 - (highest + 1) / bars.length) * 100}%` } : { paddingLeft: `${(highest / bars.length) * 100}%` }) : undefined}>
          {most > 0 && bars[highest] ? `${text(most)} on ${dayText(bars[highest].day)}` : 'nothing yet'}
        </p>
        <svg viewBox={`0 0 ${bars.length * STEP} ${height}`} preserveAspectRatio="none" role="img" aria-label={label} className={`block w-full ${tone}`} style={{ height }}>
          {bars.map((bar, at) => {
            const tall = most > 0 && bar.value !== null ? Math.max(bar.value > 0 ? 1.5 : 0, (bar.value / most) * (height - 2)) : 0
            return (
              <g key={bar.day}>
                <rect x={at * STEP + 1} width={STEP - 2} y={height - tall} height={tall} fill="currentColor" opacity={at === bars.length - 1 ? 1 : 0.55} />
                <rect x={at * STEP} width={STEP} y={0} height={height} fill="transparent">
                  <title>{`${dayExact(bar.day)}: ${text(bar.value)}`}</title>
                </rect>
              </g>
            )
          })}
          <rect x={0} width={bars.length * STEP} y={height - 1} height={1} fill="var(--edge)" />
        </svg>
      </div>
      <figcaption className="flex justify-between text-12 text-muted">
        <span>{first && dayText(first.day)}</span>
        <span>{last && `today ${text(last.value)}`}</span>
      </figcaption>
    </figure>
  )
}

/** The same as a table: every day, the latest first. */
export function DayTable({ label, heads, rows }: { label: string; heads: readonly string[]; rows: ReadonlyArray<{ day: string; cells: readonly string[] }> }) {
  return (
    <div className="max-h-80 overflow-y-auto" tabIndex={0} role="region" aria-label={`${label}, day by day`}>
      <table className="w-full">
        <thead className="sticky top-0 bg-ground text-12 text-muted">
          <tr>
            {['day', ...heads].map((head, at) => (
              <th key={head} scope="col" className={`h-7 border-b border-line px-2 font-normal first:pl-0 ${at === 0 ? 'text-left' : 'text-right'}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...rows].reverse().map((row) => (
            <tr key={row.day} className="border-b border-line">
              <th scope="row" className="h-7 pr-2 text-left font-normal whitespace-nowrap">
                {dayExact(row.day)}
              </th>
              {row.cells.map((cell, at) => (
                <td key={at} className="px-2 text-right whitespace-nowrap">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
