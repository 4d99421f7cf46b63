// Is this number right? What Claude Code reported of its sessions against what their requests explain: the share in one
// line, the parts as one bar, then the sessions that are furthest apart, each with the reason.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { reconciliationPages } from '@/api/reconciliation'
import type { ReconciliationRow, ReconciliationTotals } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { Exact } from '@/components/figure'
import { MoneyPartsBar } from '@/components/money-parts'
import { FilterMark, PageHead } from '@/components/page-head'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { counted, countExact } from '@/lib/count'
import { driftText, exactly, explainedShare, PART_WORDS } from '@/lib/drift'
import { usdText } from '@/lib/money'
import { DEFAULT_RANGE, rangeBounds, rangeWords } from '@/lib/range'
import { folderName } from '@/lib/text'
import { stampText } from '@/lib/time'
import type { CostPlace } from './place'
import { CostViews } from './views'

interface ReconciliationViewProps {
  place: CostPlace
  onPlace: (change: CostPlace) => void
}

const keyOf = (row: ReconciliationRow): string => row.session_id

export function ReconciliationView({ place, onPlace }: ReconciliationViewProps) {
  const navigate = useNavigate()
  const [openedAt] = useState(() => Date.now())
  const range = place.range ?? DEFAULT_RANGE
  const filter = useMemo(() => ({ project: place.project, ...rangeBounds(range, openedAt) }), [place.project, range, openedAt])
  const pages = useInfiniteQuery(reconciliationPages(filter))
  const { fetchNextPage } = pages
  const load = useCallback(() => void fetchNextPage(), [fetchNextPage])
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.sessions) ?? [], [pages.data])
  const totals = pages.data?.pages[0]?.totals ?? null
  const open = useCallback((row: ReconciliationRow) => void navigate({ to: '/sessions/$sessionId', params: { sessionId: row.session_id } }), [navigate])
  if (pages.isError && rows.length === 0) return <Failure error={pages.error} onRetry={() => void pages.refetch()} />
  return (
    <>
      <PageHead title="Cost" answer={totals && <Answer totals={totals} />}>
        {place.project !== undefined && <FilterMark text={folderName(place.project)} onRemove={() => onPlace({ project: undefined })} />}
        {range !== DEFAULT_RANGE && <FilterMark text={rangeWords(range)} onRemove={() => onPlace({ range: undefined })} />}
      </PageHead>
      <CostViews chosen="reconciliation" onPlace={onPlace} />
      {pages.isPending ? (
        <SkeletonRows count={8} />
      ) : rows.length === 0 ? (
        <Empty title="No session is known to have cost anything here.">
          <p>
            Sessions come as they run, or from before with <ShellCommand>argus import</ShellCommand>.
          </p>
        </Empty>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
          {totals && totals.reported_usd !== null && (
            <section aria-label="Reported money by what explains it" className="shrink-0 border-b border-line px-4 py-3">
              <h2 className="mb-2">
                What Claude Code reported, {usdText(totals.reported_usd, 'reported')}, by what explains it
              </h2>
              <MoneyPartsBar money={totals} />
              {totals.uncovered_usd > 0 && (
                <p className="mt-2 text-12 text-muted">
                  Beside it stand {driftText(totals.uncovered_usd)} of requests that no report covers: runs that were killed, and sessions that went on since.
                </p>
              )}
            </section>
          )}
          <Sessions rows={rows} place={place} onPlace={onPlace} onOpen={open} more={{ has: pages.hasNextPage, isLoading: pages.isFetchingNextPage, load }} />
        </div>
      )}
    </>
  )
}

function Answer({ totals }: { totals: ReconciliationTotals }) {
  const unreported = totals.unreported_sessions > 0 && (
    <span className="text-13 text-muted">
      {counted(totals.unreported_sessions, 'session')} ({usdText(totals.unreported_usd, 'priced')}) left no report
    </span>
  )
  if (totals.explained_millionths === null) {
    return (
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span>Claude Code reported no money here</span>
        {unreported}
      </p>
    )
  }
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>
        <Exact text={explainedShare(totals.explained_millionths)} exact={`${countExact(totals.explained_millionths)} millionths of the reported money, what sessions are apart taken off each for itself`} /> of what Claude Code reported is explained
      </span>
      <span className="text-13 text-muted">
        {totals.explained_sessions === totals.reported_sessions ? `all of ${counted(totals.reported_sessions, 'session')}` : `wholly in ${countExact(totals.explained_sessions)} of ${counted(totals.reported_sessions, 'session')}`}
      </span>
      {unreported}
    </p>
  )
}

