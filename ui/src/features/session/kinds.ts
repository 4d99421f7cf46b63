// How each kind of step looks: a glyph, a word, and the kind of time it spends. The same everywhere.
import type { EventKind, EventRecord, Outcome } from '@/api/types'

interface KindLook {
  glyph: string
  word: string
  /** Class of the text colour, and of the bar. */
  tone: string
  bar: string
}

export const KINDS: Record<EventKind, KindLook> = {
  prompt: { glyph: '❯', word: 'prompt', tone: 'text-accent', bar: 'bg-accent' },
  model_request: { glyph: '◇', word: 'model request', tone: 'text-model', bar: 'bg-model' },
  tool_call: { glyph: '▪', word: 'tool call', tone: 'text-tool', bar: 'bg-tool' },
  tool_result: { glyph: '▪', word: 'tool result', tone: 'text-tool', bar: 'bg-tool' },
  subagent_spawn: { glyph: '▪', word: 'agent begun', tone: 'text-tool', bar: 'bg-tool' },
  compaction: { glyph: '▼', word: 'compaction', tone: 'text-model', bar: 'bg-model' },
  error: { glyph: '✕', word: 'error', tone: 'text-bad', bar: 'bg-bad' },
  retry: { glyph: '↻', word: 'retry', tone: 'text-retry', bar: 'bg-retry' },
  notification: { glyph: '◦', word: 'notification', tone: 'text-muted', bar: 'bg-idle' },
  permission_request: { glyph: '?', word: 'permission asked', tone: 'text-wait', bar: 'bg-wait' },
  session_start: { glyph: '┌', word: 'session start', tone: 'text-muted', bar: 'bg-idle' },
  session_end: { glyph: '└', word: 'session end', tone: 'text-muted', bar: 'bg-idle' },
  stop: { glyph: '◦', word: 'stop', tone: 'text-muted', bar: 'bg-idle' },
  task_notification: { glyph: '◦', word: 'background task', tone: 'text-muted', bar: 'bg-idle' },
  hook: { glyph: '◦', word: 'hook', tone: 'text-hook', bar: 'bg-hook' },
}

interface OutcomeLook {
  glyph: string
  tone: string
  meaning: string
}

/** Every outcome but plain success is said in words. */
export const OUTCOMES: Record<Exclude<Outcome, 'ok'>, OutcomeLook> = {
  running: { glyph: '▶', tone: 'text-good', meaning: 'no end was seen yet' },
  error: { glyph: '✕', tone: 'text-bad', meaning: 'it failed' },
  denied: { glyph: '⊘', tone: 'text-retry', meaning: 'a rule, a mode or a hook denied it' },
  rejected: { glyph: '⊘', tone: 'text-wait', meaning: 'you refused it' },
  interrupted: { glyph: '‖', tone: 'text-wait', meaning: 'it was stopped while it ran' },
  background: { glyph: '↗', tone: 'text-muted', meaning: 'it went on in the background' },
  abandoned: { glyph: '…', tone: 'text-faint', meaning: 'its thread went on or ended without telling of it' },
}

export function outcomeLook(event: EventRecord): (OutcomeLook & { word: string }) | null {
  if (event.outcome !== null && event.outcome !== 'ok') return { ...OUTCOMES[event.outcome], word: event.outcome }
  return null
}

/** The kind's own word, or the tool. */
export function stepName(event: EventRecord): string {
  return event.kind === 'tool_call' || event.kind === 'hook' ? (event.tool_name ?? KINDS[event.kind].word) : KINDS[event.kind].word
}
