// Days as the API names them, `2026-11-22`: calendar days of the reader's zone, never moments.

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

function partsOf(day: string): [number, number, number] | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day)
  return match ? [Number(match[1]), Number(match[2]) - 1, Number(match[3])] : null
}

/** `Sunday`; empty for what is no day. */
export function weekdayOf(day: string): string {
  const parts = partsOf(day)
  return parts ? (WEEKDAYS[new Date(Date.UTC(...parts)).getUTCDay()] ?? '') : ''
}

/** `22 Nov`. */
export function dayText(day: string): string {
  const parts = partsOf(day)
  return parts ? `${parts[2]} ${MONTHS[parts[1]] ?? ''}` : day
}

/** `Sun 2026-11-22`. */
export function dayExact(day: string): string {
  return partsOf(day) ? `${weekdayOf(day).slice(0, 3)} ${day}` : day
}

/** The day before or after by so many. */
export function dayPlus(day: string, days: number): string {
  const parts = partsOf(day)
  return parts ? new Date(Date.UTC(parts[0], parts[1], parts[2] + days)).toISOString().slice(0, 10) : day
}

/** The day of a moment in the reader's zone. */
export function dayOfMs(ms: number): string {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** So many days up to and with the last one, oldest first. */
export function lastDays(last: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => dayPlus(last, at - count + 1))
}
