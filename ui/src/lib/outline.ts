// The row model of the trace grid: which row stands at which index, for any number of steps.
//
// A session's trace is a tree of threads (turns and agents). Only the threads are held, with their step counts; steps
// are numbers until they are looked at. Expanded threads are cut into segments (a run of steps, or a thread's own
// row), and the row at an index is found by binary search over the segments' starts. So 100,000 steps cost what
// their few threads cost. Must stay true: `rowAt` and `indexOf` are inverses (the property test compares both with
// a naive expansion of random trees).

/** A thread of steps: a turn's, or an agent's. */
export interface Thread {
  /** Unique in the outline and stable as the session grows. */
  key: string
  /** Steps of its own. */
  stepCount: number
  /** Threads below it: `at` says after how many of its own steps each stands. Sorted by `at`. */
  children: ReadonlyArray<{ at: number; thread: Thread }>
}

/** A row of the grid: a thread's own, or one of its steps. */
export interface Row {
  thread: Thread
  /** Position among the thread's steps; null for the thread's own row. */
  step: number | null
  /** 1 for the outermost, as aria-level counts. */
  level: number
}

interface Segment {
  start: number
  thread: Thread
  level: number
  /** First step of the run; null for the thread's own row. */
  step: number | null
  length: number
}

/** All rows of an outline, given which threads are expanded. */
export interface Layout {
  rowCount: number
  segments: readonly Segment[]
  /** Segments of each visible thread, in order; the first is its own row. */
  byThread: ReadonlyMap<string, readonly Segment[]>
  parents: ReadonlyMap<string, Thread>
}

/** Lays out the visible rows. */
export function layOut(roots: readonly Thread[], isExpanded: (key: string) => boolean): Layout {
  const segments: Segment[] = []
  const byThread = new Map<string, Segment[]>()
  const parents = new Map<string, Thread>()
  let start = 0

  const push = (thread: Thread, level: number, step: number | null, length: number): void => {
    if (length === 0) return
    const segment = { start, thread, level, step, length }
    segments.push(segment)
    const own = byThread.get(thread.key)
    if (own) own.push(segment)
    else byThread.set(thread.key, [segment])
    start += length
  }

  const visit = (thread: Thread, level: number, isVisible: boolean): void => {
    if (isVisible) push(thread, level, null, 1)
    const showsChildren = isVisible && isExpanded(thread.key)
    let done = 0
    for (const child of thread.children) {
      parents.set(child.thread.key, thread)
      const at = Math.min(Math.max(child.at, done), thread.stepCount)
      if (showsChildren) push(thread, level + 1, done, at - done)
      done = at
      visit(child.thread, level + 1, showsChildren)
    }
    if (showsChildren) push(thread, level + 1, done, thread.stepCount - done)
  }

  for (const root of roots) visit(root, 1, true)
  return { rowCount: start, segments, byThread, parents }
}

/** The row at an index; undefined outside. */
export function rowAt(layout: Layout, index: number): Row | undefined {
  if (index < 0 || index >= layout.rowCount) return undefined
  const segment = layout.segments[lastAtOrBefore(layout.segments, (each) => each.start, index)]
  if (!segment) return undefined
  const step = segment.step === null ? null : segment.step + (index - segment.start)
  return { thread: segment.thread, step, level: segment.level }
}

/** Where a row stands; null when a collapsed thread hides it. */
export function indexOf(layout: Layout, key: string, step: number | null): number | null {
  const own = layout.byThread.get(key)
  const head = own?.[0]
  if (!own || !head) return null
  if (step === null) return head.start
  const segment = own[lastAtOrBefore(own, (each) => each.step ?? -1, step)]
  if (!segment || segment.step === null || step >= segment.step + segment.length) return null
  return segment.start + (step - segment.step)
}

/** The threads above one, innermost first. */
export function ancestorsOf(layout: Layout, key: string): Thread[] {
  const found: Thread[] = []
  for (let parent = layout.parents.get(key); parent; parent = layout.parents.get(parent.key)) found.push(parent)
  return found
}

function lastAtOrBefore<T>(items: readonly T[], position: (item: T) => number, target: number): number {
  let low = 0
  let high = items.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const item = items[middle]
    if (item !== undefined && position(item) <= target) low = middle
    else high = middle - 1
  }
  return low
}

/** The windows of `size` steps that rows `first` to `last` (both in) touch. */
export function windowsOf(layout: Layout, first: number, last: number, size: number): Array<{ thread: Thread; window: number }> {
  const found: Array<{ thread: Thread; window: number }> = []
  const seen = new Set<string>()
  const from = lastAtOrBefore(layout.segments, (each) => each.start, Math.max(0, first))
  for (let at = from; at < layout.segments.length; at += 1) {
    const segment = layout.segments[at]
    if (!segment || segment.start > last) break
    if (segment.step === null) continue
    const firstStep = segment.step + Math.max(0, first - segment.start)
    const lastStep = segment.step + Math.min(segment.length - 1, last - segment.start)
    for (let window = Math.floor(firstStep / size); window <= Math.floor(lastStep / size); window += 1) {
      const name = `${segment.thread.key} ${window}`
      if (!seen.has(name)) {
        seen.add(name)
        found.push({ thread: segment.thread, window })
      }
    }
  }
  return found
}
