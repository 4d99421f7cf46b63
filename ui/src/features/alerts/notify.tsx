// Whether this browser tells of alerts on the desktop, or by a sound; asked for here, since the browser wants a click for
// either.
import { setChiming, useChiming } from '@/lib/chime'
import { startTelling, stopTelling, useTelling } from '@/lib/tell'

const TITLE = {
  off: 'Show a notification for each critical or high alert while a tab of Argus is open; it names the rule and nothing else',
  on: 'Critical and high alerts are shown as notifications while a tab of Argus is open',
  refused: 'This browser was told to show no notifications of this page; its settings change that',
}

const WISH = 'h-6 rounded-md border border-line px-2 text-12 whitespace-nowrap text-muted hover:bg-hover hover:text-ink disabled:text-faint aria-pressed:border-edge aria-pressed:text-ink'

export function NotifyMe() {
  const state = useTelling()
  const isChiming = useChiming()
  return (
    <span className="flex gap-1.5">
      {state !== 'impossible' && (
        <button type="button" aria-pressed={state === 'on'} disabled={state === 'refused'} title={TITLE[state]} onClick={() => (state === 'on' ? stopTelling() : void startTelling())} className={WISH}>
          {state === 'on' ? '✓ Notify me' : 'Notify me'}
        </button>
      )}
      <button
        type="button"
        aria-pressed={isChiming}
        title={isChiming ? 'Two notes are played for critical and high alerts while a tab of Argus is open' : 'Play two notes for each critical or high alert while a tab of Argus is open'}
        onClick={() => setChiming(isChiming ? 'off' : 'on')}
        className={WISH}
      >
        {isChiming ? '✓ Sound' : 'Sound'}
      </button>
    </span>
  )
}
