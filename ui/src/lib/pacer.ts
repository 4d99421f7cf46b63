// Runs work that is asked for more often than it can be done: at once when idle, then once more after a pause that
// grows with what the work costs. The first change shows immediately; a storm of changes never queues up.

interface Clock {
  now: () => number
  later: (run: () => void, ms: number) => void
}

const BROWSER_CLOCK: Clock = { now: () => performance.now(), later: (run, ms) => void setTimeout(run, ms) }

/** A function that asks for the work; `work` never runs twice at a time. */
export function pacer(work: () => Promise<unknown>, shortestGapMs: number, clock: Clock = BROWSER_CLOCK): () => void {
  let state: 'idle' | 'busy' | 'resting' = 'idle'
  let isAsked = false
  const run = async (): Promise<void> => {
    state = 'busy'
    isAsked = false
    const startedAt = clock.now()
    await work().catch(() => undefined)
    const took = clock.now() - startedAt
    state = 'resting'
    clock.later(
      () => {
        state = 'idle'
        if (isAsked) void run()
      },
      Math.max(shortestGapMs, 3 * took),
    )
  }
  return () => {
    isAsked = true
    if (state === 'idle') void run()
  }
}
