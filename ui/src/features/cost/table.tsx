// One cut in exact figures. The last line is the total, and the rows add up to it.
import { useMemo } from 'react'
import type { CostCut, CostRow, Usage } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { UsdCell } from '@/components/figure'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { ShareBar } from '@/components/share-bar'
import { countExact, countText } from '@/lib/count'
import { dayExact } from '@/lib/day'
import { usdExact } from '@/lib/money'
import { shareOf, shareText } from '@/lib/share'
import { modelText, tokenSum, tokenWords } from '@/lib/words'
import { CUTS, type CostSort } from './place'

interface CostTableProps {
  cut: CostCut
  rows: readonly CostRow[]
  total: Usage | null
  chosen: string | null
  onChoose: (key: string | null) => void
  onOpen: ((row: CostRow) => void) | undefined
  /** Null while not all rows are loaded: a sort of some would mislead. */
  sort: { now: CostSort | null; onSort: (key: string) => void } | null
  more: { has: boolean; isLoading: boolean; load: () => void }
  isBeside: boolean
}

const keyOf = (row: CostRow): string => row.key

export function CostTable({ cut, rows, total, chosen, onChoose, onOpen, sort, more, isBeside }: CostTableProps) {
  const most = useMemo(() => rows.reduce((found, row) => Math.max(found, row.cost_usd ?? 0), 0), [rows])
  const hasSort = sort !== null
  const columns = useMemo(() => columnsOf(cut, { total, most, isBeside, hasSort }), [cut, total, most, isBeside, hasSort])
  const natural: CostSort = cut === 'day' ? { key: 'name', direction: 'descending' } : { key: 'cost', direction: 'descending' }
  const now = sort?.now ?? natural
  return (
    <RowGrid
      label={`Cost by ${CUTS.find((each) => each.key === cut)?.label ?? cut}`}
      rows={rows}
      keyOf={keyOf}
      columns={columns}
      chosen={chosen}
      onChoose={onChoose}
      onOpen={onOpen}
      stacked={{ height: 48, renderRow: (row) => <Stacked row={row} cut={cut} total={total} most={most} /> }}
      more={more}
      sort={sort ? { key: now.key, direction: now.direction, onSort: sort.onSort } : undefined}
      className="min-w-0 flex-1"
      footer={
        <p className="flex flex-wrap justify-between gap-x-4 text-12">
          <span className="text-muted" role="status">
            {countExact(rows.length)} {rows.length === 1 ? 'row' : 'rows'}
            {more.has ? ', cheaper ones as you scroll' : ', all there are'}
          </span>
          <span>
            total <span className="font-semibold">{usdExact(total?.cost_usd ?? null, total?.cost_basis ?? null)}</span>
          </span>
        </p>
      }
    />
  )
}

interface Shape {
  total: Usage | null
  /** The dearest row: bars are held against it. */
  most: number
  isBeside: boolean
  hasSort: boolean
}

function columnsOf(cut: CostCut, { total, most, isBeside, hasSort: isSortable }: Shape): Array<GridColumn<CostRow>> {
  const whole = total?.cost_usd ?? null
  const tokens = (name: 'input_tokens' | 'output_tokens' | 'cache_read_tokens', head: string): GridColumn<CostRow> => ({
    key: name,
    head,
    width: '72px',
    isRight: true,
    cell: (row) => <span className="text-muted" title={tokenWords(row)}>{countText(row[name])}</span>,
  })
  return [
    { key: 'name', head: cut, width: 'minmax(140px, 3fr)', isSortable, cell: (row) => <Name row={row} cut={cut} /> },
    { key: 'bar', head: 'to scale', title: 'Against the dearest row', width: 'minmax(60px, 1fr)', cell: (row) => <span className="flex w-full items-center"><ShareBar share={shareOf(row.cost_usd, most)} /></span> },
    { key: 'share', head: 'share', title: 'Of the total', width: '56px', isRight: true, cell: (row) => <span className="text-muted">{shareText(row.cost_usd, whole)}</span> },
    { key: 'cost', head: '$', width: '84px', isRight: true, isSortable, cell: (row) => <UsdCell amount={row.cost_usd} basis={row.cost_basis} places={3} /> },
    ...(cut === 'session' || cut === 'day' ? [] : [{ key: 'sessions', head: 'sessions', width: '76px', isRight: true, isSortable, cell: (row: CostRow) => <span className="text-muted">{countText(row.session_count)}</span> }]),
    { key: 'tokens', head: 'tokens', width: '72px', isRight: true, isSortable, cell: (row) => <span title={tokenWords(row)}>{countText(tokenSum(row))}</span> },
    ...(isBeside || cut === 'tool' ? [] : [{ key: 'requests', head: 'requests', width: '76px', isRight: true, cell: (row: CostRow) => <span className="text-muted" title={`${countExact(row.request_count)} model requests`}>{countText(row.request_count)}</span> }]),
    ...(isBeside ? [] : [tokens('input_tokens', 'input'), tokens('output_tokens', 'output'), tokens('cache_read_tokens', 'cache read')]),
  ]
}

/** A name as short as it stays clear; whole on hover. */
function Name({ row, cut }: { row: CostRow; cut: CostCut }) {
  if (row.key === '') return <span className="text-faint" title="Nobody told it">{row.label}</span>
  switch (cut) {
    case 'day':
      return <span>{dayExact(row.key)}</span>
    case 'model':
      return <AgentLine text={modelText(row.label)} whole={row.label} className="!font-sans !text-13" />
    case 'project':
    case 'worktree':
    case 'repository':
      return (
        <span className="flex min-w-0 items-baseline gap-2">
          <span className="flex max-w-[60%] min-w-0 shrink-0">
            <AgentLine text={row.label} whole={row.key} className="!font-sans !text-13" />
          </span>
          <span className="flex min-w-0 text-faint">
            <AgentLine text={row.key} />
          </span>
        </span>
      )
    case 'session':
    case 'agent':
      return <AgentLine text={row.label} className="!font-sans !text-13" />
    case 'tool':
    case 'branch':
    case 'skill':
    case 'mcp_server':
    case 'query_source':
    case 'commit':
      return <AgentLine text={row.label} />
  }
}

function Stacked({ row, cut, total, most }: { row: CostRow; cut: CostCut; total: Usage | null; most: number }) {
  const whole = total?.cost_usd ?? null
  return (
    <span className="block min-w-0">
      <span className="flex min-w-0 items-baseline gap-3">
        <span className="flex min-w-0 flex-1">
          <Name row={row} cut={cut} />
        </span>
        <span className="shrink-0 text-12 text-muted">{shareText(row.cost_usd, whole)}</span>
        <span className="w-16 shrink-0 text-right">
          <UsdCell amount={row.cost_usd} basis={row.cost_basis} places={3} />
        </span>
      </span>
      <span className="mt-1 block">
        <ShareBar share={shareOf(row.cost_usd, most)} />
      </span>
    </span>
  )
}
