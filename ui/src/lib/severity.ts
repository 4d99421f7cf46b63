// How bad a finding is: five grades, the worst first. The same words in records, in the URL and on the page.

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** 0 for the worst. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severityRank(severity) <= severityRank(least)
}

/** How many of these grades, `medium` and worse unless told. */
export function countAtLeast(counts: Readonly<Record<Severity, number>>, least: Severity = 'medium'): number {
  return SEVERITIES.filter((each) => isAtLeast(each, least)).reduce((sum, each) => sum + counts[each], 0)
}

/** The worst grade that occurs; null when none does. */
export function worstIn(counts: Readonly<Record<Severity, number>>): Severity | null {
  return SEVERITIES.find((each) => counts[each] > 0) ?? null
}

/** `1 critical, 3 high, 2 medium`; what does not occur is left out. */
export function severityWords(counts: Readonly<Record<Severity, number>>, least: Severity = 'info'): string {
  return SEVERITIES.filter((each) => isAtLeast(each, least) && counts[each] > 0)
    .map((each) => `${counts[each]} ${each}`)
    .join(', ')
}
