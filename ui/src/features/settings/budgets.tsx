// Budgets in the settings: what may be spent on an account in a time. Each is shown in words; a form adds one.
import { useId, useState } from 'react'
import type { BudgetSetting } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { usdText } from '@/lib/money'
import { parseAmount } from './parse'

type Scope = BudgetSetting['scope']
type Period = BudgetSetting['period']

const SCOPES: ReadonlyArray<{ key: Scope; label: string; selector: string | null }> = [
  { key: 'all', label: 'everything', selector: null },
  { key: 'project', label: 'project', selector: 'path or folder name' },
  { key: 'branch', label: 'branch', selector: 'branch' },
  { key: 'model', label: 'model', selector: 'model id, * for any text' },
  { key: 'session', label: 'session', selector: 'session id' },
  { key: 'agent', label: 'subagent', selector: 'type of agent' },
]
const PERIODS: readonly Period[] = ['session', 'day', 'week', 'month']
const FIELD = 'h-7 rounded-md border border-edge bg-ground px-2 aria-invalid:border-bad'

interface BudgetsProps {
  budgets: readonly BudgetSetting[]
  isFixed: boolean
  onSave: (budgets: BudgetSetting[], words: string) => void
}

export function BudgetFields({ budgets, isFixed, onSave }: BudgetsProps) {
  return (
    <div>
      {budgets.length === 0 && <p className="flex h-7 items-center text-muted">none</p>}
      <ul>
        {budgets.map((budget) => (
          <li key={budget.name} className="flex min-h-7 min-w-0 flex-wrap items-center gap-x-3">
            <AgentLine text={budget.name} className="!font-sans !text-13" />
            <span className="min-w-0 text-muted">
              <BudgetWords budget={budget} />
            </span>
            <button type="button" disabled={isFixed} className="shrink-0 text-12 text-accent hover:underline disabled:text-faint" onClick={() => onSave(budgets.filter((each) => each !== budget), `${budget.name} is no budget any more`)} aria-label={`Remove the budget ${budget.name}`}>
              remove
            </button>
          </li>
        ))}
      </ul>
      {!isFixed && <NewBudget taken={budgets.map((budget) => budget.name)} onAdd={(budget) => onSave([...budgets.filter((each) => each.name !== budget.name), budget], `${budget.name}, ${usdText(budget.amount_usd, 'reported')}`)} />}
    </div>
  )
}

function BudgetWords({ budget }: { budget: BudgetSetting }) {
  const scope = SCOPES.find((each) => each.key === budget.scope)?.label ?? budget.scope
  return (
    <>
      {usdText(budget.amount_usd, 'reported')} a {budget.period} for {budget.scope !== 'all' && budget.selector === null ? `each ${scope}` : scope} {budget.selector !== null && <AgentLine text={budget.selector} />} {budget.warn_percent.length > 0 && `at ${budget.warn_percent.join(', ')} %`}
      {budget.forecast ? ', with forecast' : ''}
      {budget.stop ? ', and stops' : ''}
    </>
  )
}

function NewBudget({ taken, onAdd }: { taken: readonly string[]; onAdd: (budget: BudgetSetting) => void }) {
  const [name, setName] = useState('')
  const [scope, setScope] = useState<Scope>('all')
  const [selector, setSelector] = useState('')
  const [period, setPeriod] = useState<Period>('month')
  const [amount, setAmount] = useState('')
  const [stop, setStop] = useState(false)
  const problemId = useId()
  const parsed = parseAmount(amount)
  const named = name.trim()
  const meant = SCOPES.find((each) => each.key === scope)
  const problem = named !== '' && !/^[\p{L}\p{N}_-][\p{L}\p{N} _-]{0,39}$/u.test(named) ? 'A name of letters, digits, blanks, - and _' : amount !== '' && typeof parsed === 'string' ? parsed : null
  const isReady = named !== '' && problem === null && typeof parsed === 'number'
  return (
    <form
      className="mt-1 flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isReady || typeof parsed !== 'number') return
        const chosen = selector.trim()
        onAdd({ name: named, scope, selector: meant?.selector === null || chosen === '' ? null : chosen, period: scope === 'agent' ? 'session' : period, amount_usd: parsed, warn_percent: [50, 80, 100], forecast: true, stop })
        setName('')
        setStop(false)
        setAmount('')
        setSelector('')
      }}
    >
      <input aria-label="Name of the new budget" placeholder="name" value={name} onChange={(event) => setName(event.target.value)} aria-invalid={problem !== null && named !== ''} aria-describedby={problem === null ? undefined : problemId} className={`${FIELD} w-32`} />
      <span aria-hidden="true">$</span>
      <input aria-label="Amount in US dollars" inputMode="decimal" placeholder="20.00" value={amount} onChange={(event) => setAmount(event.target.value)} aria-describedby={problem === null ? undefined : problemId} className={`${FIELD} w-24 text-right`} />
      <label className="flex items-center gap-1">
        a
        <select aria-label="Period" value={scope === 'agent' ? 'session' : period} disabled={scope === 'agent'} onChange={(event) => setPeriod(PERIODS.find((each) => each === event.target.value) ?? 'month')} className={FIELD}>
          {PERIODS.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label className="flex items-center gap-1">
        for
        <select aria-label="Whose money" value={scope} onChange={(event) => setScope(SCOPES.find((each) => each.key === event.target.value)?.key ?? 'all')} className={FIELD}>
          {SCOPES.map((each) => (
            <option key={each.key} value={each.key}>
              {each.label}
            </option>
          ))}
        </select>
      </label>
      {meant?.selector != null && <input aria-label={`Which ${meant.label}; empty gives each its own`} placeholder={`each, or a ${meant.selector}`} value={selector} onChange={(event) => setSelector(event.target.value)} className={`${FIELD} w-56`} />}
      <label className="flex items-center gap-1" title="Where the guard is installed: whoever would go on spending is stopped until a person raises or releases it">
        <input type="checkbox" checked={stop} onChange={(event) => setStop(event.target.checked)} />
        and stop
      </label>
      <button type="submit" disabled={!isReady} className="h-7 rounded-md border border-edge px-3 hover:bg-hover disabled:text-faint disabled:hover:bg-transparent">
        {taken.includes(named) ? 'Change' : 'Add'}
      </button>
      {problem !== null && (
        <span id={problemId} className="text-12 text-bad">
          {problem}
        </span>
      )}
    </form>
  )
}
