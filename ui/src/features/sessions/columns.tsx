// The columns of the sessions list.
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table'
import type { SessionRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { CountCell, UsdCell } from '@/components/figure'
import { SeverityGlyph, severityTone } from '@/components/severity'
import { StatusMark } from '@/components/status'
import { countExact, countText } from '@/lib/count'
import { driftText, explainedShare } from '@/lib/drift'
import { usdText } from '@/lib/money'
import { agoText, durationExact, durationText, momentExact } from '@/lib/time'
import { modelText, tokenSum, tokenWords } from '@/lib/words'

export const features = tableFeatures({ columnVisibilityFeature })

const column = createColumnHelper<typeof features, SessionRecord>()

/** Widths in CSS grid terms and the side the figures stand on. */
export const LAYOUT: Record<string, { width: string; isRight: boolean }> = {
  status: { width: '84px', isRight: false },
  title: { width: 'minmax(188px, 1fr)', isRight: false },
  project: { width: '108px', isRight: false },
  branch: { width: '96px', isRight: false },
  model: { width: '92px', isRight: false },
  agents: { width: '52px', isRight: true },
  turns: { width: '48px', isRight: true },
  tools: { width: '52px', isRight: true },
  errors: { width: '52px', isRight: true },
  alerts: { width: '56px', isRight: true },
  tokens: { width: '60px', isRight: true },
  cost: { width: '72px', isRight: true },
  explained: { width: '76px', isRight: true },
  started: { width: '72px', isRight: true },
  duration: { width: '64px', isRight: true },
}

function Unknown({ reason }: { reason: string }) {
  return (
    <span className="text-faint" title={reason}>
      –
    </span>
  )
}

/** The title, and what the session waits for. */
export function TitleText({ session }: { session: SessionRecord }) {
  const waits = session.status === 'waiting' ? session.waiting_for : null
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      {session.title === null ? (
        <span className="truncate text-faint" title="No prompt and no title is known yet">
          {session.session_id}
        </span>
      ) : (
        <AgentLine text={session.title} className="!font-sans !text-13" />
      )}
      {waits && (
        <span className="flex min-w-0 max-w-[65%] shrink-0 gap-1 text-wait">
          <span className="shrink-0">{waits.kind}:</span>
          <AgentLine text={waits.text} />
        </span>
      )}
    </span>
  )
}

/** Open alerts, with the shape of the worst; where none is open, those that were. */
export function AlertsCell({ session }: { session: SessionRecord }) {
  const { alert_count: all, open_alert_count: count, worst_severity: worst } = session
  if (count === 0 || !worst) {
    if (all === 0) return <CountCell count={0} unit="alerts" />
    return (
      <span className="text-faint" title={`${countExact(all)} ${all === 1 ? 'alert' : 'alerts'}, none of them open and new`}>
        {countText(all)}
      </span>
    )
  }
  return (
    <span className={`inline-flex items-center justify-end gap-1 ${severityTone(worst)}`} title={`${countExact(count)} open ${count === 1 ? 'alert' : 'alerts'}, the worst ${worst}`}>
      <SeverityGlyph severity={worst} />
      {countText(count)}
    </span>
  )
}

/** How much of what Claude Code reported of it is explained. */
function ExplainedCell({ session }: { session: SessionRecord }) {
  if (session.explained_millionths === null) return <Unknown reason="Claude Code reported nothing of it: it still runs, was killed, or is of an older version" />
  const says = `reported ${usdText(session.reported_usd, 'reported')}, hidden ${driftText(session.hidden_usd)}, unexplained ${driftText(session.unexplained_usd)}`
  return (
    <span className={session.explained_millionths === 1_000_000 ? 'text-faint' : 'text-muted'} title={says}>
      {explainedShare(session.explained_millionths)}
    </span>
  )
}

/** All columns; `now` makes "3 min ago". */
export function sessionColumns(now: number) {
  return column.columns([
    column.accessor('status', { id: 'status', header: 'status', enableHiding: false, cell: ({ getValue }) => <StatusMark status={getValue()} /> }),
    column.display({ id: 'title', header: 'title', enableHiding: false, cell: ({ row }) => <TitleText session={row.original} /> }),
    column.display({
      id: 'project',
      header: 'project',
      cell: ({ row }) => {
        const { project, project_name: name } = row.original
        return name === null ? <Unknown reason="No working directory is known" /> : <span title={project ?? ''}><AgentLine text={name} /></span>
      },
    }),
    column.accessor('git_branch', {
      id: 'branch',
      header: 'branch',
      cell: ({ getValue }) => {
        const branch = getValue()
        return branch ? <AgentLine text={branch} className="text-muted" /> : <Unknown reason="No branch is known: no git repository, or no transcript yet" />
      },
    }),
    column.accessor('model', {
      id: 'model',
      header: 'model',
      cell: ({ getValue }) => {
        const model = getValue()
        return model === null ? (
          <Unknown reason="No model has answered yet" />
        ) : (
          <span className="truncate text-muted" title={model}>
            {modelText(model)}
          </span>
        )
      },
    }),
    column.accessor('agent_count', { id: 'agents', header: 'agents', cell: ({ getValue }) => <CountCell count={getValue()} unit="subagents" /> }),
    column.accessor('turn_count', { id: 'turns', header: 'turns', cell: ({ getValue }) => <CountCell count={getValue()} unit="turns" /> }),
    column.accessor('tool_call_count', { id: 'tools', header: 'tools', cell: ({ getValue }) => <CountCell count={getValue()} unit="tool calls" /> }),
    column.accessor('error_count', {
      id: 'errors',
      header: 'errors',
      cell: ({ getValue }) => (
        <span className={getValue() > 0 ? 'text-bad' : ''}>
          {getValue() > 0 && <span aria-hidden="true">✕ </span>}
          <CountCell count={getValue()} unit="errors" />
        </span>
      ),
    }),
    column.display({
      id: 'alerts',
      header: 'alerts',
      cell: ({ row }) => <AlertsCell session={row.original} />,
    }),
    column.display({
      id: 'tokens',
      header: 'tokens',
      cell: ({ row }) => {
        const sum = tokenSum(row.original)
        return (
          <span title={tokenWords(row.original)} className={sum === null || sum === 0 ? 'text-faint' : ''}>
            {countText(sum)}
          </span>
        )
      },
    }),
    column.display({
      id: 'cost',
      header: '$',
      cell: ({ row }) => <UsdCell amount={row.original.cost_usd} basis={row.original.cost_basis} />,
    }),
    column.display({
      id: 'explained',
      header: 'explained',
      cell: ({ row }) => <ExplainedCell session={row.original} />,
    }),
    column.accessor('started_at', {
      id: 'started',
      header: 'started',
      cell: ({ getValue }) => <span title={momentExact(getValue())}>{agoText(getValue(), now)}</span>,
    }),
    column.accessor('duration_ms', {
      id: 'duration',
      header: 'duration',
      cell: ({ getValue }) => (
        <span className="text-muted" title={`from start to end or last sign of life: ${durationExact(getValue())}`}>
          {durationText(getValue())}
        </span>
      ),
    }),
  ])
}
