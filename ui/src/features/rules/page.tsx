// The rules page: what is looked for, and which rules find something? The catalogue with its hits of thirty days, and
// what a rule means beside it.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, type ReactNode } from 'react'
import { ruleCatalogue } from '@/api/catalogue'
import type { RuleList, RuleRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { Choice } from '@/components/choice'
import { KeyCaps, useKeys } from '@/components/keys'
import { useNow } from '@/components/now'
import { PageHead } from '@/components/page-head'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { SeverityMark, severityTone } from '@/components/severity'
import { Spark } from '@/components/spark'
import { Split } from '@/components/split'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { counted, countExact, countText } from '@/lib/count'
import { dayOfMs } from '@/lib/day'
import { severityRank } from '@/lib/severity'
import { shareText } from '@/lib/share'
import { countsByDay } from '@/lib/spark'
import { agoText, momentExact, stampText } from '@/lib/time'
import { RuleBacktest, TryRules, useBacktest, type Backtesting } from './backtest'

export interface RulesPlace {
  family?: string | undefined
  rule?: string | undefined
  sort?: string | undefined
  /** Beside the list rules are tried. */
  try?: string | undefined
}

const DAYS = 30

export function RulesPage({ place, onPlace }: { place: RulesPlace; onPlace: (change: RulesPlace) => void }) {
  const answer = useQuery(ruleCatalogue())
  const navigate = useNavigate()
  const now = useNow(30_000)
  const today = dayOfMs(now)
  const all = answer.data?.rules
  const rules = useMemo(() => sortedRules((all ?? []).filter((rule) => place.family === undefined || rule.family === place.family), place.sort), [all, place.family, place.sort])
  const isTrying = place.try !== undefined
  const chosen = all?.find((rule) => rule.rule === place.rule) ?? null
  const columns = useMemo(() => columnsOf(today, now, chosen !== null || isTrying), [today, now, chosen, isTrying])
  const families = useMemo(() => [...new Set((all ?? []).map((rule) => rule.family))].sort(), [all])
  const toAlerts = (rule: RuleRecord): void => void navigate({ to: '/alerts', search: { rule: rule.rule, state: 'all', severity: 'info', age: 'both' } })
  const backtest = useBacktest()
  const ofChosen = chosen && !isTrying ? chosen : null
  useKeys([
    { keys: ['n'], label: 'Try rules of your own', group: 'Rules', run: () => onPlace({ try: isTrying ? undefined : '1' }) },
    ...(ofChosen
      ? [
          { keys: ['o'], label: 'Alerts of the rule', group: 'Rules', run: () => toAlerts(ofChosen) },
          { keys: ['b'], label: 'Back-test the rule', group: 'Rules', run: () => backtest.begin({ rule: ofChosen.rule }) },
        ]
      : []),
  ])

  if (!answer.data) return answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : <SkeletonRows count={12} />
  if (answer.data.rules.length === 0) return <Empty title="No rules are known to this server." />
  return (
    <>
      <PageHead title="Rules" answer={<Answer catalogue={answer.data} today={today} />}>
        <Choice
          label="Family"
          options={[{ key: '', label: 'all' }, ...families.map((key) => ({ key, label: key }))]}
          chosen={place.family ?? ''}
          onChoose={(key) => onPlace({ family: key === '' ? undefined : key })}
        />
        <button type="button" aria-pressed={isTrying} onClick={() => onPlace({ try: isTrying ? undefined : '1' })} className="h-7 whitespace-nowrap rounded-md border border-edge px-2 hover:bg-hover">
          Try rules <KeyCaps press="n" />
        </button>
      </PageHead>
      <Split
        name="rule"
        label="width of the rule"
        width={480}
        main={
          <RowGrid
            label="Rules"
            rows={rules}
            keyOf={(rule) => rule.rule}
            columns={columns}
            chosen={place.rule ?? null}
            onChoose={(key) => onPlace({ rule: key ?? undefined, try: undefined })}
            onOpen={toAlerts}
            stacked={{ height: 52, renderRow: (rule) => <Stacked rule={rule} today={today} /> }}
            sort={{ ...sortNow(place.sort), onSort: (key) => onPlace({ sort: key === 'severity' ? undefined : key }) }}
            className="flex-1"
            footer={<p className="text-12 text-faint">{counted(rules.length, 'rule')}, catalogue {answer.data.catalogue_version}</p>}
          />
        }
        side={
          isTrying ? (
            <TryRules now={now} onClose={() => onPlace({ try: undefined })} />
          ) : (
            chosen && <RuleDetails key={chosen.rule} rule={chosen} today={today} now={now} backtest={backtest} onClose={() => onPlace({ rule: undefined })} />
          )
        }
      />
    </>
  )
}

function monthCount(rule: RuleRecord, today: string): number {
  return countsByDay(rule.days, today, DAYS).reduce((sum, count) => sum + count, 0)
}

function Answer({ catalogue, today }: { catalogue: RuleList; today: string }) {
  const { rules, profile } = catalogue
  const counts = rules.map((rule) => ({ rule, count: monthCount(rule, today) })).filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)
  const most = counts[0]
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>
        {counts.length === 0 ? `None of ${counted(rules.length, 'rule')} found anything` : `${counts.length} of ${counted(rules.length, 'rule')} found something`} in 30 days
      </span>
      {most && (
        <span className="text-13 text-muted">
          most often <span className="agent-text">{most.rule.rule}</span>, {countText(most.count)} times
        </span>
      )}
      <span className="text-13 text-muted" title={profile === 'graded' ? 'How bad a finding is depends on what it touches' : 'Every finding of the first rules has one fixed severity'}>
        profile {profile},{' '}
        <Link to="/settings" className="text-accent underline">
          change
        </Link>
      </span>
    </p>
  )
}

