// How long do models take? From the request to the first token and to the whole answer, as Claude Code's telemetry tells;
// where that told nothing, nothing is known, and the page says so.
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { latencyFigures } from '@/api/figures'
import type { LatencyList, ModelLatency } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { Exact } from '@/components/figure'
import { FilterMark, PageHead } from '@/components/page-head'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { counted, countExact, countText } from '@/lib/count'
import { DEFAULT_RANGE, rangeBounds, rangeWords } from '@/lib/range'
import { shareText } from '@/lib/share'
import { folderName } from '@/lib/text'
import { durationExact, durationText } from '@/lib/time'
import { modelText } from '@/lib/words'
import { DurationRange } from './duration-range'
import { ToolViews, type ToolsPlace } from './views'

const keyOf = (row: ModelLatency): string => row.model

export function ModelsView({ place, onPlace }: { place: ToolsPlace; onPlace: (change: ToolsPlace) => void }) {
  const [openedAt] = useState(() => Date.now())
  const range = place.range ?? DEFAULT_RANGE
  const filter = useMemo(() => ({ project: place.project, ...rangeBounds(range, openedAt) }), [place.project, range, openedAt])
  const { data, error, refetch } = useQuery(latencyFigures(filter))
  const columns = useMemo(() => columnsOf(data?.models ?? []), [data])
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <SkeletonRows count={12} />
  return (
    <>
      <PageHead title="Tools" answer={<Answer list={data} range={range} />}>
        {place.project !== undefined && <FilterMark text={folderName(place.project)} onRemove={() => onPlace({ project: undefined })} />}
        {range !== DEFAULT_RANGE && <FilterMark text={rangeWords(range)} onRemove={() => onPlace({ range: undefined })} />}
      </PageHead>
      <ToolViews chosen="models" onPlace={onPlace} />
      {data.told_count === 0 && data.models.length > 0 && (
        <p role="status" className="shrink-0 border-b border-line px-4 py-2 text-muted">
          How long models take is told by Claude Code’s telemetry alone, and it told of none of these requests. <ShellCommand>argus install --otel</ShellCommand> switches it on.
        </p>
      )}
      {data.models.length === 0 ? (
        <Empty title="No model was asked there and then." />
      ) : (
        <RowGrid
          label="Models"
          rows={data.models}
          keyOf={keyOf}
          columns={columns}
          chosen={place.tool ?? null}
          onChoose={(key) => onPlace({ tool: key ?? undefined })}
          stacked={{ height: 72, renderRow: (row) => <Stacked row={row} /> }}
          className="flex-1"
          footer={
            <p className="text-12 text-muted" role="status">
              telemetry told of {countExact(data.told_count)} of {counted(data.request_count, 'request')}
              {data.left_out_session_count > 0 && <span className="text-wait">; {counted(data.left_out_session_count, 'older session')} not looked at (<ShellCommand>argus cost --latency</ShellCommand> looks at all)</span>}
              {data.told_count > 0 && <span className="text-faint">; percentiles within 2 %</span>}
            </p>
          }
        />
      )}
    </>
  )
}

function Answer({ list, range }: { list: LatencyList; range: string }) {
  const first = list.models.filter((each) => each.first_token_p50_ms !== null).reduce<ModelLatency | null>((most, each) => (most === null || each.told_count > most.told_count ? each : most), null)
  return (
    <p className="flex min-w-0 flex-wrap items-baseline gap-x-4">
      <span>
        {counted(list.request_count, 'request')} of {counted(list.models.length, 'model')}, {rangeWords(range)}
      </span>
      {first && (
        <span className="text-13 text-muted">
          {modelText(first.model)} begins to answer after {durationText(first.first_token_p50_ms)}, half of the time
        </span>
      )}
      <Failed list={list} />
    </p>
  )
}

