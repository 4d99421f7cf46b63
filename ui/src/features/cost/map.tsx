// Where most of it went, as areas: projects, then the sessions of one. The table beside it holds the exact figures.
import { useMemo } from 'react'
import type { CostCut, CostRow } from '@/api/types'
import { Treemap, type TreemapTile } from '@/components/treemap'
import { usdText } from '@/lib/money'
import { shareText } from '@/lib/share'

const OWN_TILES = 60

interface CostMapProps {
  cut: CostCut
  rows: readonly CostRow[]
  total: number | null
  hasMore: boolean
  onOpen: (row: CostRow) => void
}

export function CostMap({ cut, rows, total, hasMore, onOpen }: CostMapProps) {
  const tiles = useMemo(() => tilesOfRows(rows, total, onOpen), [rows, total, onOpen])
  return (
    <section aria-label={`Cost by ${cut} as areas`} className="flex w-[40%] shrink-0 flex-col border-l border-line p-2">
      <p className="pb-1 text-12 text-muted">
        {cut === 'project' ? 'Projects' : 'Sessions'} by cost: the area is the money{cut === 'project' ? '; open one for its sessions' : ''}
      </p>
      <Treemap label={`Cost by ${cut} as areas`} tiles={tiles} />
      {hasMore && <p className="pt-1 text-12 text-faint">Small ones come in as the table is scrolled; their sum has its tile.</p>}
    </section>
  )
}

function tilesOfRows(rows: readonly CostRow[], total: number | null, onOpen: (row: CostRow) => void): TreemapTile[] {
  const known = rows.filter((row) => (row.cost_usd ?? 0) > 0).slice(0, OWN_TILES)
  const shown = known.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0)
  const rest = (total ?? 0) - shown
  const tiles = known.map((row): TreemapTile => ({
    key: row.key,
    name: row.label,
    amount: row.cost_usd ?? 0,
    short: usdText(row.cost_usd, row.cost_basis),
    text: `${usdText(row.cost_usd, row.cost_basis)}, ${shareText(row.cost_usd, total)}`,
    onOpen: row.key === '' ? null : () => onOpen(row),
  }))
  // Below a thousandth of a cent it is the rounding of doubles, not money.
  if (rest > 1e-5) tiles.push({ key: '\u0000rest', name: 'all others', amount: rest, short: shareText(rest, total), text: shareText(rest, total), onOpen: null, isRest: true })
  return tiles.sort((a, b) => b.amount - a.amount)
}
