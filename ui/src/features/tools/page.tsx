// The tools page: which tool is slow, which fails, which is dear? One line for each, its usual and its slow duration on
// one scale for all.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { toolFigures } from '@/api/figures'
import type { ToolRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { Choice } from '@/components/choice'
import { UsdCell } from '@/components/figure'
import { FilterMark, PageHead } from '@/components/page-head'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { Empty, Failure, SkeletonRows } from '@/components/states'
import { counted, countExact, countText } from '@/lib/count'
import { usdText } from '@/lib/money'
import { DEFAULT_RANGE, rangeBounds, rangeWords } from '@/lib/range'
import { shareText } from '@/lib/share'
import { folderName } from '@/lib/text'
import { durationExact, durationText } from '@/lib/time'
import { tokenSum, tokenWords } from '@/lib/words'
import { errorShare, extremesOf, sortedTools, SORTS, type Extremes, type ToolSort } from './figures'
import { DurationRange } from './duration-range'
import { ToolViews, type ToolsPlace } from './views'

const KINDS = [
  { key: 'all', label: 'all' },
  { key: 'own', label: 'built in' },
  { key: 'mcp', label: 'MCP servers' },
] as const

const keyOf = (tool: ToolRecord): string => tool.tool_name

export function ToolsPage({ place, onPlace }: { place: ToolsPlace; onPlace: (change: ToolsPlace) => void }) {
  const navigate = useNavigate()
  const [openedAt] = useState(() => Date.now())
  const range = place.range ?? DEFAULT_RANGE
  const filter = useMemo(() => ({ project: place.project, ...rangeBounds(range, openedAt) }), [place.project, range, openedAt])
  const answer = useQuery(toolFigures(filter))
  const kind = KINDS.find((each) => each.key === place.kind)?.key ?? 'all'
  const sort: ToolSort = SORTS.find((each) => each === place.sort) ?? 'calls'
  const all = answer.data?.tools
  const tools = useMemo(() => sortedTools((all ?? []).filter((tool) => kind === 'all' || (tool.mcp_server === null) === (kind === 'own')), sort), [all, kind, sort])
  const columns = useMemo(() => columnsOf(all ?? []), [all])

  if (!answer.data) return answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : <SkeletonRows count={12} />
  const isNarrowed = place.project !== undefined || range !== DEFAULT_RANGE
  return (
    <>
      <PageHead title="Tools" answer={<Answer tools={answer.data.tools} range={range} />}>
        <Choice label="Kind of tool" options={KINDS} chosen={kind} onChoose={(key) => onPlace({ kind: key === 'all' ? undefined : key })} />
        {place.project !== undefined && <FilterMark text={folderName(place.project)} onRemove={() => onPlace({ project: undefined })} />}
      </PageHead>
      <ToolViews chosen="tools" onPlace={onPlace} />
      {tools.length === 0 ? (
        <Empty title={kind === 'all' ? 'No tool was called there and then.' : 'No such tool was called.'}>
          {isNarrowed || kind !== 'all' ? (
            <button type="button" className="text-accent hover:underline" onClick={() => onPlace({ project: undefined, range: undefined, kind: undefined })}>
              All tools of all projects, all of the time
            </button>
          ) : (
            <p>Tools show here as soon as an agent calls one.</p>
          )}
        </Empty>
      ) : (
        <RowGrid
          label="Tools"
          rows={tools}
          keyOf={keyOf}
          columns={columns}
          chosen={place.tool ?? null}
          onChoose={(key) => onPlace({ tool: key ?? undefined })}
          onOpen={(tool) => void navigate({ to: '/search', search: { q: `tool:${/^[\w.-]+$/.test(tool.tool_name) ? tool.tool_name : JSON.stringify(tool.tool_name)}` } })}
          stacked={{ height: 52, renderRow: (tool) => <Stacked tool={tool} /> }}
          sort={{ key: sort, direction: sort === 'tool' ? 'ascending' : 'descending', onSort: (key) => onPlace({ sort: key === 'calls' ? undefined : key }) }}
          className="flex-1"
          footer={<p className="text-12 text-faint">{counted(tools.length, 'tool')}; durations without the wait for permission, percentiles within 2 %<span className="max-md:hidden">; Enter searches a tool's calls</span></p>}
        />
      )}
    </>
  )
}

function Answer({ tools, range }: { tools: readonly ToolRecord[]; range: string }) {
  const { slowest, failing, dearest }: Extremes = extremesOf(tools)
  const calls = tools.reduce((sum, tool) => sum + tool.call_count, 0)
  const part = (name: string, figure: string, word: string) => (
    <span className="inline-flex max-w-full min-w-0 items-baseline gap-1.5 text-13">
      <span className="shrink-0 text-muted">{word}</span>
      <AgentLine text={name || 'unknown tool'} className="!font-sans !text-13" />
      <span className="shrink-0 text-muted">{figure}</span>
    </span>
  )
  return (
    <p className="flex min-w-0 flex-wrap items-baseline gap-x-4">
      <span>
        {counted(calls, 'call')} of {counted(tools.length, 'tool')}, {rangeWords(range)}
      </span>
      {slowest && part(slowest.tool_name, `p95 ${durationText(slowest.p95_ms)}`, 'slowest')}
      {failing && part(failing.tool_name, `${shareText(failing.error_count, failing.call_count)} of ${countText(failing.call_count)}`, 'fails most')}
      {dearest && part(dearest.tool_name, usdText(dearest.cost_usd, dearest.cost_basis), 'dearest')}
    </p>
  )
}

function Duration({ ms }: { ms: number | null }) {
  return (
    <span className={ms === null ? 'text-faint' : ''} title={ms === null ? 'duration unknown: no call ended yet, or nobody told when' : durationExact(ms)}>
      {durationText(ms)}
    </span>
  )
}

function Errors({ tool }: { tool: ToolRecord }) {
  const share = errorShare(tool)
  return (
    <span className={tool.error_count > 0 ? 'text-bad' : 'text-faint'} title={`${countExact(tool.error_count)} of ${countExact(tool.call_count)} calls failed`}>
      {tool.error_count > 0 && <span aria-hidden="true">✕ </span>}
      {countText(tool.error_count)}
      {share !== null && share > 0 && <span className="text-muted"> {shareText(tool.error_count, tool.call_count)}</span>}
    </span>
  )
}

function columnsOf(tools: readonly ToolRecord[]): Array<GridColumn<ToolRecord>> {
  const longest = Math.max(10, ...tools.map((tool) => tool.p95_ms ?? 0))
  return [
    {
      key: 'tool',
      head: 'tool',
      width: 'minmax(160px, 2fr)',
      isSortable: true,
      cell: (tool) => (
        <span className="flex min-w-0 items-baseline gap-2">
          <AgentLine text={tool.tool_name || 'unknown tool'} className="!font-sans !text-13" />
          {tool.mcp_server !== null && (
            <span className="flex max-w-[40%] min-w-0 shrink-0 text-12 text-muted" title="MCP server">
              <AgentLine text={tool.mcp_server} />
            </span>
          )}
        </span>
      ),
    },
    { key: 'calls', head: 'calls', width: '64px', isRight: true, isSortable: true, cell: (tool) => <span title={countExact(tool.call_count)}>{countText(tool.call_count)}</span> },
    { key: 'errors', head: 'errors', width: '104px', isRight: true, isSortable: true, title: 'Failed calls, and their share; sorts by the share', cell: (tool) => <Errors tool={tool} /> },
    { key: 'denied', head: 'denied', width: '60px', isRight: true, isSortable: true, title: 'Calls that you, a mode or a rule of Claude Code refused', cell: (tool) => <span className={tool.denied_count === 0 ? 'text-faint' : ''}>{countText(tool.denied_count)}</span> },
    { key: 'p50', head: 'p50', width: '76px', isRight: true, isSortable: true, title: 'Half of the calls took no longer', cell: (tool) => <Duration ms={tool.p50_ms} /> },
    { key: 'p95', head: 'p95', width: '84px', isRight: true, isSortable: true, title: '95 of 100 calls took no longer', cell: (tool) => <Duration ms={tool.p95_ms} /> },
    { key: 'range', head: `p50 to p95, log scale to ${durationText(longest)}`, title: `From 1 ms at the left to ${durationText(longest)} at the right, logarithmic: the same way is the same factor`, width: 'minmax(120px, 2fr)', cell: (tool) => <span className="flex w-full items-center"><DurationRange p50={tool.p50_ms} p95={tool.p95_ms} longestMs={longest} of="calls" /></span> },
    { key: 'tokens', head: 'tokens', width: '72px', isRight: true, title: 'Its share of the model requests that called it', cell: (tool) => <span className="text-muted" title={tokenWords(tool)}>{countText(tokenSum(tool))}</span> },
    { key: 'cost', head: '$', width: '84px', isRight: true, isSortable: true, title: 'Its share of the model requests that called it', cell: (tool) => <UsdCell amount={tool.cost_usd} basis={tool.cost_basis} places={3} /> },
  ]
}

function Stacked({ tool }: { tool: ToolRecord }) {
  return (
    <span className="block min-w-0">
      <span className="flex min-w-0 items-baseline gap-3">
        <span className="flex min-w-0 flex-1">
          <AgentLine text={tool.tool_name || 'unknown tool'} className="!font-sans !text-13" />
        </span>
        <span className="shrink-0">
          $ <UsdCell amount={tool.cost_usd} basis={tool.cost_basis} />
        </span>
      </span>
      <span className="flex gap-3 text-12 text-muted">
        <span>{counted(tool.call_count, 'call')}</span>
        <Errors tool={tool} />
        <span className="ml-auto">
          {tool.p50_ms === null && tool.p95_ms === null ? (
            <Duration ms={null} />
          ) : (
            <>
              <Duration ms={tool.p50_ms} /> to <Duration ms={tool.p95_ms} />
            </>
          )}
        </span>
      </span>
    </span>
  )
}
