import { expect, it } from 'vitest'
import { locateStep } from './locate'

function thread(count: number, windowSize: number) {
  let loads = 0
  return {
    loads: () => loads,
    search: {
      count,
      windowSize,
      load: async (window: number) => {
        loads += 1
        const from = window * windowSize
        return Array.from({ length: Math.min(windowSize, count - from) }, (_, at) => ({ id: `s${from + at}`, atMs: (from + at) * 10 }))
      },
    },
  }
}

it('any step of a hundred thousand is found in a few windows', async () => {
  for (const at of [0, 199, 200, 54_321, 99_999]) {
    const { search, loads } = thread(100_000, 200)
    expect(await locateStep({ id: `s${at}`, atMs: at * 10 }, { ...search, hint: null })).toBe(at)
    expect(loads()).toBeLessThan(15)
  }
})

it('a good hint costs one window, a stale one is no harm', async () => {
  const good = thread(10_000, 200)
  expect(await locateStep({ id: 's5000', atMs: 50_000 }, { ...good.search, hint: 5010 })).toBe(5000)
  expect(good.loads()).toBe(1)
  const stale = thread(10_000, 200)
  expect(await locateStep({ id: 's5000', atMs: 50_000 }, { ...stale.search, hint: 9 })).toBe(5000)
})

it('what is not there is not found, and without a time the beginning is looked at', async () => {
  const { search } = thread(1000, 200)
  expect(await locateStep({ id: 'other', atMs: 500 }, { ...search, hint: null })).toBeNull()
  expect(await locateStep({ id: 's700', atMs: null }, { ...search, hint: null })).toBe(700)
  expect(await locateStep({ id: 's0', atMs: 0 }, { ...search, count: 0, hint: 3 })).toBeNull()
})
