// The cost page: what was spent, when, and on what. A chart by day, then one cut after the other, each adding up to the
// same total; areas show where most of it went and lead down from project to session.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState, type ReactNode } from 'react'
import { costDays, costPages } from '@/api/figures'
import type { CostRow } from '@/api/types'
import { Choice } from '@/components/choice'
import { Explained } from '@/components/explained'
import { ExactUsd } from '@/components/figure'
import { useKeys } from '@/components/keys'
import { useIsNarrow } from '@/components/media'
import { FilterMark, PageHead } from '@/components/page-head'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { DEFAULT_RANGE, rangeBounds, rangeWords } from '@/lib/range'
import { counted } from '@/lib/count'
import { usdText } from '@/lib/money'
import { shareText } from '@/lib/share'
import { folderName } from '@/lib/text'
import { Budgets } from './budgets'
import { DayChart } from './day-chart'
import { figuresOf } from './days'
import { CUTS, cutOf, nextSort, sorted, sortOf, type CostPlace } from './place'
import { CostTable } from './table'
import { CostMap } from './map'
import { CostViews } from './views'
import { WhatIfChoice } from './what-if'

interface CostPageProps {
  place: CostPlace
  onPlace: (change: CostPlace) => void
}

export function CostPage({ place, onPlace }: CostPageProps) {
  const navigate = useNavigate()
  const isNarrow = useIsNarrow()
  const [openedAt] = useState(() => Date.now())
  const range = place.range ?? DEFAULT_RANGE
  const filter = useMemo(() => ({ project: place.project, ...rangeBounds(range, openedAt) }), [place.project, range, openedAt])
  const cut = cutOf(place)
  const days = useQuery(costDays(filter))
  const pages = useInfiniteQuery(costPages(cut, filter))
  const { fetchNextPage } = pages
  const load = useCallback(() => void fetchNextPage(), [fetchNextPage])

  const sort = sortOf(place.sort)
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data])
  const shown = useMemo(() => sorted(cut === 'day' && !sort ? [...rows].reverse() : rows, pages.hasNextPage ? null : sort), [rows, sort, cut, pages.hasNextPage])
  const total = pages.data?.pages[0]?.total ?? null
  const reported = pages.data?.pages[0]?.reported ?? null
  const figures = useMemo(() => (days.data ? figuresOf(days.data.rows) : null), [days.data])

  const open = useCallback(
    (row: CostRow): void => {
      if (row.key === '') return
      if (cut === 'project') onPlace({ project: row.key, by: undefined, row: undefined, sort: undefined })
      else if (cut === 'day') onPlace({ range: `${row.key}..${row.key}`, by: 'session', row: undefined, sort: undefined })
      else if (row.session_id !== null) void navigate({ to: '/sessions/$sessionId', params: { sessionId: row.session_id } })
    },
    [cut, onPlace, navigate],
  )
  const pickDay = useCallback((from: string, to: string) => onPlace({ range: `${from}..${to}` }), [onPlace])
  const isTable = place.shown === 'table'
  const chooseCut = (key: string): void => onPlace({ by: key, row: undefined, sort: undefined })
  useKeys([
    { keys: ['t'], label: 'The chart, or its table', group: 'Cost', run: () => onPlace({ shown: isTable ? undefined : 'table' }) },
    ...CUTS.slice(0, 9).map((each, at) => ({ keys: [String(at + 1)], label: `By ${each.label}`, group: 'Cost', run: () => chooseCut(each.key) })),
    ...(place.project !== undefined || range !== DEFAULT_RANGE
      ? [{ keys: ['0'], label: 'All projects, all of the time', group: 'Cost', run: () => onPlace({ project: undefined, range: undefined, by: undefined, row: undefined }) }]
      : []),
  ])

  if (pages.isError && rows.length === 0) return <Failure error={pages.error} onRetry={() => void Promise.all([pages.refetch(), days.refetch()])} />
  if (days.isError && !days.data) return <Failure error={days.error} onRetry={() => void days.refetch()} />
  const isNothing = total !== null && rows.length === 0
  const hasMap = (cut === 'project' || cut === 'session') && !isNarrow
  return (
    <>
      <PageHead title="Cost" answer={total && <Answer total={total} figures={figures} range={range} explained={reported && <Explained totals={reported} of="alive in that time" project={place.project} range={place.range} />} />}>
        {place.project !== undefined && <FilterMark text={folderName(place.project)} onRemove={() => onPlace({ project: undefined, by: undefined })} />}
        {range !== DEFAULT_RANGE && <FilterMark text={rangeWords(range)} onRemove={() => onPlace({ range: undefined })} />}
      </PageHead>
      <CostViews chosen="spending" onPlace={onPlace} />
      {isNothing ? (
        <NoCost isNarrowed={place.project !== undefined || range !== DEFAULT_RANGE} onClear={() => onPlace({ project: undefined, range: undefined })} />
      ) : (
        <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
          <DayChart figures={figures} rows={days.data?.rows ?? []} isTable={isTable} onToggle={() => onPlace({ shown: isTable ? undefined : 'table' })} onRange={pickDay} />
          <Budgets />
          <WhatIfChoice filter={filter} />
          <div className="flex shrink-0 items-center gap-3 border-y border-line px-4 py-1">
            <h2 className="whitespace-nowrap">Cut by</h2>
            <Choice label="Cut by" options={CUTS} chosen={cut} onChoose={chooseCut} />
          </div>
          {pages.isPending ? (
            <SkeletonRows count={8} />
          ) : (
            <div className="flex min-h-[320px] flex-1">
              <CostTable
                cut={cut}
                rows={shown}
                total={total}
                chosen={place.row ?? null}
                onChoose={(key) => onPlace({ row: key ?? undefined })}
                onOpen={['project', 'session', 'day'].includes(cut) ? open : undefined}
                sort={pages.hasNextPage ? null : { now: sort, onSort: (key) => onPlace({ sort: nextSort(sort, key) }) }}
                more={{ has: pages.hasNextPage, isLoading: pages.isFetchingNextPage, load }}
                isBeside={hasMap}
              />
              {hasMap && <CostMap cut={cut} rows={rows} total={total?.cost_usd ?? null} hasMore={pages.hasNextPage} onOpen={open} />}
            </div>
          )}
        </div>
      )}
    </>
  )
}

