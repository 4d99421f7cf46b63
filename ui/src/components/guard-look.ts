// How an answer of the guard looks, and which rules it names.
type Answer = 'deny' | 'ask' | 'released' | 'pass'

export const GUARD_LOOKS: Record<Answer, { word: string; tone: string; meaning: string }> = {
  deny: { word: 'denied', tone: 'text-bad', meaning: 'the guard said that it must not run' },
  ask: { word: 'asked', tone: 'text-wait', meaning: 'the guard had the person asked' },
  released: { word: 'let pass', tone: 'text-accent', meaning: 'a person had let pass what the guard would have stopped' },
  pass: { word: 'silent', tone: 'text-muted', meaning: 'no rule minded, and the guard said nothing' },
}

/** The rules that answered, or that would have. */
export function guardRules(decision: { answer: Answer; rules: readonly string[]; released: readonly string[] }): readonly string[] {
  return decision.answer === 'released' ? decision.released : decision.rules
}
