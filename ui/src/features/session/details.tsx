// The selected step in full: facts on top, then what went in, what came out, what it changed, the records as they were
// received, and how its cost came about.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { eventDetails } from '@/api/queries'
import type { BodyRecord, EventDetails, EventRecord, RequestRecord } from '@/api/types'
import { AgentBlock, AgentLine } from '@/components/agent-text'
import { GUARD_LOOKS, guardRules } from '@/components/guard-look'
import { Failure } from '@/components/states'
import { Tabs, type Tab } from '@/components/tabs'
import type { Chain } from '@/lib/chain'
import { sizeText } from '@/lib/count'
import { usdExact, usdText } from '@/lib/money'
import { clockText, clockWithin, durationExact, durationText, momentExact } from '@/lib/time'
import { modelText, purposeText } from '@/lib/words'
import { AlertLines, ChainLinesOfStep } from './alert-lines'
import { CostReason } from './cost-reason'
import { DiffView } from './diff-view'
import { KINDS, outcomeLook, stepName } from './kinds'
import type { Place } from './threads'
import { Way } from './way'
import { fileEdits, partsOf, prettyText } from './shapes'

type TabKey = 'input' | 'output' | 'diff' | 'raw' | 'why'

interface StepDetailsProps {
  event: EventRecord
  chains: readonly Chain[]
  /** Who led to it, from the turn to the agent that took the step. */
  way: readonly Place[]
  /** When the session began: another day's moments have their date. */
  since: string | null
  onThread: (key: string) => void
  tab: string | undefined
  onTab: (tab: string) => void
  onClose: () => void
}

/** Holding j down must not ask for every body on the way. */
const REST_MS = 80

export function StepDetails({ event, chains, way, since, onThread, tab, onTab, onClose }: StepDetailsProps) {
  const [restedId, setRestedId] = useState(event.event_id)
  useEffect(() => {
    const timer = setTimeout(() => setRestedId(event.event_id), REST_MS)
    return () => clearTimeout(timer)
  }, [event.event_id])
  const [fullId, setFullId] = useState<string | null>(null)
  const isFull = fullId === event.event_id
  const answer = useQuery({ ...eventDetails(event.event_id, isFull ? 'full' : 'head'), enabled: restedId === event.event_id })
  const details = answer.data?.event.event_id === event.event_id ? answer.data : undefined
  const edits = details ? fileEdits(event.tool_name, details.input) : null

  const tabs: Array<Tab<TabKey>> = [
    { key: 'input', label: event.kind === 'prompt' ? 'Prompt' : 'Input' },
    { key: 'output', label: event.kind === 'model_request' ? 'Answer' : 'Output' },
    ...(edits ? [{ key: 'diff' as const, label: 'Diff' }] : []),
    { key: 'raw', label: 'Raw' },
    { key: 'why', label: 'Why $' },
  ]
  const fallback: TabKey = edits ? 'diff' : event.kind === 'model_request' || event.is_error ? 'output' : 'input'
  const chosen = tabs.find((each) => each.key === tab)?.key ?? fallback

  return (
    <div className="flex h-full min-h-0 flex-col">
      <StepFacts event={event} request={details?.request ?? null} way={way} since={since} onThread={onThread} onClose={onClose} />
      {event.alert_ids.length > 0 && <AlertLines alertIds={event.alert_ids} />}
      {chains.length > 0 && <ChainLinesOfStep chains={chains} eventId={event.event_id} />}
      <div className="border-b border-line px-1">
        <Tabs label="Parts of the step" tabs={tabs} chosen={chosen} onChoose={onTab} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3" role="tabpanel" aria-label={chosen} tabIndex={0}>
        {answer.isError && !details ? (
          <Failure error={answer.error} onRetry={() => void answer.refetch()} />
        ) : details ? (
          <Panel tab={chosen} details={details} edits={edits} onFull={isFull ? null : () => setFullId(event.event_id)} />
        ) : (
          <div role="status" aria-label="loading" className="flex flex-col gap-2">
            <div className="skeleton h-2.5 w-2/3" />
            <div className="skeleton h-2.5 w-1/2" />
          </div>
        )}
      </div>
    </div>
  )
}

interface StepFactsProps extends Pick<StepDetailsProps, 'event' | 'way' | 'since' | 'onThread' | 'onClose'> {
  request: RequestRecord | null
}

