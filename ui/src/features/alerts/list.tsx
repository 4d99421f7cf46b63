// The feed: how bad, which rule, what was about to happen, where, how often, when.
import { useMemo } from 'react'
import { AgentLine } from '@/components/agent-text'
import { useNow } from '@/components/now'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { SeverityMark } from '@/components/severity'
import { STATE_LOOKS } from '@/components/triage'
import { counted, countExact, countText } from '@/lib/count'
import { folderName } from '@/lib/text'
import { agoText, momentExact } from '@/lib/time'
import type { Entry } from './entries'

interface AlertListProps {
  entries: readonly Entry[]
  chosen: string | null
  onChoose: (key: string | null) => void
  more: { has: boolean; isLoading: boolean; load: () => void }
  view: 'groups' | 'each'
  /** The evidence stands beside it: fewer columns. */
  isBeside: boolean
}

const keyOf = (entry: Entry): string => entry.key

export function AlertList({ entries, chosen, onChoose, more, view, isBeside }: AlertListProps) {
  const now = useNow(10_000)
  const columns = useMemo(() => columnsOf(now, view, isBeside), [now, view, isBeside])
  return (
    <RowGrid
      label="Alerts"
      rows={entries}
      keyOf={keyOf}
      columns={columns}
      chosen={chosen}
      onChoose={onChoose}
      stacked={{ height: 72, renderRow: (entry) => <Stacked entry={entry} now={now} /> }}
      more={more}
      arrivals="alert"
      className="flex-1"
      footer={
        <p className="text-12 text-faint" role="status">
          {countExact(entries.length)} {view === 'groups' ? (entries.length === 1 ? 'group' : 'groups') : entries.length === 1 ? 'alert' : 'alerts'}, {more.has ? 'older ones as you scroll' : 'no more'}
        </p>
      }
    />
  )
}

function columnsOf(now: number, view: 'groups' | 'each', isBeside: boolean): Array<GridColumn<Entry>> {
  return [
    { key: 'severity', head: 'severity', width: '76px', cell: (entry) => <SeverityMark severity={entry.severity} /> },
    { key: 'rule', head: 'rule', width: '152px', cell: (entry) => <span className="agent-text truncate" title={entry.alert.rule}>{entry.alert.rule}</span> },
    { key: 'what', head: 'what', width: 'minmax(120px, 3fr)', cell: (entry) => <What entry={entry} /> },
    ...(isBeside ? [] : [{ key: 'session', head: 'session', width: 'minmax(120px, 2fr)', cell: (entry: Entry) => <Where entry={entry} /> }]),
    ...(view === 'groups' ? [{ key: 'count', head: 'alerts', width: '72px', isRight: true, cell: (entry: Entry) => <Count entry={entry} /> }] : []),
    { key: 'state', head: 'state', width: '100px', cell: (entry) => <State entry={entry} /> },
    { key: 'last', head: 'last', width: '84px', isRight: true, cell: (entry) => <span className="text-muted" title={momentExact(entry.lastAt)}>{agoText(entry.lastAt, now)}</span> },
  ]
}

/** The evidence where there is some, else the reason in words. */
function What({ entry }: { entry: Entry }) {
  const { evidence, reason, tool_name: tool } = entry.alert
  if (evidence === null) return <AgentLine text={reason} className="!font-sans !text-13" />
  return (
    <span className="flex min-w-0 gap-1.5" title={reason}>
      {tool !== null && <span className="max-w-28 shrink-0 truncate text-muted">{tool}</span>}
      <AgentLine text={evidence.text} />
    </span>
  )
}

function Where({ entry }: { entry: Entry }) {
  const { session_title: title, session_id: id, project } = entry.alert
  return (
    <span className="flex min-w-0 items-baseline gap-1.5">
      {title === null ? <span className="agent-text truncate text-faint" title="No title is known">{id}</span> : <AgentLine text={title} className="!font-sans !text-13" />}
      {project !== null && (
        <span className="flex max-w-[45%] min-w-0 shrink-0 text-muted">
          <AgentLine text={folderName(project)} whole={project} />
        </span>
      )}
      {entry.scope === 'group' && entry.sessionCount > 1 && <span className="shrink-0 text-12 text-faint" title={`The latest of ${countExact(entry.sessionCount)} sessions`}>+{countText(entry.sessionCount - 1)}</span>}
    </span>
  )
}

/** How many are new, and how many more are past: only of a group that is all past these are the count. */
function Count({ entry }: { entry: Entry }) {
  const fresh = entry.count - entry.pastCount
  return (
    <span className={entry.count === 1 ? 'text-faint' : ''} title={countWords(entry)}>
      {countText(fresh === 0 ? entry.count : fresh)}
      {fresh > 0 && entry.pastCount > 0 && <span className="text-faint"> +{countText(entry.pastCount)}</span>}
    </span>
  )
}

function countWords({ count, openCount, pastCount, sessionCount }: Entry): string {
  const past = pastCount > 0 ? `, ${countExact(pastCount)} past` : ''
  return `${counted(count, 'alert')} in ${counted(sessionCount, 'session')}, ${countExact(openCount)} open${past}`
}

function State({ entry }: { entry: Entry }) {
  const { alert } = entry
  const isMixed = entry.scope === 'group' && entry.openCount > 0 && entry.openCount < entry.count
  const look = STATE_LOOKS[alert.state]
  return (
    <span className={`truncate ${isMixed ? '' : look.tone}`} title={isMixed ? `${entry.openCount} of ${entry.count} are open` : look.meaning}>
      {isMixed ? `${countText(entry.openCount)} open` : alert.state}
      {alert.is_history && <span className="text-muted" title="It was long past when Argus learnt of it: found in a transcript, nobody was told">, past</span>}
    </span>
  )
}

function Stacked({ entry, now }: { entry: Entry; now: number }) {
  return (
    <span className="block min-w-0 py-1">
      <span className="flex items-baseline gap-2">
        <SeverityMark severity={entry.severity} />
        <span className="agent-text truncate">{entry.alert.rule}</span>
        {entry.count > 1 && <span className="text-muted">×{countText(entry.count)}</span>}
        <span className="ml-auto shrink-0 text-12 text-muted">{agoText(entry.lastAt, now)}</span>
      </span>
      <span className="flex min-w-0">
        <What entry={entry} />
      </span>
      <span className="flex min-w-0 gap-2 text-12 text-muted">
        <span className="flex min-w-0 flex-1">
          <Where entry={entry} />
        </span>
        <State entry={entry} />
      </span>
    </span>
  )
}
