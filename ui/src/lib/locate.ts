// Finds where a step stands in its thread when only its id and time are known (a link, an error, a jump): steps come
// in order of time, so a handful of windows tells, even among 100,000 steps.

/** What is known of a step without looking at its window. */
export interface Sought {
  id: string
  atMs: number | null
}

interface Search {
  count: number
  windowSize: number
  /** Where it stood when the link was made, if that is known. */
  hint: number | null
  load: (window: number) => Promise<ReadonlyArray<Sought>>
}

const NEIGHBOURS = 4

/** The step's position; null when it is not found near the place where its time belongs. */
export async function locateStep(sought: Sought, { count, windowSize, hint, load }: Search): Promise<number | null> {
  const windowCount = Math.ceil(count / windowSize)
  const lookedAt = new Set<number>()
  const lookInto = async (window: number): Promise<number | null> => {
    if (window < 0 || window >= windowCount || lookedAt.has(window)) return null
    lookedAt.add(window)
    const found = (await load(window)).findIndex((step) => step.id === sought.id)
    return found < 0 ? null : window * windowSize + found
  }

  if (hint !== null) {
    const found = await lookInto(Math.floor(hint / windowSize))
    if (found !== null) return found
  }
  const near = await windowByTime(sought.atMs, windowCount, load)
  for (let distance = 0; distance <= NEIGHBOURS; distance += 1) {
    const found = (await lookInto(near - distance)) ?? (await lookInto(near + distance))
    if (found !== null) return found
  }
  return null
}

/** The last window that begins no later than the time. */
async function windowByTime(atMs: number | null, windowCount: number, load: Search['load']): Promise<number> {
  if (atMs === null) return 0
  let low = 0
  let high = windowCount - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const begin = (await load(middle)).find((step) => step.atMs !== null)?.atMs ?? null
    if (begin !== null && begin > atMs) high = middle - 1
    else low = middle
  }
  return low
}