function StepFacts({ event, request, way, since, onThread, onClose }: StepFactsProps) {
  const outcome = outcomeLook(event)
  const kind = KINDS[event.kind]
  return (
    <div className="shrink-0 border-b border-line px-4 py-2">
      <div className="flex items-baseline gap-2">
        <span aria-hidden="true" className={event.is_error ? 'text-bad' : kind.tone}>
          {event.is_error ? '✕' : kind.glyph}
        </span>
        <h2 className="flex min-w-0 shrink-0 text-14">
          <AgentLine text={stepName(event)} className="!font-sans !text-14" />
        </h2>
        {outcome ? (
          <span className={outcome.tone} title={outcome.meaning}>
            {outcome.word}
          </span>
        ) : (
          event.outcome === 'ok' && <span className="text-muted">ok</span>
        )}
        <span className="whitespace-nowrap" title={durationExact(event.duration_ms)}>
          {durationText(event.duration_ms)}
        </span>
        <span className="whitespace-nowrap" title={usdExact(event.cost_usd, event.cost_basis)}>
          {usdText(event.cost_usd, event.cost_basis)}
        </span>
        <button type="button" onClick={onClose} aria-label="Close the details" title="Close (Esc)" className="ml-auto h-6 w-6 shrink-0 rounded-md text-muted hover:bg-hover hover:text-ink">
          ✕
        </button>
      </div>
      {event.error !== null && (
        <div className="mt-1 max-h-24 overflow-y-auto text-bad">
          <AgentBlock text={event.error} />
        </div>
      )}
      <dl className="mt-1 grid grid-cols-[88px_1fr] gap-x-2 text-12">
        {way.length > 0 && (
          <Fact name="in">
            <Way way={way} onThread={onThread} />
          </Fact>
        )}
        <Fact name="began">
          <span title={momentExact(event.started_at)}>{clockWithin(event.started_at, since)}</span>
          {event.ended_at !== null && <span className="text-muted" title={momentExact(event.ended_at)}> to {clockText(event.ended_at)}</span>}
        </Fact>
        {event.wait_ms !== null && event.wait_ms > 0 && (
          <Fact name="permission">
            <span className="text-wait" title={durationExact(event.wait_ms)}>
              asked, waited {durationText(event.wait_ms)}
            </span>
          </Fact>
        )}
        {event.guard !== null && event.guard.answer !== 'pass' && (
          <Fact name="guard">
            <span className={GUARD_LOOKS[event.guard.answer].tone} title={GUARD_LOOKS[event.guard.answer].meaning}>
              {GUARD_LOOKS[event.guard.answer].word}
            </span>{' '}
            <span className="agent-text">{guardRules(event.guard).join(', ')}</span>
            {event.guard.reason !== null && (
              <details>
                <summary className="cursor-pointer text-accent">what was said</summary>
                <AgentBlock text={event.guard.reason} />
              </details>
            )}
          </Fact>
        )}
        {event.is_hidden && (
          <Fact name="purpose">
            {request?.query_source && <AgentLine text={purposeText(request.query_source)} className="!font-sans !text-12" />}
            <span className="text-muted"> in no transcript; telemetry told of it</span>
          </Fact>
        )}
        {event.kind === 'model_request' && request !== null && request.ttft_ms !== null && (
          <Fact name="first token">
            <span title={durationExact(request.ttft_ms)}>after {durationText(request.ttft_ms)}</span>
            {request.duration_ms !== null && <span className="text-muted" title={durationExact(request.duration_ms)}> of {durationText(request.duration_ms)}</span>}
          </Fact>
        )}
        {event.model !== null && (
          <Fact name="model">
            <span title={event.model}>{modelText(event.model)}</span>
          </Fact>
        )}
        {event.spawned !== null && (
          <Fact name="started">
            <span title={usdExact(event.spawned.cost_usd, event.spawned.cost_basis)}>{usdText(event.spawned.cost_usd, event.spawned.cost_basis)}</span>
            <span className="text-muted"> by its agent and all below it, beside {usdText(event.cost_usd, event.cost_basis)} for asking</span>
          </Fact>
        )}
        {event.output_bytes !== null && <Fact name="output">{sizeText(event.output_bytes)}</Fact>}
        <Fact name="told by">{event.sources.length === 0 ? '–' : event.sources.join(', ')}</Fact>
        <Fact name="id">
          <span className="agent-text break-all text-muted select-all">{event.tool_use_id ?? event.message_id ?? event.event_id}</span>
        </Fact>
      </dl>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

interface PanelProps {
  tab: TabKey
  details: EventDetails
  edits: ReturnType<typeof fileEdits>
  onFull: (() => void) | null
}

function Panel({ tab, details, edits, onFull }: PanelProps) {
  switch (tab) {
    case 'input':
      return <Parts value={details.input} isCut={details.input_is_cut} onFull={onFull} nothing="Nothing went in, or no record of it was kept." />
    case 'output':
      return (
        <>
          <Parts value={details.output} isCut={details.output_is_cut} onFull={onFull} nothing={details.event.outcome === 'running' ? 'It runs still.' : details.event.kind === 'model_request' ? 'No text: it asked for tools only, or no record of it was kept.' : 'Nothing came out, or no record of it was kept.'} />
          {details.saved_output && <SavedOutput saved={details.saved_output} onFull={onFull} />}
        </>
      )
    case 'diff':
      return edits && <DiffView path={edits.path} edits={edits.edits} />
    case 'raw':
      return <Bodies bodies={details.bodies} onFull={onFull} />
    case 'why':
      return <CostReason event={details.event} request={details.request} price={details.price} />
  }
}

interface PartsProps {
  value: unknown
  isCut: boolean
  nothing: string
  onFull: (() => void) | null
}

function Parts({ value, isCut, nothing, onFull }: PartsProps) {
  const parts = partsOf(value)
  if (parts.length === 0) return <p className="text-muted">{nothing}</p>
  return (
    <>
      {parts.map((part, at) => (
        <div key={part.name ?? at} className="mb-3">
          <div className="flex items-baseline gap-2 text-12 text-muted">
            {part.name !== null && <AgentLine text={part.name} />}
            <CopyButton text={part.text} />
          </div>
          {part.text === '' ? <span className="text-faint">empty</span> : <AgentBlock text={part.text} />}
        </div>
      ))}
      {isCut && <MoreButton size={null} onFull={onFull} />}
    </>
  )
}

/** What the client kept in a file of its own, because it was too long for the model. */
function SavedOutput({ saved, onFull }: { saved: BodyRecord; onFull: (() => void) | null }) {
  return (
    <section aria-label="The whole output" className="mb-3 border-t border-line pt-2">
      <p className="flex items-baseline gap-2 text-12 text-muted">
        the whole output, {sizeText(saved.size_bytes)}, from the file it was kept in, secrets masked
        {saved.text !== null && <CopyButton text={saved.text} />}
      </p>
      <BodyText body={saved} text={saved.text} onFull={onFull} />
    </section>
  )
}

/** A kept text, or why there is none. */
function BodyText({ body, text, onFull }: { body: BodyRecord; text: string | null; onFull: (() => void) | null }) {
  return (
    <>
      {text === null ? <p className="mt-1 text-muted">{body.removed_at === null ? 'It is still being archived.' : `Removed on ${momentExact(body.removed_at)}, because of its age.`}</p> : <AgentBlock text={text} className="mt-1" />}
      {body.is_cut && <MoreButton size={body.size_bytes} onFull={onFull} />}
    </>
  )
}

function Bodies({ bodies, onFull }: { bodies: readonly BodyRecord[]; onFull: (() => void) | null }) {
  if (bodies.length === 0) return <p className="text-muted">No record of this step is kept.</p>
  return bodies.map((body, at) => (
    <div key={at} className="mb-4">
      <p className="flex items-baseline gap-2 border-b border-line pb-0.5 text-12 text-muted">
        {body.source}, {body.part}, {sizeText(body.size_bytes)}, secrets masked
        {body.text !== null && <CopyButton text={body.text} />}
      </p>
      <BodyText body={body} text={body.text === null || body.is_cut ? body.text : prettyText(body.text)} onFull={onFull} />
    </div>
  ))
}

function MoreButton({ size, onFull }: { size: number | null; onFull: (() => void) | null }) {
  if (onFull === null) return <p className="text-12 text-muted">loading the rest…</p>
  return (
    <button type="button" className="text-12 text-accent hover:underline" onClick={onFull}>
      cut here; show all{size === null ? '' : ` ${sizeText(size)}`}
    </button>
  )
}

function CopyButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return undefined
    const timer = setTimeout(() => setCopied(false), 1200)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button type="button" className="text-12 text-accent hover:underline" onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
      {isCopied ? 'copied' : 'copy'}
    </button>
  )
}
