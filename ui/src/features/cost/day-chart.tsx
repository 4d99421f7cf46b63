// Spend by day, stacked by model: the day one points at in words above, the models beside, the exact table behind.
import { useState } from 'react'
import type { CostRow } from '@/api/types'
import { Section } from '@/components/page-head'
import { DayTable } from '@/components/day-bars'
import { StackedDays } from '@/components/stacked-days'
import { dayExact } from '@/lib/day'
import { usdExact, usdFigure, usdText } from '@/lib/money'
import type { DayFigures } from './days'

const HEIGHT = 208

interface DayChartProps {
  figures: DayFigures | null
  rows: readonly CostRow[]
  isTable: boolean
  onToggle: () => void
  onRange: (from: string, to: string) => void
}

const SWATCH: Record<string, string> = { 'part-1': 'bg-part-1', 'part-2': 'bg-part-2', 'part-3': 'bg-part-3', 'part-4': 'bg-part-4', 'part-5': 'bg-part-5', 'part-6': 'bg-part-6' }

export function DayChart({ figures, rows, isTable, onToggle, onRange }: DayChartProps) {
  const [pointed, setPointed] = useState<number | null>(null)
  const row = pointed === null ? undefined : rows[pointed]
  const toggle = (
    <button type="button" aria-pressed={isTable} onClick={onToggle} title="The chart, or its table (t)" className="text-accent hover:underline">
      {isTable ? 'show chart' : 'show table'}
    </button>
  )
  return (
    <Section
      title="Spend by day"
      note={
        <span role="status">
          {row ? `${dayExact(row.key)}: ${usdText(row.cost_usd, row.cost_basis)}` : 'US dollars, stacked by model'}
          {!row && !isTable && <span className="max-md:hidden">; drag to narrow the days down</span>}
        </span>
      }
      aside={toggle}
      className="shrink-0 px-4 pt-3 pb-2"
    >
      {figures === null ? (
        <div style={{ height: HEIGHT }} />
      ) : isTable ? (
        <DayTable
          label="Spend by day"
          heads={[...figures.parts.map((part) => `${part.name} $`), 'total $']}
          rows={figures.days.map((day, at) => ({
            day,
            cells: [...figures.parts.map((part) => figureOf(part.values[at] ?? null)), usdText(rows[at]?.cost_usd ?? null, rows[at]?.cost_basis ?? null)],
          }))}
        />
      ) : (
        <div className="flex min-w-0 gap-4 max-md:flex-col">
          <div className="min-w-0 flex-1">
            <StackedDays
              label="Spend by day in US dollars, stacked by model"
              days={figures.days}
              parts={figures.parts}
              axisText={axisText}
              height={HEIGHT}
              onPoint={setPointed}
              onPick={(at) => onRange(figures.days[at] ?? '', figures.days[at] ?? '')}
              onRange={(from, to) => onRange(figures.days[from] ?? '', figures.days[to] ?? '')}
            />
          </div>
          <ul aria-label="Models, the dearest first" className="w-52 shrink-0 pt-2 max-md:grid max-md:w-full max-md:grid-cols-2 max-md:gap-x-4 max-md:pt-0">
            {figures.parts.map((part) => (
              <li key={part.key} className="flex h-6 items-center gap-2">
                <span aria-hidden="true" className={`h-2.5 w-2.5 shrink-0 rounded-sm ${SWATCH[part.token] ?? ''}`} />
                <span className="min-w-0 flex-1 truncate" title={part.key}>
                  {part.name}
                </span>
                <span className="text-muted" title={usdExact(part.cost.cost_usd, part.cost.cost_basis)}>
                  {pointed === null ? usdText(part.cost.cost_usd, part.cost.cost_basis) : usdText(part.values[pointed] ?? null, null)}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  )
}

function figureOf(value: number | null): string {
  return value === null ? '–' : usdFigure(value, 3)
}

function axisText(value: number): string {
  return value === 0 ? '$0' : value < 1 ? `$${value.toFixed(2)}` : `$${Number(value.toFixed(2))}`
}
