// The hits: which step of which session, and the words in their surroundings.
import { useMemo } from 'react'
import type { SearchHit } from '@/api/types'
import { AgentLine, MarkedLine } from '@/components/agent-text'
import { UsdCell } from '@/components/figure'
import { useNow } from '@/components/now'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { folderName } from '@/lib/text'
import { agoText, momentExact } from '@/lib/time'

interface HitListProps {
  hits: readonly SearchHit[]
  chosen: string | null
  onChoose: (hit: SearchHit | null) => void
  onOpen: (hit: SearchHit) => void
  more: { has: boolean; isLoading: boolean; load: () => void }
}

/** One hit an event; a session's own text (its title) has none. */
export function keyOf(hit: SearchHit): string {
  return hit.event_id ?? `${hit.session_id}~`
}

export function HitList({ hits, chosen, onChoose, onOpen, more }: HitListProps) {
  const now = useNow(30_000)
  const columns = useMemo(() => columnsOf(now), [now])
  return (
    <RowGrid
      label="Hits"
      rows={hits}
      keyOf={keyOf}
      columns={columns}
      rowHeight={52}
      chosen={chosen}
      onChoose={(_, hit) => onChoose(hit)}
      onOpen={onOpen}
      stacked={{ height: 76, renderRow: (hit) => <HitRow hit={hit} now={now} lines={2} /> }}
      more={more}
      className="flex-1"
    />
  )
}

function columnsOf(now: number): Array<GridColumn<SearchHit>> {
  return [{ key: 'hit', head: 'newest first', width: 'minmax(0, 1fr)', cell: (hit) => <HitRow hit={hit} now={now} lines={1} /> }]
}

function HitRow({ hit, now, lines }: { hit: SearchHit; now: number; lines: 1 | 2 }) {
  const name = hit.tool_name ?? hit.kind?.replaceAll('_', ' ') ?? 'session'
  return (
    <span className="block w-full min-w-0">
      <span className="flex min-w-0 items-baseline gap-3">
        {hit.is_error && (
          <span className="shrink-0 text-bad" title="it failed">
            <span aria-hidden="true">✕</span>
            <span className="sr-only">error</span>
          </span>
        )}
        <span className="flex max-w-[30%] min-w-0 shrink-0 font-semibold">
          <AgentLine text={name} className="!font-sans !text-13" />
        </span>
        <span className="flex min-w-0">
          {hit.session_title === null ? <span className="agent-text truncate text-faint">{hit.session_id}</span> : <AgentLine text={hit.session_title} className="!font-sans !text-13" />}
        </span>
        {hit.project !== null && (
          <span className="flex max-w-[25%] min-w-0 shrink-0 text-muted max-md:hidden">
            <AgentLine text={folderName(hit.project)} whole={hit.project} />
          </span>
        )}
        {hit.agent_id !== null && hit.agent_id !== 'main' && (
          <span className="shrink-0 text-12 text-muted max-md:hidden" title={hit.agent_id}>
            in agent
          </span>
        )}
        <span className="ml-auto w-14 shrink-0 text-right text-muted max-md:hidden">{hit.cost_usd !== null && <>$ <UsdCell amount={hit.cost_usd} basis={hit.cost_basis} places={3} /></>}</span>
        <span className="w-20 shrink-0 text-right text-muted max-md:ml-auto" title={momentExact(hit.started_at)}>
          {agoText(hit.started_at, now)}
        </span>
      </span>
      <MarkedLine text={hit.snippet.text} marks={hit.snippet.ranges.map(([from = 0, to = 0]) => [from, to] as const)} className={lines === 1 ? 'block truncate text-muted' : 'line-clamp-2 text-muted whitespace-normal break-words'} />
    </span>
  )
}
