// Alerts where they belong: on the step that raised them, with triage at hand, and all of the session's in a list.
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { alertDetails } from '@/api/alerts'
import type { AlertRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { ChainPicture } from '@/components/chain'
import { SeverityMark } from '@/components/severity'
import { Empty } from '@/components/states'
import { STATE_LOOKS, useTriage } from '@/components/triage'
import type { Chain } from '@/lib/chain'
import { countExact } from '@/lib/count'
import { severityRank } from '@/lib/severity'
import { clockWithin, momentExact } from '@/lib/time'
import { eventKey, type SessionPlace } from './place'
import { Rows } from './rows'

const AT_MOST = 8
const ACTION = 'whitespace-nowrap text-accent hover:underline'

/** On the selected step: what was raised, why, and what can be done about it at once. */
export function AlertLines({ alertIds }: { alertIds: readonly string[] }) {
  const answers = useQueries({ queries: alertIds.slice(0, AT_MOST).map((id) => alertDetails(id)) })
  const known = answers.map((answer) => answer.data?.alert).filter((alert) => alert !== undefined)
  return (
    <ul aria-label="Alerts of this step" tabIndex={0} className="max-h-40 shrink-0 overflow-y-auto border-b border-line px-4 pb-1.5">
      {known
        .sort((a, b) => severityRank(a.severity) - severityRank(b.severity))
        .map((alert) => (
          <AlertLine key={alert.alert_id} alert={alert} />
        ))}
      {alertIds.length > AT_MOST && <li className="text-12 text-muted">the first {AT_MOST} of {countExact(alertIds.length)}</li>}
    </ul>
  )
}

function AlertLine({ alert }: { alert: AlertRecord }) {
  const triage = useTriage()
  const subject = { alert, scope: 'alert' as const }
  return (
    <li className="py-0.5">
      <span className="flex flex-wrap items-baseline gap-x-3">
        <SeverityMark severity={alert.severity} />
        <span className="agent-text">{alert.rule}</span>
        {alert.state !== 'open' && <span className={STATE_LOOKS[alert.state].tone}>{alert.state}</span>}
        <span className="ml-auto flex gap-3 text-12">
          <Link to="/alerts" search={{ view: 'each', alert: alert.alert_id, state: 'all', severity: 'info', age: 'both', session: alert.session_id }} className={ACTION}>
            why
          </Link>
          {alert.state === 'open' && (
            <button type="button" className={ACTION} onClick={() => triage.acknowledge(subject)}>
              acknowledge
            </button>
          )}
          {(alert.state === 'open' || alert.state === 'acknowledged') && (
            <button type="button" className={ACTION} onClick={() => triage.resolve(subject)}>
              resolve
            </button>
          )}
        </span>
      </span>
      <span className="flex text-muted">
        <AgentLine text={alert.reason} className="!font-sans !text-13" />
      </span>
    </li>
  )
}

/** The chains that the selected step is part of: what came before it, and what followed. */
export function ChainLinesOfStep({ chains, eventId }: { chains: readonly Chain[]; eventId: string }) {
  return (
    <section aria-label="Chains of this step" tabIndex={0} className="max-h-56 shrink-0 overflow-y-auto border-b border-line px-4 pb-1.5">
      {chains.slice(0, AT_MOST).map((chain) => (
        <div key={chain.alertId} className="py-1">
          {chain.links.at(-1)?.eventId !== eventId && (
            <p className="flex flex-wrap gap-x-3">
              <span>
                part of <span className="agent-text">{chain.rule}</span>
              </span>
              <Link to="/alerts" search={{ view: 'each', alert: chain.alertId, state: 'all', severity: 'info', age: 'both' }} className={`ml-auto text-12 ${ACTION}`}>
                why
              </Link>
            </p>
          )}
          <ChainPicture
            chain={chain}
            hereId={eventId}
            renderLink={(link, words) => (
              <Link
                to="."
                search={(before: SessionPlace) => ({ ...before, step: eventKey(link.eventId) })}
                title="Show that step"
                className="flex min-w-0 text-accent hover:underline"
              >
                {words}
              </Link>
            )}
          />
        </div>
      ))}
      {chains.length > AT_MOST && <p className="text-12 text-muted">the first {AT_MOST} of {countExact(chains.length)}</p>}
    </section>
  )
}

const COLUMNS = 'grid grid-cols-[108px_84px_152px_minmax(0,1fr)_96px] gap-x-3 px-4 max-md:grid-cols-[60px_84px_minmax(0,1fr)]'

interface AlertListProps {
  alerts: readonly AlertRecord[]
  hasMore: boolean
  /** When the session began: an alert of another day has its date. */
  since: string | null
  selectedId: string | null
  onPick: (eventId: string) => void
  /** For an alert about an agent, which belongs to no single step. */
  onPickAgent: (agentId: string) => void
}

/** All alerts of the session, the newest first. */
export function AlertList({ alerts, hasMore, since, selectedId, onPick, onPickAgent }: AlertListProps) {
  if (alerts.length === 0) return <Empty title="No rule found anything." />
  return (
    <>
      <Rows
        label="Alerts"
        count={alerts.length}
        rowHeight={28}
        head={
          <div role="row" aria-rowindex={1} className={`sticky top-0 z-10 ${COLUMNS} h-7 items-center border-b border-line bg-ground text-12 text-muted`}>
            <span role="columnheader">when</span>
            <span role="columnheader">severity</span>
            <span role="columnheader" className="max-md:hidden">rule</span>
            <span role="columnheader">what</span>
            <span role="columnheader" className="max-md:hidden">state</span>
          </div>
        }
        renderRow={(index) => {
          const alert = alerts[index]
          return alert && <AlertRow alert={alert} since={since} isSelected={alert.event_id !== null && alert.event_id === selectedId} onPick={onPick} onPickAgent={onPickAgent} />
        }}
      />
      {hasMore && (
        <p className="px-4 py-1 text-12 text-muted">
          the newest {countExact(alerts.length)};{' '}
          <Link to="/alerts" search={{ view: 'each', session: alerts[0]?.session_id, state: 'all', severity: 'info', age: 'both' }} className="text-accent hover:underline">
            all of them
          </Link>
        </p>
      )}
    </>
  )
}

interface AlertRowProps extends Pick<AlertListProps, 'since' | 'onPick' | 'onPickAgent'> {
  alert: AlertRecord
  isSelected: boolean
}

function AlertRow({ alert, since, isSelected, onPick, onPickAgent }: AlertRowProps) {
  const { event_id: eventId } = alert
  const isOfAgent = eventId === null && alert.agent_id !== 'main' && alert.agent_id !== ''
  const pick = (): void => {
    if (eventId !== null) onPick(eventId)
    else if (isOfAgent) onPickAgent(alert.agent_id)
  }
  return (
    <div className={`${COLUMNS} h-7 items-center border-b border-line ${isSelected ? 'bg-selected' : 'hover:bg-hover'}`} onClick={pick}>
      <span role="cell" className="text-12 text-muted" title={momentExact(alert.raised_at)}>{clockWithin(alert.raised_at, since)}</span>
      <span role="cell">
        <SeverityMark severity={alert.severity} />
      </span>
      <span role="cell" className="agent-text truncate max-md:hidden">{alert.rule}</span>
      <span role="cell" className="min-w-0">
        <button type="button" aria-pressed={isSelected} disabled={eventId === null && !isOfAgent} title={isOfAgent ? 'Show the agent' : eventId === null ? 'It belongs to no single step' : undefined} className="flex w-full min-w-0 text-left">
          <AgentLine text={alert.evidence?.text ?? alert.reason} className={alert.evidence ? '' : '!font-sans !text-13'} />
        </button>
      </span>
      <span role="cell" className={`max-md:hidden ${STATE_LOOKS[alert.state].tone}`}>
        {alert.state}
        {alert.is_history && <span className="text-muted">, past</span>}
      </span>
    </div>
  )
}
