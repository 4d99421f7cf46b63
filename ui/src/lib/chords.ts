// Keys and chords (`g s`): what a key press is called, and which binding a sequence of presses means.

/** A key press by name: `j`, `?`, `ctrl+k`, `Enter`. Meta counts as ctrl, so that one name serves every keyboard. */
export function pressName(press: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): string {
  const key = press.key.length === 1 && (press.ctrlKey || press.metaKey) ? press.key.toLowerCase() : press.key
  return `${press.ctrlKey || press.metaKey ? 'ctrl+' : ''}${press.altKey ? 'alt+' : ''}${key}`
}

const PATIENCE_MS = 1200

/** Matches presses against bindings such as `j` and `g s`. Holds the first half of a chord for a moment. */
export function chordReader(): (press: string, bindings: Iterable<string>, nowMs: number) => string | null {
  let held = ''
  let heldAt = 0
  return (press, bindings, nowMs) => {
    const sequence = held !== '' && nowMs - heldAt < PATIENCE_MS ? `${held} ${press}` : press
    held = ''
    let opensChord = false
    for (const binding of bindings) {
      if (binding === sequence) return binding
      if (binding.startsWith(`${sequence} `)) opensChord = true
    }
    if (opensChord) {
      held = sequence
      heldAt = nowMs
    }
    return null
  }
}
