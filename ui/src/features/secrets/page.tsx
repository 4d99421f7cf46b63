// The secrets page: which secrets were in what agents read and wrote, in how many sessions, and what to do about each?
// Values are kept nowhere; a secret is known by its salted fingerprint.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { secret, secretList } from '@/api/catalogue'
import type { SecretList, SecretPlace, SecretRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { useNow } from '@/components/now'
import { PageHead } from '@/components/page-head'
import { RowGrid, type GridColumn } from '@/components/row-grid'
import { Split } from '@/components/split'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { counted, countExact, countText } from '@/lib/count'
import { agoText, momentExact } from '@/lib/time'

export interface SecretsPlace {
  secret?: string | undefined
}

const keyOf = (record: SecretRecord): string => `${record.kind}:${record.fingerprint}`

export function SecretsPage({ place, onPlace }: { place: SecretsPlace; onPlace: (change: SecretsPlace) => void }) {
  const answer = useQuery(secretList())
  const navigate = useNavigate()
  const now = useNow(30_000)
  const secrets = answer.data?.secrets
  const chosen = secrets?.find((record) => keyOf(record) === place.secret) ?? null
  const columns = useMemo(() => columnsOf(now, chosen !== null), [now, chosen])

  if (!answer.data || !secrets) return answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : <SkeletonRows count={12} />
  return (
    <>
      <PageHead title="Secrets" answer={<Answer list={answer.data} />} />
      {secrets.length === 0 ? (
        <Empty title="No secret was found in what was captured.">
          <p>Passwords, keys and tokens in prompts, inputs and outputs are masked before they are stored, and told of here.</p>
        </Empty>
      ) : (
        <Split
          name="secret"
          label="width of the secret"
          width={480}
          main={
            <RowGrid
              label="Secrets"
              rows={secrets}
              keyOf={keyOf}
              columns={columns}
              chosen={place.secret ?? null}
              onChoose={(key) => onPlace({ secret: key ?? undefined })}
              onOpen={(record) => void navigate({ to: '/search', search: { q: record.fingerprint } })}
              stacked={{ height: 52, renderRow: (record) => <Stacked record={record} now={now} /> }}
              className="flex-1"
              footer={
                <p className="text-12 text-faint">
                  {counted(secrets.length, 'secret')}; values are kept nowhere<span className="max-md:hidden">; Enter searches for one</span>
                </p>
              }
            />
          }
          side={chosen && <Details record={chosen} now={now} onClose={() => onPlace({ secret: undefined })} />}
        />
      )}
    </>
  )
}

function Answer({ list }: { list: SecretList }) {
  const spread = list.secrets.filter((record) => record.session_count > 1).length
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>{list.secrets.length === 0 ? 'No secrets found' : `${counted(list.secrets.length, 'secret')} to replace`}</span>
      {spread > 0 && <span className="text-13 text-medium">{countText(spread)} in more than one session</span>}
      {!list.is_complete && <span className="text-13 text-muted">texts are still being looked through</span>}
    </p>
  )
}

function columnsOf(now: number, isBeside: boolean): Array<GridColumn<SecretRecord>> {
  return [
    { key: 'name', head: 'what', width: 'minmax(140px, 1fr)', cell: (record) => <span className="truncate">{record.name}</span> },
    { key: 'kind', head: 'kind', width: '120px', cell: (record) => <span className="truncate text-muted">{record.kind}</span> },
    { key: 'fingerprint', head: 'fingerprint', width: '96px', title: 'The same secret has the same fingerprint wherever it stands; it tells nothing of the value', cell: (record) => <span className="agent-text">{record.fingerprint}</span> },
    { key: 'sessions', head: 'sessions', width: '76px', isRight: true, cell: (record) => <Sessions record={record} /> },
    { key: 'steps', head: 'steps', width: '64px', isRight: true, cell: (record) => <>{countText(record.step_count)}</> },
    ...(isBeside ? [] : [{ key: 'first', head: 'first seen', width: '96px', isRight: true, cell: (record: SecretRecord) => <Ago at={record.first_seen_at} now={now} /> }]),
    { key: 'last', head: 'last seen', width: '96px', isRight: true, cell: (record) => <Ago at={record.last_seen_at} now={now} /> },
  ]
}

