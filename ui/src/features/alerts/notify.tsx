// Whether this browser tells of alerts on the desktop; asked for here, since the browser wants a click for it.
import { startTelling, stopTelling, useTelling } from '@/lib/tell'

const TITLE = {
  off: 'Show a notification for each critical or high alert while a tab of Argus is open; it names the rule and nothing else',
  on: 'Critical and high alerts are shown as notifications while a tab of Argus is open',
  refused: 'This browser was told to show no notifications of this page; its settings change that',
}

export function NotifyMe() {
  const state = useTelling()
  if (state === 'impossible') return null
  return (
    <button
      type="button"
      aria-pressed={state === 'on'}
      disabled={state === 'refused'}
      title={TITLE[state]}
      onClick={() => (state === 'on' ? stopTelling() : void startTelling())}
      className="h-6 rounded-md border border-line px-2 text-12 whitespace-nowrap text-muted hover:bg-hover hover:text-ink disabled:text-faint aria-pressed:border-edge aria-pressed:text-ink"
    >
      {state === 'on' ? '✓ Notify me' : 'Notify me'}
    </button>
  )
}