function Failed({ list: { failure_count: failed, told_count: told, given_up_count: givenUp, given_up_ms: vain } }: { list: LatencyList }) {
  if (failed === null) return null
  return (
    <span className={`text-13 ${failed > 0 ? 'text-bad' : 'text-muted'}`}>
      {failed === 0 ? (
        'none failed'
      ) : (
        <Exact text={`✕ ${countText(failed)} failed or were refused, ${shareText(failed, failed + told)}`} exact={`${countExact(failed)} requests that failed for good or were refused, beside ${countExact(told)} that telemetry told of`} />
      )}
      {givenUp !== null && givenUp > 0 && (
        <span className="text-muted">
          ; tried again in vain {givenUp === 1 ? 'once' : `${countText(givenUp)} times`}, for {durationText(vain)}
        </span>
      )}
    </span>
  )
}

function Duration({ ms, says }: { ms: number | null; says: string }) {
  return (
    <span className={ms === null ? 'text-faint' : ''} title={ms === null ? `${says} unknown: telemetry did not tell it` : `${says}: ${durationExact(ms)}`}>
      {durationText(ms)}
    </span>
  )
}

function columnsOf(models: readonly ModelLatency[]): Array<GridColumn<ModelLatency>> {
  const longest = Math.max(10, ...models.map((each) => each.p95_ms ?? 0))
  const time = (key: 'first_token_p50_ms' | 'first_token_p95_ms' | 'p50_ms' | 'p95_ms', head: string, says: string): GridColumn<ModelLatency> => ({
    key,
    head,
    title: says,
    width: '84px',
    isRight: true,
    cell: (row) => <Duration ms={row[key]} says={says} />,
  })
  const scale = (key: string, head: string, row: (row: ModelLatency) => [number | null, number | null, string, string]): GridColumn<ModelLatency> => ({
    key,
    head,
    title: `From 1 ms at the left to ${durationText(longest)} at the right, logarithmic: the same way is the same factor`,
    width: 'minmax(80px, 2fr)',
    cell: (each) => {
      const [p50, p95, of, tone] = row(each)
      return (
        <span className="flex w-full items-center">
          <DurationRange p50={p50} p95={p95} longestMs={longest} of={of} tone={tone} />
        </span>
      )
    },
  })
  return [
    { key: 'model', head: 'model', width: 'minmax(140px, 2fr)', cell: (row) => <AgentLine text={modelText(row.model) || 'unknown model'} whole={row.model} className="!font-sans !text-13" /> },
    { key: 'requests', head: 'requests', width: '76px', isRight: true, cell: (row) => <span title={countExact(row.request_count)}>{countText(row.request_count)}</span> },
    { key: 'told', head: 'told', title: 'Of how many telemetry told: the durations are theirs', width: '64px', isRight: true, cell: (row) => <span className="text-muted" title={`${countExact(row.told_count)} of ${countExact(row.request_count)}`}>{shareText(row.told_count, row.request_count)}</span> },
    time('first_token_p50_ms', 'first p50', 'Half of the answers began no later'),
    time('first_token_p95_ms', 'first p95', '95 of 100 answers began no later'),
    scale('first', 'first token, log scale', (row) => [row.first_token_p50_ms, row.first_token_p95_ms, 'answers begin', 'text-model']),
    time('p50_ms', 'whole p50', 'Half of the answers were whole no later'),
    time('p95_ms', 'whole p95', '95 of 100 answers were whole no later'),
    scale('whole', `whole answer, to ${durationText(longest)}`, (row) => [row.p50_ms, row.p95_ms, 'answers are whole', 'text-model']),
  ]
}

function Stacked({ row }: { row: ModelLatency }) {
  return (
    <span className="block min-w-0">
      <span className="flex min-w-0 items-baseline gap-3">
        <AgentLine text={modelText(row.model) || 'unknown model'} whole={row.model} className="!font-sans !text-13" />
        <span className="ml-auto shrink-0 text-muted">
          {counted(row.request_count, 'request')}, {shareText(row.told_count, row.request_count)} told
        </span>
      </span>
      <span className="block text-12 text-muted">
        first token <Duration ms={row.first_token_p50_ms} says="Half of the answers began no later" /> to <Duration ms={row.first_token_p95_ms} says="95 of 100 answers began no later" />
      </span>
      <span className="block text-12 text-muted">
        whole answer <Duration ms={row.p50_ms} says="Half of the answers were whole no later" /> to <Duration ms={row.p95_ms} says="95 of 100 answers were whole no later" />
      </span>
    </span>
  )
}
