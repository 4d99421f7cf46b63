// How bad a finding is: a shape and a word, so that colour is never the only signal.
import { SEVERITIES, type Severity } from '@/lib/severity'

const LOOKS: Record<Severity, { path: string; isFilled: boolean; tone: string; meaning: string }> = {
  critical: { path: 'M4 1h4l3 3v4l-3 3H4L1 8V4z', isFilled: true, tone: 'text-critical', meaning: 'harm that may not be undone: look at once' },
  high: { path: 'M6 1 11.500 11H.5z', isFilled: true, tone: 'text-high', meaning: 'likely harm: look today' },
  medium: { path: 'M6 1.500 11 10.500H1z', isFilled: false, tone: 'text-medium', meaning: 'unusual: look when you have time' },
  low: { path: 'M6 1.500a4.500 4.500 0 1 0 .01 0z', isFilled: false, tone: 'text-low', meaning: 'harmless in most cases, kept beside the rest' },
  info: { path: 'M6 4v6M6 1.500v1', isFilled: false, tone: 'text-muted', meaning: 'worth knowing, nothing to do' },
}

export function severityTone(severity: Severity): string {
  return LOOKS[severity].tone
}

function Shape({ severity }: { severity: Severity }) {
  const { path, isFilled } = LOOKS[severity]
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" fill={isFilled ? 'currentColor' : 'none'} stroke="currentColor" strokeWidth="1.2" strokeLinejoin="round" aria-hidden="true" className="shrink-0">
      <path d={path} />
      {isFilled && <path d="M6 4v2.800M6 8.300v.9" stroke="var(--ground)" />}
    </svg>
  )
}

/** The shape alone, with the word for those who do not see it. */
export function SeverityGlyph({ severity }: { severity: Severity }) {
  const look = LOOKS[severity]
  return (
    <span className={`inline-flex shrink-0 ${look.tone}`} title={`${severity}: ${look.meaning}`}>
      <Shape severity={severity} />
      <span className="sr-only">{severity}</span>
    </span>
  )
}

/** Shape and word. */
export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${LOOKS[severity].tone}`} title={LOOKS[severity].meaning}>
      <Shape severity={severity} />
      {severity}
    </span>
  )
}

/** How many of each grade; those that do not occur are left out. */
export function SeverityCounts({ counts }: { counts: Readonly<Record<Severity, number>> }) {
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-3">
      {SEVERITIES.filter((each) => counts[each] > 0).map((each) => (
        <span key={each} className={`inline-flex items-center gap-1 whitespace-nowrap ${LOOKS[each].tone}`}>
          <Shape severity={each} />
          {counts[each]} {each}
        </span>
      ))}
    </span>
  )
}
