// Which habit costs? What tool results cost for as long as they stay in the context, by tool and one by one. Contexts take
// a while to look at, so the dearest sessions come first, and the page says how much of the money they are.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { carryFigures } from '@/api/figures'
import type { CarriedTool, CarryPage, DearResult } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { ExactUsd, UsdCell } from '@/components/figure'
import { useKeys } from '@/components/keys'
import { FilterMark, PageHead, Section } from '@/components/page-head'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { ShareBar } from '@/components/share-bar'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { counted, countExact, countText } from '@/lib/count'
import { usdText, type CostBasis } from '@/lib/money'
import { DEFAULT_RANGE, rangeBounds, rangeWords } from '@/lib/range'
import { shareOf, shareText } from '@/lib/share'
import { folderName } from '@/lib/text'
import type { CostPlace } from './place'
import { CostViews } from './views'

interface CarryViewProps {
  place: CostPlace
  onPlace: (change: CostPlace) => void
}

const SHOWN_TOOLS = 8
const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 last:pr-0'
const keyOf = (row: DearResult): string => row.event_id

export function CarryView({ place, onPlace }: CarryViewProps) {
  const [openedAt] = useState(() => Date.now())
  const range = place.range ?? DEFAULT_RANGE
  const filter = useMemo(() => ({ project: place.project, ...rangeBounds(range, openedAt) }), [place.project, range, openedAt])
  const { data, error, refetch } = useQuery(carryFigures(filter))
  if (!data && error) return <Failure error={error} onRetry={() => void refetch()} />
  return (
    <>
      <PageHead title="Cost" answer={data && <Answer page={data} range={range} />}>
        {place.project !== undefined && <FilterMark text={folderName(place.project)} onRemove={() => onPlace({ project: undefined })} />}
        {range !== DEFAULT_RANGE && <FilterMark text={rangeWords(range)} onRemove={() => onPlace({ range: undefined })} />}
      </PageHead>
      <CostViews chosen="carry" onPlace={onPlace} />
      {!data ? (
        <SkeletonRows count={8} />
      ) : data.session_count === 0 ? (
        <Empty title="No session spent anything there and then.">
          <p>
            Sessions come as they run, or from before with <ShellCommand>argus import</ShellCommand>.
          </p>
        </Empty>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
          <Coverage page={data} />
          <Tools page={data} isTable={place.shown === 'table'} onToggle={() => onPlace({ shown: place.shown === 'table' ? undefined : 'table' })} />
          <Results page={data} chosen={place.row ?? null} onChoose={(key) => onPlace({ row: key ?? undefined })} />
        </div>
      )}
    </>
  )
}

function Answer({ page, range }: { page: CarryPage; range: string }) {
  const dearest = page.tools[0]
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>
        <ExactUsd amount={page.results_usd} basis={page.cost_basis} /> to carry tool results, {rangeWords(range)}
      </span>
      <span className="text-13 text-muted">
        {shareText(page.results_usd, page.input_usd)} of the {usdText(page.input_usd, page.cost_basis)} that prompts cost
      </span>
      {dearest && dearest.cost_usd > 0 && (
        <span className="inline-flex max-w-full min-w-0 items-baseline gap-1.5 text-13 text-muted">
          <AgentLine text={dearest.tool_name || 'unknown tool'} className="!font-sans !text-13" />
          <span className="shrink-0">took {shareText(dearest.cost_usd, page.results_usd)}</span>
        </span>
      )}
    </p>
  )
}

/** Never silently of a part. */
function Coverage({ page }: { page: CarryPage }) {
  const isWhole = page.looked_at_count === page.session_count
  return (
    <p role="status" className="shrink-0 px-4 pt-2 text-muted">
      {isWhole ? (
        `${page.session_count === 1 ? 'The one session' : `All ${countExact(page.session_count)} sessions`} of that time, each looked at whole.`
      ) : (
        <>
          <span className="text-wait">
            The dearest {countExact(page.looked_at_count)} of {counted(page.session_count, 'session')} of that time
          </span>
          , each looked at whole: {usdText(page.covered_usd, page.total.cost_basis)} of {usdText(page.total.cost_usd, page.total.cost_basis)} spent ({shareText(page.covered_millionths, 1_000_000)}). <ShellCommand>argus cost --carry</ShellCommand> looks for longer.
        </>
      )}
      {page.unknown_requests > 0 && ` ${counted(page.unknown_requests, 'request')} without a known price, in none of the sums.`}
    </p>
  )
}

