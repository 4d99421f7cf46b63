// The ways to look at money: what was spent, what results cost to carry, and how much of what Claude Code reported is
// explained.
import { Tabs } from '@/components/tabs'
import type { CostPlace } from './place'

const VIEWS = [
  { key: 'spending', label: 'Spending' },
  { key: 'carry', label: 'Carry' },
  { key: 'reconciliation', label: 'Reconciliation' },
] as const

export function CostViews({ chosen, onPlace }: { chosen: (typeof VIEWS)[number]['key']; onPlace: (change: CostPlace) => void }) {
  return (
    <div className="shrink-0 border-b border-line px-1">
      <Tabs label="Views of cost" tabs={VIEWS} chosen={chosen} onChoose={(key) => onPlace({ view: key === 'spending' ? undefined : key, row: undefined })} />
    </div>
  )
}
