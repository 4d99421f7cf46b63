// A thin bar in a cell: how much of the whole. The figure stands beside it.

export function ShareBar({ share, tone = 'bg-accent' }: { share: number | null; tone?: string }) {
  return (
    <span aria-hidden="true" className="block h-2 w-full rounded-sm bg-line">
      {share !== null && share > 0 && <span className={`block h-2 rounded-sm ${tone}`} style={{ width: `${Math.max(1.5, share * 100)}%` }} />}
    </span>
  )
}
