// Until when something may be muted: an hour, tomorrow morning, next Monday, a week. Never for ever: what is muted
// comes back.
import { stampText } from './time'

export interface MuteChoice {
  label: string
  until: string
  words: string
  fromMs: number
}

const MORNING = 9

export function muteChoices(nowMs: number): MuteChoice[] {
  const choice = (label: string, until: Date): MuteChoice => ({ label, until: until.toISOString(), words: stampText(until.toISOString()), fromMs: nowMs })
  const morning = (days: number): Date => {
    const date = new Date(nowMs)
    date.setDate(date.getDate() + days)
    date.setHours(MORNING, 0, 0, 0)
    return date
  }
  const toMonday = (8 - new Date(nowMs).getDay()) % 7 || 7
  return [
    choice('for an hour', new Date(nowMs + 3_600_000)),
    choice('until tomorrow', morning(1)),
    choice('until Monday', morning(toMonday)),
    choice('for a week', morning(7)),
    choice('for 30 days', morning(30)),
  ]
}
