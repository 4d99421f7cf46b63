// The two questions of triage: why is it resolved, and until when is what muted.
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { muteChoices } from '@/lib/mute'
import { Choice } from './choice'
import { Dialog } from './dialog'
import type { Reach } from './triage'

const BUTTON = 'h-7 rounded-md border border-edge px-3 hover:bg-hover disabled:text-faint disabled:hover:bg-transparent'
const REASONS = ['False alarm', 'I meant it to do this', 'Repaired', 'Reported'] as const

interface ResolveProps {
  subject: string
  onResolve: (reason: string) => void
  onClose: () => void
}

export function ResolveDialog({ subject, onResolve, onClose }: ResolveProps) {
  const [reason, setReason] = useState('')
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const done = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (reason.trim() !== '') onResolve(reason.trim())
  }
  return (
    <Dialog label={`Resolve ${subject}`} onClose={onClose}>
      <form onSubmit={done} className="p-4">
        <h2 className="text-14">Resolve {subject}: why?</h2>
        <input
          ref={input}
          aria-label="Reason"
          required
          maxLength={500}
          value={reason}
          placeholder="For whoever looks at it later"
          onChange={(event) => setReason(event.target.value)}
          className="mt-3 h-8 w-full rounded-md border border-edge bg-ground px-2 placeholder:text-faint"
        />
        <div className="mt-2 flex flex-wrap gap-1.5">
          {REASONS.map((each) => (
            <button key={each} type="button" className="h-6 rounded-md border border-line px-2 text-12 text-muted hover:bg-hover hover:text-ink" onClick={() => onResolve(each)}>
              {each}
            </button>
          ))}
        </div>
        <div className="mt-4 flex justify-end gap-2">
          <button type="button" className={BUTTON} onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={`${BUTTON} border-accent`} disabled={reason.trim() === ''}>
            Resolve
          </button>
        </div>
      </form>
    </Dialog>
  )
}

const REACHES: ReadonlyArray<{ key: Reach; label: string; title: string }> = [
  { key: 'group', label: 'whenever the same happens', title: 'This rule, in this project, for such a command or path, in every session' },
  { key: 'session', label: 'this rule in this session', title: 'Whatever the rule finds in this session' },
  { key: 'project', label: 'this rule in this project', title: 'Whatever the rule finds in this project' },
  { key: 'alert', label: 'this alert alone', title: 'The next time the same happens is told again' },
]

interface MuteProps {
  subject: string
  onMute: (until: string, reach: Reach) => void
  onClose: () => void
}

export function MuteDialog({ subject, onMute, onClose }: MuteProps) {
  const [choices] = useState(() => muteChoices(Date.now()))
  const [day, setDay] = useState('')
  const [reach, setReach] = useState<Reach>('group')
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus(), [])
  const own = day === '' ? null : new Date(`${day}T09:00`)
  const isOwnGood = own !== null && !Number.isNaN(own.getTime()) && own.getTime() > (choices[0]?.fromMs ?? 0)
  return (
    <Dialog label={`Mute ${subject}`} onClose={onClose}>
      <div className="p-4">
        <h2 className="text-14">Mute {subject}: until when?</h2>
        <div className="mt-2">
          <Choice label="What is muted" options={REACHES} chosen={reach} onChoose={setReach} />
        </div>
        <ul className="mt-2">
          {choices.map((choice, at) => (
            <li key={choice.label}>
              <button ref={at === 0 ? first : undefined} type="button" className="flex h-8 w-full items-center gap-3 rounded-md px-2 text-left hover:bg-hover" onClick={() => onMute(choice.until, reach)}>
                <span className="w-28">{choice.label}</span>
                <span className="text-muted">{choice.words}</span>
              </button>
            </li>
          ))}
        </ul>
        <form
          className="mt-2 flex items-center gap-2 border-t border-line pt-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (isOwnGood && own) onMute(own.toISOString(), reach)
          }}
        >
          <label className="flex items-center gap-2">
            until the morning of
            <input type="date" value={day} onChange={(event) => setDay(event.target.value)} className="h-7 rounded-md border border-edge bg-ground px-2" />
          </label>
          <button type="submit" className={BUTTON} disabled={!isOwnGood}>
            Mute
          </button>
          <button type="button" className={`${BUTTON} ml-auto`} onClick={onClose}>
            Cancel
          </button>
        </form>
      </div>
    </Dialog>
  )
}
