// The conversation as one readable scroll: what was asked, what was answered, what was done in between. One thread at
// a time: the main agent's, or that of the agent whose step is selected.
import { useQueries, useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import { eventDetails, stepWindow, WINDOW_SIZE } from '@/api/queries'
import type { EventRecord } from '@/api/types'
import { AgentBlock, AgentLine } from '@/components/agent-text'
import { Empty, SkeletonRows } from '@/components/states'
import { countExact } from '@/lib/count'
import { clockText, durationText, momentExact } from '@/lib/time'
import { KINDS, outcomeLook, stepName } from './kinds'
import type { Selection } from './place'
import { partsOf } from './shapes'
import type { Threads } from './threads'

interface TranscriptProps {
  sessionId: string
  threads: Threads
  selection: Selection | null
  selectedId: string | null
  onPick: (event: EventRecord) => void
}

export function Transcript({ sessionId, threads, selection, selectedId, onPick }: TranscriptProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const thread = useMemo(() => readThread(threads, selection), [threads, selection])
  const virtual = useVirtualizer({
    count: thread.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => 44,
    overscan: 6,
    getItemKey: (index) => `${thread.agentId} ${index}`,
  })
  const items = virtual.getVirtualItems()
  const firstWindow = Math.floor((items[0]?.index ?? 0) / WINDOW_SIZE)
  const lastWindow = Math.floor((items.at(-1)?.index ?? 0) / WINDOW_SIZE)
  const windows = thread.count === 0 ? [] : Array.from({ length: lastWindow - firstWindow + 1 }, (_, at) => firstWindow + at)
  const answers = useQueries({ queries: windows.map((window) => stepWindow(sessionId, { agent_id: thread.agentId }, window)) })
  const eventAt = useCallback(
    (index: number): EventRecord | undefined => answers[Math.floor(index / WINDOW_SIZE) - firstWindow]?.data?.events[index % WINDOW_SIZE],
    [answers, firstWindow],
  )
  // Follow the selection, but not one that was made right here.
  const picked = useRef<string | null>(null)
  const { selected } = thread
  useEffect(() => {
    if (selected === null || (selectedId !== null && picked.current === selectedId)) return
    virtual.scrollToIndex(selected, { align: 'center' })
  }, [selected, selectedId, virtual])

  if (thread.count === 0) return <Empty title="Nothing was said yet." />
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label="Transcript">
      <p className="border-b border-line px-4 py-1 text-12 text-muted">{thread.agentId === 'main' ? 'main agent' : <>agent <span className="agent-text">{thread.agentId}</span></>}, {countExact(thread.count)} steps; select a step of another agent to read its own</p>
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const event = eventAt(item.index)
          return (
            <div key={item.key} data-index={item.index} ref={virtual.measureElement} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${item.start}px)` }}>
              {event ? (
                <Entry
                  event={event}
                  isSelected={event.event_id === selectedId}
                  onPick={() => {
                    picked.current = event.event_id
                    onPick(event)
                  }}
                />
              ) : (
                <SkeletonRows count={1} />
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Which agent's thread is read, and where the selection stands in it. */
function readThread(threads: Threads, selection: Selection | null): { agentId: string; count: number; selected: number | null } {
  const about = selection ? threads.facts.get(selection.key) : undefined
  if (selection && about?.kind === 'agent') return { agentId: about.agent.agent_id, count: about.agent.step_count, selected: selection.step ?? 0 }
  let count = 0
  let selected: number | null = null
  for (const [key, each] of threads.facts) {
    if (each.kind !== 'turn') continue
    if (key === selection?.key) selected = count + (selection.step ?? 0)
    count += each.turn.step_count
  }
  return { agentId: 'main', count, selected }
}

function Entry({ event, isSelected, onPick }: { event: EventRecord; isSelected: boolean; onPick: () => void }) {
  const kind = KINDS[event.kind]
  const outcome = outcomeLook(event)
  const isSpoken = event.kind === 'prompt' || event.kind === 'model_request'
  return (
    <article className={`grid grid-cols-[72px_minmax(0,1fr)] gap-x-3 border-l-2 px-4 py-1.5 ${isSelected ? 'border-accent bg-selected' : 'border-transparent'} ${event.kind === 'prompt' ? 'mt-3' : ''}`}>
      <button type="button" onClick={onPick} title={momentExact(event.started_at)} className="self-start text-left text-12 leading-5 text-muted hover:text-accent hover:underline">
        {clockText(event.started_at)}
      </button>
      <div className="min-w-0 max-w-[880px]">
        {isSpoken ? (
          <>
            <p className={`text-12 font-semibold ${kind.tone}`}>{event.kind === 'prompt' ? 'prompt' : 'answer'}</p>
            <Spoken event={event} />
          </>
        ) : (
          <p className="flex min-w-0 items-baseline gap-2">
            <span aria-hidden="true" className={event.is_error ? 'text-bad' : kind.tone}>
              {event.is_error ? '✕' : kind.glyph}
            </span>
            <span className="shrink-0 font-semibold">{stepName(event)}</span>
            {event.label !== null && <AgentLine text={event.label} className="text-muted" />}
            <span className="ml-auto shrink-0 text-12 text-muted">{durationText(event.duration_ms)}</span>
            {outcome && <span className={`shrink-0 text-12 ${outcome.tone}`}>{outcome.word}</span>}
          </p>
        )}
        {event.error !== null && <AgentBlock text={event.error} className="mt-1 text-bad" />}
      </div>
    </article>
  )
}

/** The words in full; the short line until they are there. */
function Spoken({ event }: { event: EventRecord }) {
  const answer = useQuery(eventDetails(event.event_id))
  const value = event.kind === 'prompt' ? (answer.data?.input ?? answer.data?.output) : answer.data?.output
  const parts = partsOf(value)
  if (parts.length === 0 && event.label === null) return <p className="text-faint">{event.kind === 'prompt' ? 'no words are known' : 'no words, only tool calls'}</p>
  if (parts.length === 0) return <AgentBlock text={event.label ?? ''} className="text-muted" />
  return parts.map((part, at) => (
    <div key={at}>
      {part.name !== null && <p className="text-12 text-muted">{part.name}</p>}
      <AgentBlock text={part.text} />
    </div>
  ))
}