function Sessions({ record }: { record: SecretRecord }) {
  const isSpread = record.session_count > 1
  return (
    <span className={isSpread ? 'text-medium' : ''} title={isSpread ? 'It has spread over several sessions' : undefined}>
      {countExact(record.session_count)}
    </span>
  )
}

function Ago({ at, now }: { at: string | null; now: number }) {
  return (
    <span className="text-muted" title={momentExact(at)}>
      {agoText(at, now)}
    </span>
  )
}

function Stacked({ record, now }: { record: SecretRecord; now: number }) {
  return (
    <span className="block min-w-0">
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate">{record.name}</span>
        <span className="agent-text shrink-0">{record.fingerprint}</span>
      </span>
      <span className="flex items-baseline gap-2 text-12 text-muted">
        <span className="min-w-0 flex-1 truncate">
          {counted(record.session_count, 'session')}, {counted(record.step_count, 'step')}
        </span>
        <Ago at={record.last_seen_at} now={now} />
      </span>
    </span>
  )
}

function Details({ record, now, onClose }: { record: SecretRecord; now: number; onClose: () => void }) {
  const answer = useQuery(secret(record.fingerprint))
  const places = answer.data?.places
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="shrink-0 border-b border-line px-4 py-2">
        <div className="flex items-baseline gap-3">
          <h2 className="!text-14 font-semibold">{record.name}</h2>
          <span className="agent-text text-muted">{record.fingerprint}</span>
          <button type="button" onClick={onClose} aria-label="Close the secret" title="Close (Esc)" className="ml-auto h-6 w-6 shrink-0 rounded-md text-muted hover:bg-hover hover:text-ink">
            ✕
          </button>
        </div>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" tabIndex={0} role="region" aria-label="The secret">
        <h3 className="border-b border-line pb-0.5 text-12 font-normal text-muted">what to do</h3>
        <p className="mt-1.5 mb-4 max-w-[72ch]">{record.advice}</p>
        <h3 className="border-b border-line pb-0.5 text-12 font-normal text-muted">where it stands</h3>
        {places === undefined ? (
          answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : <SkeletonRows count={4} />
        ) : (
          <ul className="mt-1.5 mb-4">
            {places.map((place) => (
              <PlaceLine key={`${place.session_id} ${place.event_id}`} place={place} now={now} />
            ))}
          </ul>
        )}
        {places !== undefined && places.length < record.step_count && <p className="mb-4 text-muted">and {countExact(record.step_count - places.length)} more, which the search finds by its fingerprint</p>}
        <p className="text-muted">
          On the shell: <ShellCommand>{`argus secrets ${record.fingerprint}`}</ShellCommand>
        </p>
      </div>
    </div>
  )
}

function PlaceLine({ place, now }: { place: SecretPlace; now: number }) {
  const what = place.tool_name ?? place.kind?.replaceAll('_', ' ') ?? 'the session itself'
  return (
    <li className="mb-2">
      <span className="flex items-baseline gap-2">
        <Link
          to="/sessions/$sessionId"
          params={{ sessionId: place.session_id }}
          search={{ step: place.event_id === null ? undefined : place.event_id.slice(place.event_id.indexOf('~') + 1) }}
          className="flex min-w-0 text-accent hover:underline"
        >
          <AgentLine text={what} className="!font-sans !text-13" />
        </Link>
        {place.project !== null && (
          <span className="flex min-w-0 text-12 text-muted">
            <AgentLine text={place.project} />
          </span>
        )}
        <span className="ml-auto shrink-0 text-12">
          <Ago at={place.at} now={now} />
        </span>
      </span>
      {(place.summary ?? place.session_title) !== null && (
        <span className="flex text-12 text-muted">
          <AgentLine text={place.summary ?? place.session_title ?? ''} />
        </span>
      )}
    </li>
  )
}
