// What is kept quiet now, and until when, by whom and why: mutes, exceptions in force, rules that are switched off. A mute
// can be ended here; what stands in rules.toml ends there.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { mutes, useEndMute } from '@/api/alerts'
import type { MuteList, MuteRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { KeyCaps, useKeys } from '@/components/keys'
import { useSay } from '@/components/notices'
import { PageHead } from '@/components/page-head'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { Empty, Failure, SkeletonRows } from '@/components/states'
import { counted, countText } from '@/lib/count'
import { folderName } from '@/lib/text'
import { momentExact, stampText } from '@/lib/time'

const BUTTON = 'h-6 rounded-md border border-edge px-2 text-12 whitespace-nowrap hover:bg-hover'
const keyOf = (mute: MuteRecord): string => mute.mute_id ?? `alert ${mute.alert_id}`

export function Quiet({ onClose }: { onClose: () => void }) {
  const answer = useQuery(mutes())
  const [chosen, setChosen] = useState<string | null>(null)
  const end = useEnd()
  const rows = answer.data?.mutes
  const of = rows?.find((each) => keyOf(each) === chosen)
  const columns = useMemo(() => columnsOf(end), [end])
  useKeys([
    ...(of ? [{ keys: ['e'], label: 'End the mute', group: 'Muted', run: () => end(of) }] : []),
    { keys: ['q'], label: 'Back to the alerts', group: 'Muted', run: onClose },
  ])
  return (
    <>
      <PageHead title="Muted" answer={answer.data && <Answer list={answer.data} />}>
        <button type="button" className={BUTTON} onClick={onClose}>
          Back to the alerts <KeyCaps press="q" />
        </button>
      </PageHead>
      {answer.isError && !rows ? (
        <Failure error={answer.error} onRetry={() => void answer.refetch()} />
      ) : !rows ? (
        <SkeletonRows count={6} />
      ) : rows.length === 0 ? (
        <Empty title="Nothing is muted.">
          <p>Mute an alert with m, for a time: it, whenever the same happens, or its rule in a session or a project.</p>
        </Empty>
      ) : (
        <RowGrid
          label="Mutes"
          rows={rows}
          keyOf={keyOf}
          columns={columns}
          chosen={chosen}
          onChoose={setChosen}
          stacked={{ height: 76, renderRow: (mute) => <Stacked mute={mute} onEnd={end} /> }}
          className="flex-1"
        />
      )}
      {answer.data && <InFile list={answer.data} />}
    </>
  )
}

function Answer({ list: { mutes, exceptions, rules_off: off } }: { list: MuteList }) {
  const parts = [
    mutes.length > 0 && `${counted(mutes.length, 'mute')} in force`,
    exceptions.length > 0 && counted(exceptions.length, 'exception'),
    off.length > 0 && `${counted(off.length, 'rule')} switched off`,
  ].filter((part) => part !== false)
  return <p>{parts.length === 0 ? 'Nothing is kept quiet' : parts.join(', ')}</p>
}

/** Ends a mute, or opens the one alert that was muted by itself; taking it back mutes the same again. */
function useEnd(): (mute: MuteRecord) => void {
  const order = useEndMute()
  const say = useSay()
  return useMemo(() => {
    const failed = (cause: unknown): void => say({ tone: 'bad', text: `Not changed: ${cause instanceof Error ? cause.message : String(cause)}` })
    return (mute) => {
      order.end(mute).then(({ changed_count: count }) => {
        const again = mute.alert_id === null || mute.until === null ? undefined : { label: 'Undo', press: 'u', run: () => void order.again(mute).catch(failed) }
        say({ text: `Muted no more: ${mute.rule}; ${counted(count, 'alert')} open again`, action: again })
      }, failed)
    }
  }, [order, say])
}

function columnsOf(onEnd: (mute: MuteRecord) => void): Array<GridColumn<MuteRecord>> {
  return [
    { key: 'until', head: 'until', width: '124px', cell: (mute) => <span title={momentExact(mute.until)}>{stampText(mute.until)}</span> },
    { key: 'rule', head: 'rule', width: '168px', cell: (mute) => <AgentLine text={mute.rule} /> },
    { key: 'where', head: 'where', width: 'minmax(120px, 2fr)', cell: (mute) => <Where mute={mute} /> },
    { key: 'what', head: 'such as', width: 'minmax(120px, 3fr)', cell: (mute) => <What mute={mute} /> },
    { key: 'count', head: 'alerts', width: '52px', isRight: true, cell: (mute) => countText(mute.alert_count) },
    { key: 'why', head: 'why', width: 'minmax(100px, 2fr)', cell: (mute) => <Why mute={mute} /> },
    { key: 'by', head: 'by', width: '172px', cell: (mute) => <By mute={mute} /> },
    { key: 'end', head: '', width: '64px', isRight: true, cell: (mute) => <End mute={mute} onEnd={onEnd} /> },
  ]
}

function Where({ mute }: { mute: MuteRecord }) {
  const name = mute.session_title ?? mute.session_id
  switch (mute.reach) {
    case 'group':
      return <span className="truncate">whenever it happens</span>
    case 'project':
      return <span className="flex min-w-0 gap-1.5"><span className="text-muted">project</span><AgentLine text={folderName(mute.project ?? '')} whole={mute.project ?? ''} /></span>
    case 'session':
    case 'alert':
      return <span className="flex min-w-0 gap-1.5"><span className="shrink-0 text-muted">{mute.reach === 'alert' ? 'once, in' : 'session'}</span><AgentLine text={name ?? '–'} className="!font-sans !text-13" /></span>
  }
}

function What({ mute }: { mute: MuteRecord }) {
  if (mute.alert_id === null || mute.example === null) return <span className="text-faint" title="No alert under it is known any more">–</span>
  return (
    <Link to="/alerts" search={{ view: 'each', alert: mute.alert_id, state: 'all', severity: 'info', age: 'both' }} title="Show the newest alert under it" className="flex min-w-0 text-accent hover:underline">
      <AgentLine text={mute.example} />
    </Link>
  )
}

const Why = ({ mute }: { mute: MuteRecord }) => (mute.reason === null ? <span className="text-faint" title="No reason was given">–</span> : <AgentLine text={mute.reason} className="!font-sans !text-13" />)

const By = ({ mute }: { mute: MuteRecord }) => (
  <span className="truncate text-muted" title={`since ${momentExact(mute.at)}`}>
    {mute.actor ?? 'unknown'}, {stampText(mute.at).slice(0, 10)}
  </span>
)

const End = ({ mute, onEnd }: { mute: MuteRecord; onEnd: (mute: MuteRecord) => void }) => (
  <button
    type="button"
    className={BUTTON}
    title="What it keeps quiet is open again (e)"
    onClick={(event) => {
      event.stopPropagation()
      onEnd(mute)
    }}
  >
    End
  </button>
)

function Stacked({ mute, onEnd }: { mute: MuteRecord; onEnd: (mute: MuteRecord) => void }) {
  return (
    <span className="block min-w-0">
      <span className="flex items-center gap-2">
        <AgentLine text={mute.rule} className="flex-1" />
        <End mute={mute} onEnd={onEnd} />
      </span>
      <span className="flex min-w-0 gap-2 text-12">
        <span className="shrink-0 text-muted" title={momentExact(mute.until)}>until {stampText(mute.until)}</span>
        <Where mute={mute} />
      </span>
      <span className="flex min-w-0 gap-2 text-12">
        <Why mute={mute} />
        <What mute={mute} />
      </span>
    </span>
  )
}

/** What the person's rules.toml keeps quiet: to be changed there. */
function InFile({ list: { exceptions, rules_off: off } }: { list: MuteList }) {
  if (exceptions.length + off.length === 0) return null
  return (
    <section aria-label="In rules.toml" tabIndex={0} className="max-h-64 shrink-0 overflow-y-auto border-t border-line px-4 py-2">
      <h2 className="text-12 font-normal text-muted">quiet by rules.toml; it ends with its entry there</h2>
      <ul>
        {off.map((rule) => (
          <li key={rule} className="flex min-w-0 gap-2 py-0.5">
            <RuleLink rule={rule} />
            <span className="text-muted">switched off</span>
          </li>
        ))}
        {exceptions.map(({ rule, exception }) => (
          <li key={`${rule} ${exception.fits.join(' ')} ${exception.until}`} className="flex min-w-0 flex-wrap gap-x-2 py-0.5">
            <RuleLink rule={rule} />
            <span className="flex min-w-0 max-w-full">
              <AgentLine text={exception.fits.join(', ')} />
            </span>
            <span className="min-w-0 break-words text-muted">
              {exception.reason}, until {exception.until === null ? 'further notice' : stampText(exception.until)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A family has no page of its own. */
function RuleLink({ rule }: { rule: string }) {
  if (rule.endsWith('.')) return <span className="agent-text shrink-0">{rule}*</span>
  return (
    <Link to="/rules" search={{ rule }} className="shrink-0 text-accent hover:underline">
      <span className="agent-text">{rule}</span>
    </Link>
  )
}
