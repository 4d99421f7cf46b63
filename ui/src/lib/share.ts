// Parts of a whole as text, and as the width of a bar.

/** `62 %`, `3.4 %`, `<0.1 %`; `–` when either is unknown or the whole is nothing. */
export function shareText(part: number | null, whole: number | null): string {
  const share = shareOf(part, whole)
  if (share === null) return '–'
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return '<0.1 %'
  return `${percent < 9.95 && percent > 0 ? percent.toFixed(1) : Math.round(percent)} %`
}

/** 0 to 1; null when unknown. */
export function shareOf(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || whole <= 0) return null
  return Math.min(1, Math.max(0, part / whole))
}

/** How today stands against the usual, in words: `3.1x a usual Sunday`. */
export function againstUsual(today: number | null, usual: number | null, day: string): string | null {
  if (today === null || usual === null || usual <= 0) return null
  const ratio = today / usual
  if (ratio >= 0.85 && ratio <= 1.18) return `about a usual ${day}`
  if (ratio < 0.85) return ratio < 0.1 ? `far less than a usual ${day}` : `${Math.round(ratio * 100)} % of a usual ${day}`
  return `${ratio < 9.95 ? ratio.toFixed(1) : Math.round(ratio)}x a usual ${day}`
}

/** One amount against another, in words: `90 % less`, `2.5x as much`, `the same`. */
export function lessText(amount: number, other: number): string {
  if (amount === other) return 'the same'
  if (other <= 0) return 'more'
  const ratio = amount / other
  if (ratio >= 1.95) return `${ratio < 9.95 ? ratio.toFixed(1) : Math.round(ratio)}x as much`
  const percent = Math.abs(1 - ratio) * 100
  return `${percent < 0.1 ? '<0.1' : percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} % ${ratio < 1 ? 'less' : 'more'}`
}
