// Notifications of the browser, for who wants them: while a tab of Argus is open, each alert of at least high severity is told
// by its rule's name and nothing else. The wish is this browser's own and stays in it.
import { useSyncExternalStore } from 'react'

export type Telling = 'impossible' | 'refused' | 'off' | 'on'

interface Told {
  alert_id: string
  rule: string
  severity: string
}

const KEY = 'argus.notify'
const watchers = new Set<() => void>()

export function telling(): Telling {
  if (!('Notification' in globalThis)) return 'impossible'
  if (Notification.permission === 'denied') return 'refused'
  try {
    return localStorage.getItem(KEY) === 'on' && Notification.permission === 'granted' ? 'on' : 'off'
  } catch {
    return 'off'
  }
}

export function useTelling(): Telling {
  return useSyncExternalStore(
    (onChange) => {
      watchers.add(onChange)
      return () => watchers.delete(onChange)
    },
    telling,
  )
}

/** Asks the browser for leave, which asks the person. */
export async function startTelling(): Promise<void> {
  const answer = await Notification.requestPermission()
  keep(answer === 'granted' ? 'on' : 'off')
}

export function stopTelling(): void {
  keep('off')
}

function keep(wish: 'on' | 'off'): void {
  try {
    localStorage.setItem(KEY, wish)
  } catch {
    // Storage refused: then there is no wish.
  }
  for (const changed of watchers) changed()
}

/** Tells of alerts, many at once as one. */
export function tell(raised: readonly Told[], onOpen: (alert: Told) => void): void {
  const first = raised[0]
  if (first === undefined || telling() !== 'on') return
  const text = raised.length === 1 ? `${first.severity}: ${first.rule}` : `${raised.length} new alerts, ${first.severity}: ${first.rule}`
  // The same alert told by two tabs is shown once.
  const shown = new Notification('Argus', { body: text, tag: first.alert_id })
  shown.addEventListener('click', () => {
    window.focus()
    onOpen(first)
  })
}
