// The live stream: tells which sessions changed, over fetch (EventSource can send no token). It connects again by
// itself; after a gap everything counts as changed, because nobody knows what was missed.
import { SEVERITIES } from '@/lib/severity'
import { streamParser } from '@/lib/sse'
import { ApiError, open } from './client'
import type { AlertRecord, Changed, OpenAlerts } from './types'

export type LiveState = 'connecting' | 'live' | 'lost'

export interface LiveWatcher {
  onState: (state: LiveState) => void
  onChange: (sessionIds: string[]) => void
  /** Alerts changed; of them, those raised just now, and how many are open by now. History raises none. */
  onAlerts: (raised: AlertRecord[], open: OpenAlerts | null) => void
  /** Anything may have changed. */
  onGap: () => void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
// The server sends a heartbeat every 15 s; three missed ones mean that nobody is there.
const SILENCE_MS = 45_000

/** Follows the stream until the returned function is called. */
export function followLive(watcher: LiveWatcher): () => void {
  const ending = new AbortController()
  void run(watcher, ending.signal)
  return () => ending.abort()
}

async function run(watcher: LiveWatcher, signal: AbortSignal): Promise<void> {
  let wait = FIRST_WAIT_MS
  let wasConnected = false
  while (!signal.aborted) {
    try {
      await readOnce(watcher, signal, () => {
        wait = FIRST_WAIT_MS
        watcher.onState('live')
        if (wasConnected) watcher.onGap()
        wasConnected = true
      })
    } catch (cause) {
      if (cause instanceof ApiError && cause.status === 401) return
    }
    if (signal.aborted) return
    watcher.onState('lost')
    await new Promise((resolve) => setTimeout(resolve, wait))
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
  }
}

async function readOnce(watcher: LiveWatcher, signal: AbortSignal, onOpen: () => void): Promise<void> {
  const silence = new AbortController()
  const give = AbortSignal.any([signal, silence.signal])
  let timer = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    const response = await open('/live', give)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    if (!reader) return
    onOpen()
    const parse = streamParser()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), SILENCE_MS)
      for (const event of parse(value)) tell(watcher, event.event, event.text)
    }
  } finally {
    clearTimeout(timer)
  }
}

function tell(watcher: LiveWatcher, event: string, text: string): void {
  if (event === 'resync') watcher.onGap()
  // The second is the first, where alerts changed too.
  if (event !== 'change' && event !== 'alerts') return
  const told: unknown = JSON.parse(text)
  if (typeof told !== 'object' || told === null) return
  const { session_ids: ids, raised, open } = told as { [Name in keyof Changed]?: unknown }
  // What is dangerous is drawn before anything is asked for.
  if (event === 'alerts') watcher.onAlerts(Array.isArray(raised) ? raised.filter(isRaised) : [], isCounts(open) ? open : null)
  if (Array.isArray(ids)) watcher.onChange(ids.filter((id) => typeof id === 'string'))
}

function isRaised(value: unknown): value is AlertRecord {
  if (typeof value !== 'object' || value === null) return false
  const alert = value as Partial<Record<keyof AlertRecord, unknown>>
  const isText = (['alert_id', 'rule', 'session_id', 'reason', 'fingerprint', 'state'] as const).every((name) => typeof alert[name] === 'string')
  return isText && SEVERITIES.some((each) => each === alert.severity)
}

function isCounts(value: unknown): value is OpenAlerts {
  if (typeof value !== 'object' || value === null) return false
  const counts = value as Partial<Record<string, unknown>>
  return SEVERITIES.every((each) => typeof counts[each] === 'number')
}