function Tools({ page, isTable, onToggle }: { page: CarryPage; isTable: boolean; onToggle: () => void }) {
  useKeys([{ keys: ['t'], label: 'The bars, or their table', group: 'Carry', run: onToggle }])
  if (page.tools.length === 0) return null
  return (
    <Section
      title="By tool"
      note={isTable ? 'written into the context once, paid again by each later request' : 'what its results cost, first and later'}
      aside={
        <button type="button" aria-pressed={isTable} className="text-accent hover:underline" onClick={onToggle}>
          {isTable ? 'show bars' : 'show table'}
        </button>
      }
      className="shrink-0 px-4 pt-3"
    >
      {isTable ? <ToolTable page={page} /> : <ToolBars page={page} />}
    </Section>
  )
}

const PARTS = [
  { key: 'entry_usd', name: 'paid when it came', tone: 'bg-part-2' },
  { key: 'carried_usd', name: 'paid by later requests', tone: 'bg-part-1' },
] as const

/** One bar a tool, all on the scale of the dearest. */
function ToolBars({ page }: { page: CarryPage }) {
  const most = page.tools[0]?.cost_usd ?? 0
  const shown = page.tools.filter((tool) => tool.cost_usd > 0).slice(0, SHOWN_TOOLS)
  const rest = page.tools.filter((tool) => tool.cost_usd > 0).slice(SHOWN_TOOLS)
  const restUsd = rest.reduce((sum, tool) => sum + tool.cost_usd, 0)
  return (
    <>
      <ul aria-label="What the results of each tool cost" className="py-1.5">
        {shown.map((tool) => (
          <li key={tool.tool_name} className="grid h-7 grid-cols-[minmax(88px,1fr)_minmax(40px,4fr)_52px_72px] max-md:grid-cols-[minmax(88px,1fr)_minmax(40px,1fr)_52px_64px] items-center gap-x-3" title={toolWords(tool, page.cost_basis)}>
            <AgentLine text={tool.tool_name || 'unknown tool'} className="!font-sans !text-13" />
            <span aria-hidden="true" className="flex h-3 gap-px">
              {PARTS.map(({ key, tone }) => (
                <span key={key} className={`rounded-sm ${tone}`} style={{ width: `${(shareOf(tool[key], most) ?? 0) * 100}%` }} />
              ))}
            </span>
            <span className="text-right text-muted">{shareText(tool.cost_usd, page.results_usd)}</span>
            <span className="text-right">{usdText(tool.cost_usd, page.cost_basis)}</span>
          </li>
        ))}
      </ul>
      <ul aria-label="What the colours mean" className="flex flex-wrap gap-x-4 text-12 text-muted">
        {PARTS.map(({ key, name, tone }) => (
          <li key={key} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={`h-2.5 w-2.5 rounded-sm ${tone}`} />
            {name}
          </li>
        ))}
        {rest.length > 0 && (
          <li>
            {counted(rest.length, 'other tool')}: {usdText(restUsd, page.cost_basis)}, in the table
          </li>
        )}
      </ul>
    </>
  )
}

function toolWords(tool: CarriedTool, basis: CostBasis | null): string {
  return `${counted(tool.result_count, 'result')}: ${usdText(tool.entry_usd, basis)} when they came, ${usdText(tool.carried_usd, basis)} by later requests`
}

