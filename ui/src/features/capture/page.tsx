// The capture page: is everything caught? In words first, then source by source.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { findings, type Finding } from '@/api/health'
import { capture } from '@/api/queries'
import type { CaptureRecord, QuarantineRecord, SourceHealth } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { useNow } from '@/components/now'
import { Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { countExact, counted, sizeText } from '@/lib/count'
import { agoText, momentExact, stampText } from '@/lib/time'

export function CapturePage() {
  const answer = useQuery(capture())
  const now = useNow(1000)
  if (answer.isPending) return <SkeletonRows count={8} />
  if (answer.isError && !answer.data) return <Failure error={answer.error} onRetry={() => void answer.refetch()} />
  const record = answer.data
  if (!record) return null
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
      <Verdict record={record} now={now} />
      {record.importing && <ImportBar importing={record.importing} />}
      <Section title="Sources" note="where facts come from">
        <SourceTable sources={record.sources} now={now} />
      </Section>
      <div className="grid gap-x-8 md:grid-cols-2">
        <Section title="Hooks" note="what Claude Code runs">
          <Facts
            rows={[
              ['registered', record.hooks.installed === null ? '–' : record.hooks.installed ? 'yes' : 'no', record.hooks.detail],
              ['waiting in the spool', sizeText(record.spool.pending_bytes), record.spool.pending_files === null ? null : counted(record.spool.pending_files, 'file')],
              ['lost records, ever', countExact(record.spool.lost_records), null],
              ['telemetry', record.telemetry.is_switched_on ? 'switched on' : 'not switched on', record.telemetry.detail],
            ]}
          />
        </Section>
        <Section title="Server" note="what runs here">
          <Facts
            rows={[
              ['version', record.server.version, null],
              ['started', stampText(record.server.started_at), agoText(record.server.started_at, now)],
              ['kept in', record.server.data_dir, null],
              ['database', sizeText(record.server.database_bytes), `SQLite ${record.server.sqlite_version}`],
              ['transcripts followed', record.is_watching === null ? '–' : record.is_watching ? 'by file events' : 'by rescans', null],
            ]}
          />
        </Section>
      </div>
      <Section title="Quarantine" note="records that could not be read, set aside with their reason">
        <QuarantineTable records={record.quarantine} total={record.sources.reduce((sum, source) => sum + source.quarantine_count, 0)} now={now} />
      </Section>
    </div>
  )
}

const MARKS: Record<Finding['grade'], { glyph: string; tone: string }> = {
  bad: { glyph: '✕', tone: 'text-bad' },
  warn: { glyph: '▲', tone: 'text-wait' },
  fine: { glyph: '●', tone: 'text-good' },
}