type Total = Pick<CostRow, 'cost_usd' | 'cost_basis'>

function Answer({ total, figures, range, explained }: { total: Total; figures: ReturnType<typeof figuresOf> | null; range: string; explained: ReactNode }) {
  const active = figures?.days.filter((_, at) => figures.parts.some((part) => (part.values[at] ?? 0) > 0)).length ?? 0
  const dearest = figures?.parts[0]
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>
        <ExactUsd amount={total.cost_usd} basis={total.cost_basis} /> {rangeWords(range)}
      </span>
      {explained}
      {active > 1 && !range.endsWith('h') && total.cost_usd !== null && (
        <span className="text-13 text-muted">
          {usdText(total.cost_usd / active, total.cost_basis)} a day, on {counted(active, 'day')} with spending
        </span>
      )}
      {dearest && dearest.cost.cost_usd !== null && (
        <span className="text-13 text-muted">
          {dearest.name} took {shareText(dearest.cost.cost_usd, total.cost_usd)}
        </span>
      )}
    </p>
  )
}

function NoCost({ isNarrowed, onClear }: { isNarrowed: boolean; onClear: () => void }) {
  if (isNarrowed) {
    return (
      <Empty title="Nothing was spent there and then.">
        <button type="button" className="text-accent hover:underline" onClick={onClear}>
          All projects, all of the time
        </button>
      </Empty>
    )
  }
  return (
    <Empty title="No spending is known yet.">
      <p>
        Costs come with the transcripts of Claude Code: as sessions run, or from before with <ShellCommand>argus import</ShellCommand>.
      </p>
    </Empty>
  )
}
