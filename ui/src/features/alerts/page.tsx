// The alerts page: is something dangerous going on? The feed on the left, the evidence on the right, and triage by
// single keys. What is dealt with leaves the list, and the next one is chosen.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { alertDetails, alertGroupPages, alertPages, mutes, openAlerts, pastAlerts } from '@/api/alerts'
import type { AlertRecord, OpenAlerts } from '@/api/types'
import { Choice } from '@/components/choice'
import { useKeys } from '@/components/keys'
import { FilterMark, PageHead } from '@/components/page-head'
import { SeverityCounts } from '@/components/severity'
import { Split } from '@/components/split'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { useTriage } from '@/components/triage'
import { countText } from '@/lib/count'
import { countAtLeast, severityWords } from '@/lib/severity'
import { folderName } from '@/lib/text'
import { entryOfAlert, entryOfGroup, neighbourOf, subjectOf, type Entry } from './entries'
import { Evidence } from './evidence'
import { ageOf, AGES, DEFAULT_AGE, DEFAULT_SEVERITY, DEFAULT_STATE, filterOf, isNarrowed, severityOf, STATES, stateOf, viewOf, type AlertsPlace } from './filter'
import { AlertList } from './list'
import { NotifyMe } from './notify'
import { About, rulesText } from './about'
import { Past } from './past'
import { Quiet } from './quiet'

interface AlertsPageProps {
  place: AlertsPlace
  onPlace: (change: AlertsPlace) => void
}

export function AlertsPage({ place, onPlace }: AlertsPageProps) {
  return place.view === 'muted' ? <Quiet onClose={() => onPlace({ view: undefined })} /> : <Feed place={place} onPlace={onPlace} />
}

function Feed({ place, onPlace }: AlertsPageProps) {
  const [openedAt] = useState(() => Date.now())
  const view = viewOf(place)
  const filter = useMemo(() => filterOf(place, openedAt), [place, openedAt])
  const groups = useInfiniteQuery({ ...alertGroupPages(filter), enabled: view === 'groups' })
  const alerts = useInfiniteQuery({ ...alertPages(filter), enabled: view === 'each' })
  const open = useQuery(openAlerts())
  const past = useQuery(pastAlerts()).data
  const quiet = useQuery(mutes()).data?.mutes.length ?? 0
  const answer = view === 'groups' ? groups : alerts

  const entries = useMemo<Entry[]>(
    () => (view === 'groups' ? (groups.data?.pages.flatMap((page) => page.groups.map(entryOfGroup)) ?? []) : (alerts.data?.pages.flatMap((page) => page.alerts.map(entryOfAlert)) ?? [])),
    [view, groups.data, alerts.data],
  )
  const listed = place.alert === undefined ? undefined : entries.find((each) => each.key === place.alert)
  const chosen = useLinked(place.alert, listed, view === 'each')
  const onChoose = useCallback((key: string | null) => onPlace({ alert: key ?? undefined }), [onPlace])
  const goOn = (): void => {
    // What leaves the list takes the choice to the next; where it stays, the choice stays.
    if (chosen && stateOf(place) !== 'all') onPlace({ alert: neighbourOf(entries, chosen.key) ?? undefined })
  }
  useTriageKeys(chosen, goOn, { view, onPlace })
  const { fetchNextPage } = answer
  const load = useCallback(() => void fetchNextPage(), [fetchNextPage])

  return (
    <>
      <PageHead title="Alerts" answer={open.data && <Answer open={open.data} />}>
        <About place={place} onPlace={onPlace} />
        <Choice label="Age" options={AGES.map((key) => ({ key, ...AGE_WORDS[key] }))} chosen={ageOf(place)} onChoose={(key) => onPlace({ age: key === DEFAULT_AGE ? undefined : key, alert: undefined })} />
        <Choice label="State" options={STATES.map((key) => ({ key, label: key }))} chosen={stateOf(place)} onChoose={(key) => onPlace({ state: key === DEFAULT_STATE ? undefined : key })} />
        <Choice
          label="Severity"
          options={[
            { key: 'critical', label: 'critical' },
            { key: 'high', label: 'high +' },
            { key: 'medium', label: 'medium +' },
            { key: 'info', label: 'any' },
          ]}
          chosen={severityOf(place)}
          onChoose={(key) => onPlace({ severity: key === DEFAULT_SEVERITY ? undefined : key })}
        />
        <Choice
          label="Rows"
          options={[
            { key: 'groups', label: 'grouped', title: 'A row for whatever happened again and again, in all sessions' },
            { key: 'each', label: 'each', title: 'A row for each alert' },
          ]}
          chosen={view}
          onChoose={(key) => onPlace({ view: key === 'groups' ? undefined : key, alert: undefined })}
        />
        {place.rule !== undefined && <FilterMark text={rulesText(place.rule)} onRemove={() => onPlace({ rule: undefined })} />}
        {place.family !== undefined && <FilterMark text={`${place.family}.*`} onRemove={() => onPlace({ family: undefined })} />}
        {place.same !== undefined && <FilterMark text="the same again" onRemove={() => onPlace({ same: undefined })} />}
        {place.session !== undefined && <FilterMark text={listed?.alert.session_title ?? `session ${place.session}`} onRemove={() => onPlace({ session: undefined })} />}
        {place.project !== undefined && <FilterMark text={folderName(place.project)} onRemove={() => onPlace({ project: undefined })} />}
        <button type="button" title="What is kept quiet now: until when, by whom and why (q)" className="h-6 rounded-md border border-line px-2 text-12 whitespace-nowrap text-muted hover:bg-hover hover:text-ink" onClick={() => onPlace({ view: 'muted', alert: undefined })}>
          {quiet === 0 ? 'Muted' : `Muted ${countText(quiet)}`}
        </button>
        <NotifyMe />
      </PageHead>
      {past && countAtLeast(past, 'info') > 0 && <Past counts={past} isShown={ageOf(place) !== 'new'} onShow={() => onPlace({ age: 'past', range: undefined, alert: undefined })} />}
      {answer.isError && entries.length === 0 ? (
        <Failure error={answer.error} onRetry={() => void answer.refetch()} />
      ) : answer.isPending ? (
        <SkeletonRows count={12} />
      ) : (
        <Split
          name="evidence"
          label="width of the evidence"
          width={520}
          main={
            entries.length === 0 ? (
              <NoAlerts place={place} onPlace={onPlace} />
            ) : (
              <AlertList entries={entries} chosen={place.alert ?? null} onChoose={onChoose} more={{ has: answer.hasNextPage, isLoading: answer.isFetchingNextPage, load }} view={view} isBeside={chosen !== null} />
            )
          }
          side={
            chosen && (
              <Evidence
                entry={chosen}
                onClose={() => onPlace({ alert: undefined })}
                onDone={goOn}
                onEach={() => onPlace({ view: 'each', state: 'all', age: 'both', range: undefined, same: chosen.alert.fingerprint, alert: chosen.alert.alert_id })}
              />
            )
          }
        />
      )}
    </>
  )
}

