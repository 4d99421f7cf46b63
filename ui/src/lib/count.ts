// Counts and sizes as text: short on the page (`12.4k`), exact on demand (`12,431`). Unknown is `–`.

import { groupedDigits } from './digits'

const STEPS: ReadonlyArray<[number, string]> = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
]

/** `950`, `12.4k`, `3.2M`; `–` when unknown. */
export function countText(count: number | null | undefined): string {
  if (count === null || count === undefined) return '–'
  for (const [unit, letter] of STEPS) {
    // 999,950 rounds to 1,000k: the next unit says it better.
    if (Math.abs(count) >= unit * 0.99995) return `${threeDigits(count / unit)}${letter}`
  }
  return String(count)
}

function threeDigits(value: number): string {
  if (Math.abs(value) >= 99.95) return String(Math.round(value))
  return value.toFixed(1).replace(/\.0$/, '')
}

/** Every digit, grouped; `–` when unknown. */
export function countExact(count: number | null | undefined): string {
  return count === null || count === undefined ? '–' : groupedDigits(count)
}

/** `1.2 MB`, in powers of 1000 as disks count; `–` when unknown. */
export function sizeText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '–'
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${threeDigits(value)} ${units[unit]}`
}

/** `1 error`, `2 errors`, `1.2k errors`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${countText(count)} ${count === 1 ? singular : plural}`
}