function ToolTable({ page }: { page: CarryPage }) {
  const cell = (amount: number) => <UsdCell amount={amount} basis={page.cost_basis} places={3} />
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="What the results of each tool cost">
      <table className="w-full">
        <thead className="text-12 text-muted">
          <tr>
            {['tool', 'results', 'tokens', 'first $', 'later $', 'sum $', 'share'].map((head, at) => (
              <th key={head} scope="col" className={`${CELL} font-normal ${at === 0 ? '!text-left' : ''}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.tools.map((tool) => (
            <tr key={tool.tool_name} className="border-t border-line">
              <th scope="row" className={`${CELL} !text-left font-normal`}>{tool.tool_name === '' ? 'unknown tool' : <AgentLine text={tool.tool_name} />}</th>
              <td className={CELL}>
                {countExact(tool.result_count)}
                {tool.unknown_count > 0 && (
                  <span className="text-faint" title={`of ${countExact(tool.unknown_count)} the tokens are not known`}> ({countExact(tool.unknown_count)} unknown)</span>
                )}
              </td>
              <td className={CELL}>{countText(tool.tokens)}</td>
              <td className={CELL}>{cell(tool.entry_usd)}</td>
              <td className={CELL}>{cell(tool.carried_usd)}</td>
              <td className={CELL}>{cell(tool.cost_usd)}</td>
              <td className={CELL}>{shareText(tool.cost_usd, page.results_usd)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="border-t border-line text-muted">
            <th scope="row" className={`${CELL} !text-left font-normal`}>the rest of the prompts</th>
            <td className={CELL} colSpan={5} title="instructions, prompts, the model’s own words, and results whose tokens cannot be told">{cell(page.rest_usd)}</td>
            <td className={CELL}>–</td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

function Results({ page, chosen, onChoose }: { page: CarryPage; chosen: string | null; onChoose: (key: string | null) => void }) {
  const navigate = useNavigate()
  const open = useCallback(
    (row: DearResult): void => {
      const step = row.event_id.slice(row.session_id.length + 1)
      void navigate({ to: '/sessions/$sessionId', params: { sessionId: row.session_id }, search: { step, view: 'context' } })
    },
    [navigate],
  )
  const most = page.results[0]?.cost_usd ?? null
  const columns = useMemo(() => columnsOf(most, page.results_usd), [most, page.results_usd])
  if (page.results.length === 0) return null
  return (
    <div className="flex min-h-[320px] flex-1 flex-col pt-3">
      <h2 className="shrink-0 border-b border-line px-4 pb-1">The dearest results</h2>
      <RowGrid
        label="The dearest tool results"
        rows={page.results}
        keyOf={keyOf}
        columns={columns}
        chosen={chosen}
        onChoose={onChoose}
        onOpen={open}
        stacked={{ height: 52, renderRow: (row) => <Stacked row={row} /> }}
        className="min-h-0 flex-1"
        footer={<p className="text-12 text-muted">{counted(page.results.length, 'result')}, the dearest first<span className="max-md:hidden">; Enter shows it in its session</span></p>}
      />
    </div>
  )
}

function columnsOf(most: number | null, whole: number): Array<GridColumn<DearResult>> {
  return [
    { key: 'tool', head: 'tool', width: 'minmax(72px, 140px)', cell: (row) => <AgentLine text={row.tool_name ?? 'unknown tool'} className="!font-sans !text-13" /> },
    { key: 'result', head: 'result', width: 'minmax(120px, 3fr)', cell: (row) => <AgentLine text={row.label ?? ''} className="text-muted" /> },
    { key: 'session', head: 'session', width: 'minmax(100px, 2fr)', cell: (row) => <AgentLine text={row.session_title ?? row.session_id} className="!font-sans !text-13" /> },
    { key: 'bar', head: 'to scale', title: 'Against the dearest result', width: 'minmax(48px, 1fr)', cell: (row) => <span className="flex w-full items-center"><ShareBar share={shareOf(row.cost_usd, most)} /></span> },
    { key: 'share', head: 'share', title: 'Of what all results cost', width: '56px', isRight: true, cell: (row) => <span className="text-muted">{shareText(row.cost_usd, whole)}</span> },
    { key: 'tokens', head: 'tokens', width: '64px', isRight: true, cell: (row) => <span title={`${countExact(row.tokens)} tokens`}>{countText(row.tokens)}</span> },
    { key: 'later', head: 'later', title: 'Later requests that carried it', width: '56px', isRight: true, cell: (row) => <span className="text-muted">{countText(row.later_requests + row.missing_requests)}</span> },
    { key: 'cost', head: '$', width: '80px', isRight: true, cell: (row) => <UsdCell amount={row.cost_usd} basis={row.cost_basis} places={3} /> },
  ]
}

function Stacked({ row }: { row: DearResult }) {
  return (
    <span className="block min-w-0">
      <span className="flex min-w-0 items-baseline gap-3">
        <span className="shrink-0">{row.tool_name ?? 'unknown tool'}</span>
        <AgentLine text={row.label ?? ''} className="min-w-0 flex-1 text-muted" />
        <span className="shrink-0">
          $ <UsdCell amount={row.cost_usd} basis={row.cost_basis} />
        </span>
      </span>
      <span className="flex min-w-0 gap-3 text-12 text-muted">
        <AgentLine text={row.session_title ?? row.session_id} className="!font-sans !text-12" />
        <span className="ml-auto shrink-0">
          {countText(row.tokens)} tokens, {counted(row.later_requests + row.missing_requests, 'later request')}
        </span>
      </span>
    </span>
  )
}
