// What triage means here: the change is sent, shown at once, told in a notice, and can be undone.
import { useCallback, useMemo, useState, type ReactNode } from 'react'
import { inverseOf, useActOnAlert, type AlertOrder } from '@/api/alerts'
import { useSay } from '@/components/notices'
import { TriageContext, type Triage, type TriageSubject } from '@/components/triage'
import { MuteDialog, ResolveDialog } from '@/components/triage-dialogs'
import { stampText } from '@/lib/time'

const DONE_WORDS: Record<AlertOrder['action'], string> = { acknowledge: 'Acknowledged', resolve: 'Resolved', mute: 'Muted', reopen: 'Opened again' }

export function TriageProvider({ children }: { children: ReactNode }) {
  const act = useActOnAlert()
  const say = useSay()
  const [asked, setAsked] = useState<{ question: 'resolve' | 'mute'; subject: TriageSubject } | null>(null)

  const run = useCallback(
    (subject: TriageSubject, request: AlertOrder): void => {
      const refused = (cause: unknown): void => say({ tone: 'bad', text: `Not changed: ${cause instanceof Error ? cause.message : String(cause)}` })
      const undo = undoOf(subject)
      setAsked(null)
      subject.onDone?.()
      act(subject.alert, { ...request, scope: subject.scope })
        .then((answer) => {
          const until = request.until === undefined ? '' : ` until ${stampText(request.until)}`
          const what = answer.changed_count > 1 ? `${answer.changed_count} alerts of ${subject.alert.rule}` : subject.alert.rule
          say({
            text: `${DONE_WORDS[request.action]}${until}: ${what}`,
            action: undo && { label: 'Undo', press: 'u', run: () => void act(answer.alert, undo).catch(refused) },
          })
        })
        .catch(refused)
    },
    [act, say],
  )
  const triage = useMemo<Triage>(
    () => ({
      acknowledge: (subject) => run(subject, { action: 'acknowledge' }),
      reopen: (subject) => run(subject, { action: 'reopen' }),
      resolve: (subject) => setAsked({ question: 'resolve', subject }),
      mute: (subject) => setAsked({ question: 'mute', subject }),
    }),
    [run],
  )

  const close = (): void => setAsked(null)
  return (
    <TriageContext value={triage}>
      {children}
      {asked?.question === 'resolve' && <ResolveDialog subject={wordsOf(asked.subject)} onResolve={(reason) => run(asked.subject, { action: 'resolve', reason })} onClose={close} />}
      {asked?.question === 'mute' && <MuteDialog subject={wordsOf(asked.subject)} onMute={(until, scope) => run({ ...asked.subject, scope }, { action: 'mute', until })} onClose={close} />}
    </TriageContext>
  )
}

function wordsOf({ alert, scope, count }: TriageSubject): string {
  return scope !== 'alert' && count !== undefined && count > 1 ? `${count} alerts of ${alert.rule}` : alert.rule
}

/** Undone is what leads every alert back to where it was: for several only if all of them were open. */
function undoOf({ alert, scope, count, openCount }: TriageSubject): AlertOrder | undefined {
  const back = inverseOf(alert)
  if (!back || (scope !== 'alert' && (count !== openCount || alert.state !== 'open'))) return undefined
  return { ...back, scope }
}
