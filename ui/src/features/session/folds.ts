// Which threads are open, as it stands in the URL: `open=none,t:PROMPT,a:AGENT` names what is open by itself (`all`, `turns`
// or `none`) and the threads that differ from it. Whichever of the three leaves the shortest list is written.

const WAYS = ['all', 'turns', 'none'] as const
export type Unfolded = (typeof WAYS)[number]

export interface Folds {
  unfolded: Unfolded
  differing: ReadonlySet<string>
}

function isOpenBy(unfolded: Unfolded, key: string): boolean {
  return unfolded === 'all' || (unfolded === 'turns' && key.startsWith('t:'))
}

export function isOpen({ unfolded, differing }: Folds, key: string): boolean {
  return isOpenBy(unfolded, key) !== differing.has(key)
}

export function parseFolds(text: string | undefined): Folds | null {
  const [word, ...keys] = (text ?? '').split(',')
  const unfolded = WAYS.find((each) => each === word)
  try {
    return unfolded === undefined ? null : { unfolded, differing: new Set(keys.map(decodeURIComponent)) }
  } catch {
    return null
  }
}

/** `undefined` where nothing differs from what is open by itself. */
export function foldsText({ unfolded, differing }: Folds, initial: Unfolded): string | undefined {
  if (unfolded === initial && differing.size === 0) return undefined
  return [unfolded, ...[...differing].map(encodeURIComponent)].join(',')
}

/** These threads opened or closed; `all` are the threads there are. */
export function withOpen(folds: Folds, keys: readonly string[], open: 'open' | 'closed', all: readonly string[]): Folds {
  const changed = new Set(keys)
  const shall = (key: string): boolean => (changed.has(key) ? open === 'open' : isOpen(folds, key))
  const every = [...new Set([...all, ...folds.differing, ...keys])]
  const written = [folds.unfolded, ...WAYS].map((unfolded): Folds => ({ unfolded, differing: new Set(every.filter((key) => shall(key) !== isOpenBy(unfolded, key))) }))
  return written.reduce((best, way) => (way.differing.size < best.differing.size ? way : best))
}
