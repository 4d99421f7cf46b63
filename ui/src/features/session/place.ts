// Where one is in a session, as it stands in the URL: `at=t:PROMPT~12` names a thread and a step's position, `step=KEY`
// the step itself (the id survives a re-ingest, the position makes the link fast), `zoom=1000-5000` the part of
// time; which threads are open (`open`) is read in folds.ts.

/** What a link to a session carries. */
export interface SessionPlace {
  step?: string | undefined
  at?: string | undefined
  view?: string | undefined
  tab?: string | undefined
  zoom?: string | undefined
  gaps?: string | undefined
  open?: string | undefined
}

/** The selected row: a thread's own (`step` null), or one of its steps. */
export interface Selection {
  key: string
  step: number | null
}

export function parseSelection(text: string | undefined): Selection | null {
  if (text === undefined || !/^[ta]:/.test(text)) return null
  const mark = text.lastIndexOf('~')
  if (mark < 0) return { key: text, step: null }
  const step = Number(text.slice(mark + 1))
  return Number.isSafeInteger(step) && step >= 0 ? { key: text.slice(0, mark), step } : null
}

export function selectionText({ key, step }: Selection): string {
  return step === null ? key : `${key}~${step}`
}

/** A part of time in milliseconds after the session's start. */
export function parseZoom(text: string | undefined): { from: number; to: number } | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '')
  const from = Number(match?.[1])
  const to = Number(match?.[2])
  return match && to > from ? { from, to } : null
}

/** The part of an event's id that is its own; the rest is the session's. */
export function eventKey(eventId: string): string {
  return eventId.slice(eventId.indexOf('~') + 1)
}