type SortKey = 'severity' | 'rule' | 'alerts' | 'open' | 'last'

function sortNow(text: string | undefined): { key: SortKey; direction: 'ascending' | 'descending' } {
  const key = (['rule', 'alerts', 'open', 'last'] as const).find((each) => each === text) ?? 'severity'
  return { key, direction: key === 'rule' ? 'ascending' : 'descending' }
}

function sortedRules(rules: readonly RuleRecord[], sort: string | undefined): readonly RuleRecord[] {
  const { key } = sortNow(sort)
  const by: Record<SortKey, (a: RuleRecord, b: RuleRecord) => number> = {
    severity: (a, b) => severityRank(a.severity) - severityRank(b.severity),
    rule: () => 0,
    alerts: (a, b) => b.alert_count - a.alert_count,
    open: (a, b) => b.open_count - a.open_count,
    last: (a, b) => (b.last_seen_at ?? '').localeCompare(a.last_seen_at ?? ''),
  }
  return [...rules].sort((a, b) => by[key](a, b) || a.rule.localeCompare(b.rule))
}

function sparkOf(rule: RuleRecord, today: string): ReactNode {
  const count = monthCount(rule, today)
  return <Spark label={`${countExact(count)} in 30 days`} counts={countsByDay(rule.days, today, DAYS)} tone={count === 0 ? 'text-faint' : severityTone(rule.severity)} />
}

function columnsOf(today: string, now: number, isBeside: boolean): Array<GridColumn<RuleRecord>> {
  const figure = (count: number): ReactNode => <span className={count === 0 ? 'text-faint' : ''}>{countText(count)}</span>
  return [
    { key: 'severity', head: 'severity', width: '84px', isSortable: true, cell: (rule) => <SeverityMark severity={rule.severity} /> },
    { key: 'rule', head: 'rule', width: '176px', isSortable: true, cell: (rule) => <span className="agent-text truncate">{rule.rule}</span> },
    { key: 'title', head: 'what it finds', width: 'minmax(140px, 1fr)', cell: (rule) => <Title rule={rule} /> },
    ...(isBeside ? [] : [{ key: 'act', head: 'if blocking', width: '84px', title: 'What the guard answers where it is installed; without it Argus only watches', cell: (rule: RuleRecord) => <span className="text-muted">{rule.act}</span> }]),
    { key: 'days', head: 'last 30 days', width: '124px', cell: (rule) => <>{sparkOf(rule, today)}</> },
    { key: 'alerts', head: 'alerts', width: '60px', isRight: true, isSortable: true, cell: (rule) => figure(rule.alert_count) },
    ...(isBeside ? [] : [{ key: 'false', head: 'false', width: '60px', isRight: true, title: 'False alarms among the alerts that you resolved: those whose reason begins with “false alarm”', cell: (rule: RuleRecord) => <FalseShare rule={rule} /> }]),
    { key: 'open', head: 'open', width: '52px', isRight: true, isSortable: true, cell: (rule) => figure(rule.open_count) },
    ...(isBeside
      ? []
      : [{ key: 'last', head: 'last', width: '84px', isRight: true, isSortable: true, cell: (rule: RuleRecord) => <span className="text-muted" title={momentExact(rule.last_seen_at)}>{agoText(rule.last_seen_at, now)}</span> }]),
  ]
}

/** How many of the alerts that somebody looked into were none; unknown before anybody did. */
function FalseShare({ rule }: { rule: RuleRecord }) {
  if (rule.resolved_count === 0) return <span className="text-faint" title="none of its alerts was resolved yet">–</span>
  return (
    <span className={rule.false_count === 0 ? 'text-faint' : ''} title={`${countExact(rule.false_count)} of ${countExact(rule.resolved_count)} resolved alerts were false`}>
      {shareText(rule.false_count, rule.resolved_count)}
    </span>
  )
}