interface SessionsProps extends ReconciliationViewProps {
  rows: readonly ReconciliationRow[]
  onOpen: (row: ReconciliationRow) => void
  more: { has: boolean; isLoading: boolean; load: () => void }
}

function Sessions({ rows, place, onPlace, onOpen, more }: SessionsProps) {
  return (
    <div className="flex min-h-[320px] flex-1">
      <RowGrid
        label="Sessions by how far reported and explained are apart"
        rows={rows}
        keyOf={keyOf}
        columns={COLUMNS}
        chosen={place.row ?? null}
        onChoose={(key) => onPlace({ row: key ?? undefined })}
        onOpen={onOpen}
        stacked={{ height: 64, renderRow: (row) => <Stacked row={row} /> }}
        more={more}
        className="min-w-0 flex-1"
        footer={
          <p className="text-12 text-muted" role="status">
            {counted(rows.length, 'session')}, the furthest apart first{more.has ? ', more as you scroll' : ''}; those without a report come last
          </p>
        }
      />
    </div>
  )
}

const money = (key: 'hidden_usd' | 'unexplained_usd', head: string, says: string): GridColumn<ReconciliationRow> => ({
  key,
  head,
  title: says,
  width: '92px',
  isRight: true,
  cell: (row) => <Amount amount={row[key]} says={says} />,
})

const COLUMNS: Array<GridColumn<ReconciliationRow>> = [
  { key: 'session', head: 'session', width: 'minmax(140px, 3fr)', cell: (row) => <Name row={row} /> },
  { key: 'when', head: 'last', width: '136px', cell: (row) => <span className="text-muted">{stampText(row.last_at)}</span> },
  { key: 'reported', head: 'reported', title: PART_WORDS.reported, width: '84px', isRight: true, cell: (row) => <Amount amount={row.reported_usd} says={PART_WORDS.reported} /> },
  { key: 'explained', head: 'explained', title: PART_WORDS.explained, width: '84px', isRight: true, cell: (row) => <span title={exactly(row.explained_usd, PART_WORDS.explained)}>{usdText(row.explained_usd, row.explained_basis)}</span> },
  money('hidden_usd', 'hidden', PART_WORDS.hidden),
  money('unexplained_usd', 'unexplained', PART_WORDS.unexplained),
  { key: 'reason', head: 'reason', width: 'minmax(160px, 3fr)', cell: (row) => <Reason row={row} /> },
]

function Amount({ amount, says }: { amount: number | null; says: string }) {
  return (
    <span className={amount === null || amount === 0 ? 'text-faint' : ''} title={exactly(amount, says)}>
      {driftText(amount)}
    </span>
  )
}

function Name({ row }: { row: ReconciliationRow }) {
  return <AgentLine text={row.title ?? row.session_id} whole={row.session_id} className="!font-sans !text-13" />
}

function Reason({ row }: { row: ReconciliationRow }) {
  if (row.drift === null) return <span className="text-good">✓ all explained</span>
  return (
    <span className="truncate" title={row.drift.says}>
      {row.drift.reason.replaceAll('_', ' ')}
    </span>
  )
}

function Stacked({ row }: { row: ReconciliationRow }) {
  return (
    <span className="block min-w-0">
      <span className="flex min-w-0 items-baseline gap-3">
        <span className="flex min-w-0 flex-1">
          <Name row={row} />
        </span>
        <Amount amount={row.reported_usd} says={PART_WORDS.reported} />
      </span>
      <span className="flex gap-3 text-12 text-muted">
        <span>hidden {driftText(row.hidden_usd)}</span>
        <span>unexplained {driftText(row.unexplained_usd)}</span>
      </span>
      <span className="block truncate text-12">
        <Reason row={row} />
      </span>
    </span>
  )
}
