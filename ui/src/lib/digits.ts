// Digits in groups of three. Formatters are kept: making one anew for each number is what `toLocaleString` does, and
// it took most of the time of scrolling.

const kept = new Map<number, Intl.NumberFormat>()

/** `12,431.50`: with at least and at most so many decimals. */
export function groupedDigits(value: number, fewest = 0, most = fewest): string {
  const key = fewest * 100 + most
  let format = kept.get(key)
  if (!format) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: fewest, maximumFractionDigits: most })
    kept.set(key, format)
  }
  return format.format(value)
}
