// What the cost page shows, as it stands in the URL: `?by=project&sort=tokens&shown=table`.
import type { CostCut, CostRow } from '@/api/types'
import { tokenSum } from '@/lib/words'

export interface CostPlace {
  project?: string | undefined
  range?: string | undefined
  by?: string | undefined
  sort?: string | undefined
  shown?: string | undefined
  row?: string | undefined
  /** In the place of spending, `carry`: what tool results cost in the context; `reconciliation`: what was reported against what explains it. */
  view?: string | undefined
}

export const CUTS: ReadonlyArray<{ key: CostCut; label: string }> = [
  { key: 'model', label: 'model' },
  { key: 'project', label: 'project' },
  { key: 'session', label: 'session' },
  { key: 'agent', label: 'agent' },
  { key: 'tool', label: 'tool' },
  { key: 'branch', label: 'branch' },
  { key: 'day', label: 'day' },
  { key: 'worktree', label: 'working tree' },
  { key: 'repository', label: 'repository' },
  { key: 'commit', label: 'commit' },
  { key: 'skill', label: 'skill' },
  { key: 'mcp_server', label: 'MCP server' },
  { key: 'query_source', label: 'purpose' },
]

/** Without a choice: projects, or the sessions of the one that is looked at. */
export function cutOf(place: CostPlace): CostCut {
  return CUTS.find((cut) => cut.key === place.by)?.key ?? (place.project === undefined ? 'project' : 'session')
}

type SortKey = 'name' | 'cost' | 'tokens' | 'sessions'
const SORT_KEYS: readonly SortKey[] = ['name', 'cost', 'tokens', 'sessions']

export interface CostSort {
  key: SortKey
  direction: 'ascending' | 'descending'
}

/** `-cost` is descending, `name` ascending. Null: as the server has it, the dearest first (days in order). */
export function sortOf(text: string | undefined): CostSort | null {
  const key = SORT_KEYS.find((each) => each === text?.replace('-', ''))
  return key && text ? { key, direction: text.startsWith('-') ? 'descending' : 'ascending' } : null
}

/** What a press on a head makes of the sort: the natural order first, then the other, then none. */
export function nextSort(now: CostSort | null, key: string): string | undefined {
  const first = key === 'name' ? 'ascending' : 'descending'
  const mark = (direction: string): string => (direction === 'descending' ? `-${key}` : key)
  if (now?.key !== key) return mark(first)
  return now.direction === first ? mark(first === 'ascending' ? 'descending' : 'ascending') : undefined
}

export function sorted(rows: readonly CostRow[], sort: CostSort | null): readonly CostRow[] {
  if (!sort) return rows
  const sign = sort.direction === 'ascending' ? 1 : -1
  // Unknown stands last, whichever way.
  const number = (row: CostRow): number | null => (sort.key === 'cost' ? row.cost_usd : sort.key === 'tokens' ? tokenSum(row) : (row.session_count ?? null))
  return [...rows].sort((a, b) => {
    if (sort.key === 'name') return sign * a.label.localeCompare(b.label)
    const [first, second] = [number(a), number(b)]
    if (first === null || second === null) return first === second ? 0 : first === null ? 1 : -1
    return sign * (first - second)
  })
}
