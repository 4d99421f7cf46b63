// What a person does with an alert, offered to every page that shows one. The app gives the meaning (the API, the
// notices, the dialogs); pages say which alert, and whether all of its group are meant.
import { createContext, useContext } from 'react'

export interface TriagedAlert {
  alert_id: string
  rule: string
  session_id: string
  project: string | null
  fingerprint: string
  state: 'open' | 'acknowledged' | 'resolved' | 'muted' | 'superseded'
  state_reason: string | null
  muted_until: string | null
}

/** Which alerts are meant: one, whenever the same happened, or all of its rule in its session or project. */
export type Reach = 'alert' | 'group' | 'session' | 'project'

export interface TriageSubject {
  alert: TriagedAlert
  scope: Reach
  /** For a group: how many there are, and how many of them are open. */
  count?: number
  openCount?: number
  /** Called once the change is on its way: the moment to go on to the next. */
  onDone?: () => void
}

export interface Triage {
  acknowledge: (subject: TriageSubject) => void
  /** Asks for the reason first. */
  resolve: (subject: TriageSubject) => void
  /** Asks until when first. */
  mute: (subject: TriageSubject) => void
  reopen: (subject: TriageSubject) => void
}

export const TriageContext = createContext<Triage | null>(null)

export function useTriage(): Triage {
  const triage = useContext(TriageContext)
  if (!triage) throw new Error('no triage here')
  return triage
}

export const STATE_LOOKS: Record<TriagedAlert['state'], { tone: string; meaning: string }> = {
  open: { tone: 'text-ink', meaning: 'nobody has looked at it yet' },
  acknowledged: { tone: 'text-accent', meaning: 'somebody has seen it' },
  resolved: { tone: 'text-good', meaning: 'it is dealt with' },
  muted: { tone: 'text-muted', meaning: 'put aside until later' },
  superseded: { tone: 'text-faint', meaning: 'facts that came later showed that it was none' },
}
