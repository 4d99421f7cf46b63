// How much of what Claude Code reported is explained, behind a sum of money: the way to the page that says why.
import { Link } from '@tanstack/react-router'
import { counted } from '@/lib/count'
import { explainedWords } from '@/lib/drift'
import { usdText } from '@/lib/money'

interface Totals {
  explained_millionths: number | null
  reported_sessions: number
  unreported_sessions: number
  reported_usd: number | null
  hidden_usd: number | null
}

/** `of` says of which sessions: `alive on the last 30 days`. */
export function Explained({ totals, of, project, range }: { totals: Totals; of: string; project?: string | undefined; range?: string | undefined }) {
  const words = explainedWords(totals)
  if (words === null) return null
  const unreported = totals.unreported_sessions > 0 ? `; ${counted(totals.unreported_sessions, 'session')} left no report` : ''
  return (
    <Link
      to="/cost"
      search={{ view: 'reconciliation', project, range }}
      className="text-13 text-muted hover:text-ink hover:underline"
      title={`Of the ${usdText(totals.reported_usd, 'reported')} that Claude Code itself reported of ${counted(totals.reported_sessions, 'session')} ${of}${unreported}`}
    >
      {words}
    </Link>
  )
}