/** The chosen entry; one that a link names and the list does not hold is asked for by itself. */
function useLinked(key: string | undefined, listed: Entry | undefined, isAlert: boolean): Entry | null {
  const linked = useQuery({ ...alertDetails(key ?? ''), enabled: key !== undefined && listed === undefined && isAlert })
  const alert: AlertRecord | undefined = linked.data?.alert
  return useMemo(() => listed ?? (key !== undefined && isAlert && alert?.alert_id === key ? entryOfAlert(alert) : null), [key, listed, isAlert, alert])
}

const AGE_WORDS = {
  new: { label: 'new', title: 'What happened while Argus watched' },
  past: { label: 'past', title: 'What was long past when Argus learnt of it, from transcripts: nobody was told' },
  both: { label: 'both', title: 'What is new, and what is past' },
} as const

function useTriageKeys(chosen: Entry | null, goOn: () => void, { view, onPlace }: { view: string; onPlace: (change: AlertsPlace) => void }): void {
  const triage = useTriage()
  const navigate = useNavigate()
  const of = chosen?.alert.event_id ?? null
  useKeys([
    ...(chosen
      ? [
          { keys: ['a'], label: 'Acknowledge', group: 'Triage', run: () => triage.acknowledge(subjectOf(chosen, goOn)) },
          { keys: ['e'], label: 'Resolve, with a reason', group: 'Triage', run: () => triage.resolve(subjectOf(chosen, goOn)) },
          { keys: ['m'], label: 'Mute until', group: 'Triage', run: () => triage.mute(subjectOf(chosen, goOn)) },
          { keys: ['r'], label: 'Open again', group: 'Triage', run: () => triage.reopen(subjectOf(chosen, goOn)) },
          { keys: ['A'], label: 'Acknowledge whenever the same happened', group: 'Triage', run: () => triage.acknowledge({ alert: chosen.alert, scope: 'group', onDone: goOn }) },
          {
            keys: ['o'],
            label: 'Open the step in its session',
            group: 'Triage',
            run: () =>
              void navigate({
                to: '/sessions/$sessionId',
                params: { sessionId: chosen.alert.session_id },
                search: { step: of === null ? undefined : of.slice(of.indexOf('~') + 1) },
              }),
          },
        ]
      : []),
    { keys: ['q'], label: 'What is muted now', group: 'Triage', run: () => onPlace({ view: 'muted', alert: undefined }) },
    { keys: ['x'], label: view === 'groups' ? 'Show each alert' : 'Show groups', group: 'Triage', run: () => onPlace({ view: view === 'groups' ? 'each' : undefined, alert: undefined }) },
  ])
}

function Answer({ open }: { open: OpenAlerts }) {
  const shown = countAtLeast(open)
  const quiet = open.low + open.info
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>{shown === 0 ? 'Nothing dangerous is open' : `${shown} open ${shown === 1 ? 'alert' : 'alerts'}:`}</span>
      {shown > 0 && <SeverityCounts counts={{ ...open, low: 0, info: 0 }} />}
      {quiet > 0 && <span className="text-13 text-muted">and {severityWords({ ...open, critical: 0, high: 0, medium: 0 })}, kept quietly</span>}
    </p>
  )
}

function NoAlerts({ place, onPlace }: { place: AlertsPlace; onPlace: (change: AlertsPlace) => void }) {
  if (isNarrowed(place)) {
    return (
      <Empty title="No alert matches.">
        <button
          type="button"
          className="text-accent hover:underline"
          onClick={() => onPlace({ state: 'all', severity: 'info', rule: undefined, family: undefined, session: undefined, same: undefined, age: 'both', project: undefined, range: undefined })}
        >
          Show all alerts, in every state
        </button>
      </Empty>
    )
  }
  return (
    <Empty title="No open alerts.">
      <p>
        A rule raises one the moment an agent is about to do something dangerous: deletes outside the project, runs what it
        downloads, spends more than the budget. <ShellCommand>argus rules list</ShellCommand> and the Rules page say what is looked for.
      </p>
      <button type="button" className="mt-2 text-accent hover:underline" onClick={() => onPlace({ state: 'all', severity: 'info', age: 'both' })}>
        Show alerts of every state and severity
      </button>
    </Empty>
  )
}
