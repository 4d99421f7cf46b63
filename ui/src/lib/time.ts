// Moments and spans as text. Moments come as RFC 3339 in UTC with microseconds; on the page they are short and local,
// on hover exact with the zone named.

import { groupedDigits } from './digits'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Milliseconds since the epoch, with the microseconds kept as a fraction; null when unknown or no moment. */
export function momentMs(text: string | null | undefined): number | null {
  if (!text) return null
  const whole = Date.parse(text)
  if (Number.isNaN(whole)) return null
  const fraction = /\.\d{3}(\d{1,6})/.exec(text)?.[1]
  return fraction ? whole + Number(`0.${fraction}`) : whole
}

/** `340 ms`, `1.8 s`, `2 m 14 s`, `42 min`, `3 h 12 m`, `2 d 4 h`; `–` when unknown. */
export function durationText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  if (ms < 0) return `−${durationText(-ms)}`
  if (ms < 999.5) return ms > 0 && ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / SECOND).toFixed(1)} s`
  if (ms < 10 * MINUTE) return pair(Math.round(ms / SECOND), 60, 'm', 's')
  if (ms < HOUR - MINUTE / 2) return `${Math.round(ms / MINUTE)} min`
  if (ms < DAY) return pair(Math.round(ms / MINUTE), 60, 'h', 'm')
  return pair(Math.round(ms / HOUR), 24, 'd', 'h')
}

function pair(total: number, per: number, big: string, small: string): string {
  const rest = total % per
  return rest === 0 ? `${Math.floor(total / per)} ${big}` : `${Math.floor(total / per)} ${big} ${rest} ${small}`
}

/** `14,203 ms`, with the short form where it says more. */
export function durationExact(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return 'duration unknown'
  const exact = `${groupedDigits(ms, 0, 3)} ms`
  return ms < SECOND ? exact : `${durationText(ms)} (${exact})`
}

/** `now`, `3 min ago`, `2 h ago`, `5 d ago`, then the date; `–` when unknown. */
export function agoText(text: string | null | undefined, nowMs: number): string {
  const at = momentMs(text)
  if (at === null) return '–'
  const past = nowMs - at
  if (past < -MINUTE) return stampText(text)
  if (past < 10 * SECOND) return 'now'
  if (past < MINUTE) return `${Math.floor(past / SECOND)} s ago`
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`
  if (past < 14 * DAY) return `${Math.floor(past / DAY)} d ago`
  return dateText(at)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function dateText(ms: number): string {
  const date = new Date(ms)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Local clock time, `14:03:22`; `–` when unknown. */
export function clockText(text: string | null | undefined): string {
  const at = momentMs(text)
  if (at === null) return '–'
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** The clock time; with the day before it where that is another one than `since` lies on: `11-22 14:03:22`. */
export function clockWithin(text: string | null | undefined, since: string | null | undefined): string {
  const [at, from] = [momentMs(text), momentMs(since)]
  return at === null || from === null || dateText(at) === dateText(from) ? clockText(text) : `${dateText(at).slice(5)} ${clockText(text)}`
}

/** Local date and time to the minute, `2026-11-22 14:03`. */
export function stampText(text: string | null | undefined): string {
  const at = momentMs(text)
  if (at === null) return '–'
  const date = new Date(at)
  return `${dateText(at)} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** All of it: local time with milliseconds, its offset, and the moment as it came. */
export function momentExact(text: string | null | undefined): string {
  const at = momentMs(text)
  if (at === null) return 'time unknown'
  const date = new Date(at)
  const minutes = -date.getTimezoneOffset()
  const sign = minutes < 0 ? '−' : '+'
  const offset = `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
  return `${dateText(at)} ${clockText(text)}.${String(date.getMilliseconds()).padStart(3, '0')} ${offset} (${text})`
}
