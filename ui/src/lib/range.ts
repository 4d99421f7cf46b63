// The time range of the scope, as it stands in the URL: `24h`, `7d`, … or `2026-11-01..2026-11-22` (days, both in).

export const RANGES = ['1h', '24h', '7d', '30d', 'all'] as const
export const DEFAULT_RANGE = 'all'

const UNIT_MS: Record<string, number> = { h: 3_600_000, d: 86_400_000 }

/** True for a range that can be computed. */
export function isRange(text: string): boolean {
  return text === 'all' || rangeBounds(text, 0) !== null
}

/** Since and until as the API takes them; null for what is no range. `all` has no bounds. */
export function rangeBounds(text: string, nowMs: number): { since?: string; until?: string } | null {
  if (text === 'all') return {}
  const relative = /^(\d{1,4})([hd])$/.exec(text)
  if (relative) {
    const length = Number(relative[1]) * (UNIT_MS[relative[2] ?? ''] ?? 0)
    return { since: new Date(nowMs - length).toISOString() }
  }
  const days = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(text)
  if (!days) return null
  const since = new Date(`${days[1]}T00:00:00`)
  const until = new Date(`${days[2]}T00:00:00`)
  if (Number.isNaN(since.getTime()) || Number.isNaN(until.getTime())) return null
  until.setDate(until.getDate() + 1)
  return { since: since.toISOString(), until: until.toISOString() }
}

/** A range in words. */
export function rangeWords(text: string): string {
  if (text === 'all') return 'all time'
  const relative = /^(\d{1,4})([hd])$/.exec(text)
  if (!relative) return text.replace('..', ' to ')
  const unit = relative[2] === 'h' ? 'hour' : 'day'
  return relative[1] === '1' ? `last ${unit}` : `last ${relative[1]} ${unit}s`
}
