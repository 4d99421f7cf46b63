// Counts of the last days in the size of a word. The figures stand in its title and beside it.

const STEP = 4
const HEIGHT = 16

export function Spark({ label, counts, tone = 'text-accent' }: { label: string; counts: readonly number[]; tone?: string }) {
  const most = Math.max(1, ...counts)
  return (
    <svg viewBox={`0 0 ${counts.length * STEP} ${HEIGHT}`} width={counts.length * STEP} height={HEIGHT} role="img" aria-label={label} className={`shrink-0 ${tone}`}>
      <title>{label}</title>
      <rect x={0} y={HEIGHT - 1} width={counts.length * STEP} height={1} fill="var(--line)" />
      {counts.map((count, at) => {
        // The square root keeps a single one visible beside a hundred.
        const tall = count === 0 ? 0 : Math.max(2, Math.sqrt(count / most) * HEIGHT)
        return <rect key={at} x={at * STEP} y={HEIGHT - tall} width={STEP - 1} height={tall} fill="currentColor" />
      })}
    </svg>
  )
}
