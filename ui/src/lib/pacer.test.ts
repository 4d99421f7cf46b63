import { expect, it } from 'vitest'
import { pacer } from './pacer'

/** A clock that only moves when told. */
function handClock() {
  let now = 0
  let waiting: Array<{ at: number; run: () => void }> = []
  return {
    now: () => now,
    later: (run: () => void, ms: number) => void waiting.push({ at: now + ms, run }),
    move: async (ms: number) => {
      now += ms
      const due = waiting.filter((each) => each.at <= now)
      waiting = waiting.filter((each) => each.at > now)
      for (const each of due) each.run()
      await Promise.resolve()
      await Promise.resolve()
      await Promise.resolve()
    },
  }
}

it('works at once, then once more for any number of asks', async () => {
  const clock = handClock()
  let runs = 0
  const ask = pacer(async () => void (runs += 1), 100, clock)
  ask()
  expect(runs).toBe(1)
  await clock.move(1)
  for (let count = 0; count < 50; count += 1) ask()
  expect(runs).toBe(1)
  await clock.move(200)
  expect(runs).toBe(2)
  await clock.move(1000)
  expect(runs).toBe(2)
  ask()
  expect(runs).toBe(3)
})

it('rests longer after work that took long, and survives work that fails', async () => {
  const clock = handClock()
  let runs = 0
  let end: () => void = () => undefined
  const ask = pacer(
    () => {
      runs += 1
      return new Promise((_, reject) => (end = () => reject(new Error('failed'))))
    },
    100,
    clock,
  )
  ask()
  await clock.move(1000)
  ask()
  end()
  await clock.move(0)
  await clock.move(2900)
  expect(runs).toBe(1)
  await clock.move(200)
  expect(runs).toBe(2)
})
