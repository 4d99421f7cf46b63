// The last thirty days, money and errors, as bars or as a table.
import type { OverviewRecord } from '@/api/types'
import { DayBars, DayTable } from '@/components/day-bars'
import { Section } from '@/components/page-head'
import { countExact } from '@/lib/count'
import { usdText } from '@/lib/money'

interface DaysProps {
  record: OverviewRecord
  isTable: boolean
  onToggle: () => void
}

const money = (value: number | null): string => usdText(value, null)
const errors = (value: number | null): string => countExact(value)

export function Days({ record, isTable, onToggle }: DaysProps) {
  const { days } = record
  const toggle = (
    <button type="button" aria-pressed={isTable} onClick={onToggle} title="Charts or their tables (t)" className="text-accent hover:underline">
      {isTable ? 'show charts' : 'show table'}
    </button>
  )
  if (isTable) {
    return (
      <Section title="Last 30 days" aside={toggle}>
        <DayTable label="Last 30 days" heads={['US dollars', 'errors']} rows={days.map((each) => ({ day: each.day, cells: [money(each.cost_usd), errors(each.error_count)] }))} />
      </Section>
    )
  }
  return (
    <>
      <Section title="Spend" note="US dollars a day, last 30 days" aside={toggle}>
        <div className="pt-1">
          <DayBars label="Spend by day over the last 30 days, in US dollars" bars={days.map((each) => ({ day: each.day, value: each.cost_usd }))} text={money} tone="text-accent" height={72} />
        </div>
      </Section>
      <Section title="Errors" note="failed steps a day, last 30 days">
        <div className="pt-1">
          <DayBars label="Failed steps by day over the last 30 days" bars={days.map((each) => ({ day: each.day, value: each.error_count }))} text={errors} tone="text-bad" height={40} />
        </div>
      </Section>
    </>
  )
}
