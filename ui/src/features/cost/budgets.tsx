// The cost page's budgets: how much of each is used, what its period will come to, and whether money burns right now.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { budgets } from '@/api/budgets'
import { BudgetBars } from '@/components/budget-bars'
import { useNow } from '@/components/now'
import { Section } from '@/components/page-head'
import { usdText } from '@/lib/money'
import { visibleLine } from '@/lib/text'

export function Budgets() {
  const answer = useQuery(budgets())
  const now = useNow(60_000)
  const list = answer.data
  if (!list) return null
  const { burn } = list
  return (
    <Section
      title="Budgets"
      note={list.budgets.length === 0 ? undefined : `this machine’s days, ${list.tz}`}
      aside={
        <Link to="/settings" className="text-accent hover:underline">
          {list.budgets.length === 0 ? 'Set a budget' : 'Change'}
        </Link>
      }
      className="shrink-0 px-4 py-2"
    >
      {list.problems.map((problem) => (
        <p key={problem} className="py-1 text-wait">
          <span aria-hidden="true">▲ </span>
          {visibleLine(problem)}
        </p>
      ))}
      {list.budgets.length === 0 ? <p className="py-1.5 text-muted">No budget is set.</p> : <BudgetBars budgets={list.budgets} now={now} />}
      <p className={`py-1 text-12 ${burn.is_alarming ? 'text-high' : 'text-muted'}`}>
        {burn.is_alarming && <span aria-hidden="true">▲ </span>}
        {usdText(burn.hour_usd, 'priced')} in the last hour; {burn.usual_usd === null ? 'too little is known yet to call an hour usual' : `a usual busy hour costs ${usdText(burn.usual_usd, 'priced')}`}
      </p>
    </Section>
  )
}