function Verdict({ record, now }: { record: CaptureRecord; now: number }) {
  const found = findings(record)
  const latest = record.sources
    .map((source) => source.last_at)
    .filter((at) => at !== null)
    .sort()
    .at(-1)
  const isHealthy = found.every((finding) => finding.grade === 'fine')
  return (
    <div className="mb-4">
      <h1 className="text-16">
        <span aria-hidden="true" className={isHealthy ? 'text-good' : (MARKS[found[0]?.grade ?? 'warn'].tone)}>
          {isHealthy ? '●' : MARKS[found[0]?.grade ?? 'warn'].glyph}{' '}
        </span>
        {isHealthy ? 'Capture is healthy' : record.pause !== null ? 'Capture is paused' : found[0]?.grade === 'bad' ? 'Capture is incomplete' : 'Capture works, with something to look at'}
        <span className="font-normal text-muted">
          {' '}
          {latest === undefined ? 'nothing was captured yet' : <span title={momentExact(latest)}>last fact {agoText(latest, now)}</span>}
        </span>
      </h1>
      {found.length > 0 && (
        <ul className="mt-1">
          {found.map((finding) => (
            <li key={finding.text} className="flex items-baseline gap-x-2">
              <span aria-hidden="true" className={`w-3 shrink-0 text-12 ${MARKS[finding.grade].tone}`}>
                {MARKS[finding.grade].glyph}
              </span>
              <span>
                {finding.text} {finding.mend && <ShellCommand>{finding.mend}</ShellCommand>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function ImportBar({ importing }: { importing: NonNullable<CaptureRecord['importing']> }) {
  const part = importing.bytes_total === 0 ? 0 : importing.bytes_done / importing.bytes_total
  return (
    <div className="mb-4 max-w-[560px]">
      <progress aria-label="Import" value={part} max={1} className="block h-1.5 w-full appearance-none [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent" />
      <p className="mt-1 text-12 text-muted">
        {countExact(importing.files_done)} of {countExact(importing.files_total)} files, {sizeText(importing.bytes_done)} of {sizeText(importing.bytes_total)}
      </p>
    </div>
  )
}

function Section({ title, note, children }: { title: string; note: string; children: ReactNode }) {
  return (
    <section className="mb-5 min-w-0">
      <h2 className="border-b border-line pb-1">
        {title} <span className="font-normal text-muted">{note}</span>
      </h2>
      {children}
    </section>
  )
}

function Facts({ rows }: { rows: ReadonlyArray<readonly [string, string, string | null]> }) {
  return (
    <dl className="py-1">
      {rows.map(([name, value, note]) => (
        <div key={name} className="grid min-h-7 grid-cols-[152px_1fr] items-center gap-2">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">
            {value} {note && <span className="text-12 text-muted">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

const HEAD = 'h-7 px-2 text-right text-12 font-normal whitespace-nowrap text-muted first:pl-0 first:text-left'
const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 first:text-left'

function SourceTable({ sources, now }: { sources: readonly SourceHealth[]; now: number }) {
  if (sources.length === 0) return <p className="py-2 text-muted">Nothing was captured yet.</p>
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Sources">
      <table className="w-full max-w-[920px]">
        <thead>
          <tr>
            {['source', 'last fact', 'files or streams', 'records', 'read', 'behind', 'archived', 'unknown kinds', 'quarantine'].map((head) => (
              <th key={head} scope="col" className={HEAD}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => {
            const behind = Math.max(0, source.size_bytes - source.read_bytes)
            return (
              <tr key={source.source} className="border-t border-line">
                <th scope="row" className={`${CELL} font-normal`}>
                  {source.source}
                </th>
                <td className={CELL} title={momentExact(source.last_at)}>
                  {agoText(source.last_at, now)}
                </td>
                <td className={CELL}>{countExact(source.source_count)}</td>
                <td className={CELL}>{countExact(source.record_count)}</td>
                <td className={CELL} title={`${countExact(source.read_bytes)} of ${countExact(source.size_bytes)} bytes`}>
                  {sizeText(source.read_bytes)}
                </td>
                <td className={`${CELL} ${behind > 0 ? 'text-wait' : 'text-faint'}`}>{sizeText(behind)}</td>
                <td className={CELL} title={`${countExact(source.archived_bytes)} bytes`}>
                  {sizeText(source.archived_bytes)}
                </td>
                <td className={`${CELL} ${source.unknown_count === 0 ? 'text-faint' : ''}`} title="Valid, but of a kind that this version does not know: kept and counted">
                  {countExact(source.unknown_count)}
                </td>
                <td className={`${CELL} ${source.quarantine_count === 0 ? 'text-faint' : 'text-wait'}`}>
                  {source.quarantine_count > 0 && '▲ '}
                  {countExact(source.quarantine_count)}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function QuarantineTable({ records, total, now }: { records: readonly QuarantineRecord[]; total: number; now: number }) {
  if (records.length === 0) return <p className="py-2 text-muted">{total === 0 ? 'Nothing is in quarantine.' : `${countExact(total)} records; none is listed.`}</p>
  return (
    <div>
      {records.map((record) => (
        <div key={`${record.source} ${record.offset}`} className="border-b border-line py-1.5">
          <p className="flex flex-wrap items-baseline gap-x-3">
            <span className="text-wait">
              <span aria-hidden="true">▲ </span>
              <AgentLine text={record.reason} className="!font-sans !text-13" />
            </span>
            <span className="flex min-w-0 text-12 text-muted">
              <AgentLine text={record.source} />
              <span className="ml-2 whitespace-nowrap">at byte {countExact(record.offset)}</span>
            </span>
            <span className="text-12 text-muted" title={momentExact(record.at)}>
              {agoText(record.at, now)}
            </span>
          </p>
          <p className="flex">
            <AgentLine text={record.excerpt} className="text-muted" />
          </p>
        </div>
      ))}
      {total > records.length && <p className="py-2 text-12 text-muted">the latest {records.length} of {countExact(total)}</p>}
    </div>
  )
}
