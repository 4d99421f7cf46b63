// How many alerts are open, wherever one is: in the top bar in words, on the rail as a number.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { openAlerts } from '@/api/alerts'
import { SeverityGlyph, severityTone } from '@/components/severity'
import { countText } from '@/lib/count'
import { countAtLeast, severityWords, worstIn } from '@/lib/severity'

export function useOpenAlerts() {
  const open = useQuery(openAlerts()).data
  if (!open) return null
  const count = countAtLeast(open)
  const worst = count === 0 ? null : worstIn(open)
  return { count, worst, words: count === 0 ? 'no open alerts' : `open alerts: ${severityWords(open, 'medium')}` }
}

/** In the top bar: nothing while nothing is open. */
export function AlertBadge() {
  const open = useOpenAlerts()
  if (!open?.worst) return null
  return (
    <Link to="/alerts" title={`${open.words} (g a)`} className={`flex h-6 items-center gap-1 rounded-md border border-line px-1.5 text-12 whitespace-nowrap hover:bg-hover ${severityTone(open.worst)}`}>
      <SeverityGlyph severity={open.worst} />
      {countText(open.count)}
      <span className="sr-only">{open.words}</span>
    </Link>
  )
}