/** What it finds, with what is the person's own about it. */
function Title({ rule }: { rule: RuleRecord }) {
  const said = ownWord(rule)
  return (
    <span className="flex min-w-0 gap-2">
      <span className={`truncate ${rule.is_enabled ? '' : 'text-muted line-through'}`} title={rule.title}>
        {rule.title}
      </span>
      {said !== null && <span className="shrink-0 rounded-sm border border-line px-1 text-12 text-muted">{said}</span>}
    </span>
  )
}

function ownWord(rule: RuleRecord): string | null {
  if (!rule.is_enabled) return 'off'
  if (rule.origin === 'own') return 'yours'
  if (rule.origin === 'tuned') return 'tuned'
  return rule.exceptions.length > 0 ? counted(rule.exceptions.length, 'exception') : null
}

function Stacked({ rule, today }: { rule: RuleRecord; today: string }) {
  return (
    <span className="block min-w-0">
      <span className="flex items-baseline gap-2">
        <SeverityMark severity={rule.severity} />
        <span className="agent-text min-w-0 flex-1 truncate">{rule.rule}</span>
        {rule.open_count > 0 && <span className="shrink-0">{countText(rule.open_count)} open</span>}
      </span>
      <span className="flex items-center gap-2 text-12 text-muted">
        <span className="min-w-0 flex-1 truncate">{rule.title}</span>
        {sparkOf(rule, today)}
      </span>
    </span>
  )
}

function RuleDetails({ rule, today, now, backtest, onClose }: { rule: RuleRecord; today: string; now: number; backtest: Backtesting; onClose: () => void }) {
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="shrink-0 border-b border-line px-4 py-2">
        <div className="flex items-baseline gap-3">
          <SeverityMark severity={rule.severity} />
          <h2 className="agent-text !text-14 font-semibold">{rule.rule}</h2>
          {rule.version !== null && (
            <span className="text-12 text-muted" title="Rises when what the rule matches or says changes; each alert keeps the version that raised it">
              version {rule.version}
            </span>
          )}
          <button type="button" onClick={onClose} aria-label="Close the rule" title="Close (Esc)" className="ml-auto h-6 w-6 shrink-0 rounded-md text-muted hover:bg-hover hover:text-ink">
            ✕
          </button>
        </div>
        <p className="mt-1">{rule.title}</p>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0} role="region" aria-label="The rule">
        <Part title="why">{rule.why}</Part>
        <Part title="what to do">{rule.advice}</Part>
        {rule.exceptions.length > 0 && (
          <Part title="where it says nothing">
            <ul>
              {rule.exceptions.map((exception) => (
                <li key={`${exception.fits.join(' ')} ${exception.until}`} className="mb-1">
                  {exception.fits.map((text) => (
                    <span key={text} className="flex">
                      <AgentLine text={text} />
                    </span>
                  ))}
                  <span className="text-muted">
                    {exception.reason}, until {exception.until === null ? 'further notice' : stampText(exception.until)}
                  </span>
                </li>
              ))}
            </ul>
          </Part>
        )}
        {rule.origin !== 'catalogue' && (
          <Part title="yours">{rule.is_enabled ? 'Your rules.toml changes it, or made it.' : 'Your rules.toml switches it off.'}</Part>
        )}
        <Part title="what it found">
          <span className="flex flex-wrap items-center gap-3">
            {sparkOf(rule, today)}
            <span>
              {counted(rule.alert_count, 'alert')}, {countExact(rule.open_count)} open
              {rule.resolved_count > 0 && `, ${countExact(rule.false_count)} of ${countExact(rule.resolved_count)} resolved were false`}
            </span>
            <span className="text-muted" title={momentExact(rule.last_seen_at)}>
              {rule.last_seen_at === null ? 'never' : `last ${agoText(rule.last_seen_at, now)}`}
            </span>
            {rule.alert_count > 0 && (
              <Link to="/alerts" search={{ rule: rule.rule, state: 'all', severity: 'info', age: 'both' }} className="text-accent hover:underline">
                show them (o)
              </Link>
            )}
          </span>
        </Part>
        <Part title="what it would find">
          <RuleBacktest rule={rule.rule} now={now} backtest={backtest} />
        </Part>
        <dl className="grid grid-cols-[96px_1fr] gap-x-2">
          <dt className="text-muted">family</dt>
          <dd>{rule.family}</dd>
          <dt className="text-muted">if blocking</dt>
          <dd>{rule.act}</dd>
          <dt className="text-muted">ATT&amp;CK</dt>
          <dd>{rule.attack.length === 0 ? '–' : rule.attack.join(', ')}</dd>
        </dl>
        <p className="mt-4 text-muted">
          On the shell: <ShellCommand>{`argus rules show ${rule.rule}`}</ShellCommand>
        </p>
      </div>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mb-4">
      <h3 className="border-b border-line pb-0.5 text-12 font-normal text-muted">{title}</h3>
      <div className="mt-1.5 max-w-[72ch]">{children}</div>
    </section>
  )
}
