// Letting something pass that the guard stops: for how long is asked first, for the way out must end by itself.
import { useEffect, useRef, useState } from 'react'
import { Dialog } from './dialog'

const BUTTON = 'h-7 rounded-md border border-edge px-3 hover:bg-hover'
const CHOICES: ReadonlyArray<{ minutes: number; label: string }> = [
  { minutes: 5, label: '5 minutes' },
  { minutes: 15, label: '15 minutes' },
  { minutes: 60, label: 'one hour' },
  { minutes: 240, label: 'four hours' },
  { minutes: 1440, label: 'one day' },
]

interface ReleaseProps {
  /** What is let pass: `fs.rm-rf in this session`. */
  what: string
  label?: string
  className?: string
  onRelease: (minutes: number) => void
}

/** A button that lets something pass, once it is known for how long. */
export function ReleaseButton({ what, label = 'Let pass…', className = BUTTON, onRelease }: ReleaseProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className={className} onClick={() => setOpen(true)}>
        {label}
      </button>
      {isOpen && <ReleaseDialog what={what} onClose={() => setOpen(false)} onRelease={onRelease} />}
    </>
  )
}

function ReleaseDialog({ what, onClose, onRelease }: { what: string; onClose: () => void; onRelease: (minutes: number) => void }) {
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <Dialog label={`Let pass: ${what}`} onClose={onClose}>
      <div className="p-4">
        <h2 className="text-14">Let pass: {what}. For how long?</h2>
        <ul className="mt-2">
          {CHOICES.map((choice, at) => (
            <li key={choice.minutes}>
              <button
                ref={at === 0 ? first : undefined}
                type="button"
                className="flex h-8 w-full items-center rounded-md px-2 text-left hover:bg-hover"
                onClick={() => {
                  onRelease(choice.minutes)
                  onClose()
                }}
              >
                {choice.label}
              </button>
            </li>
          ))}
        </ul>
        <p className="mt-2 text-12 text-muted">The agent is not told; what it tries again passes. It can be taken back on the guard page.</p>
        <div className="mt-3 flex justify-end">
          <button type="button" className={BUTTON} onClick={onClose}>
            Cancel
          </button>
        </div>
      </div>
    </Dialog>
  )
}
