import { describe, expect, it } from 'vitest'
import { seeded } from '../testing/random'
import { foldedScale, mergeSpans, straightScale, tickStep, zoomScale, type Span } from './timescale'

const MINUTE = 60_000

describe('the time axis', () => {
  it('is monotonic, stays within 0 and 1, and turns back, for random sessions', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = seeded(seed)
      const spans: Span[] = []
      let at = 1_700_000_000_000
      for (let count = 1 + Math.floor(random() * 30); count > 0; count -= 1) {
        at += random() < 0.4 ? random() * 600 * MINUTE : random() * MINUTE
        const from = at
        at += random() * 10 * MINUTE
        spans.push({ from, to: at })
      }
      const scale = foldedScale(spans, 5 * MINUTE)
      let before = -1
      for (let step = 0; step <= 100; step += 1) {
        const time = scale.from + ((scale.to - scale.from) * step) / 100
        const fraction = scale.toFraction(time)
        if (fraction < before || fraction < 0 || fraction > 1) expect.fail(`${fraction} after ${before}, seed ${seed}`)
        if (Math.abs(scale.toTime(fraction) - time) > 1) expect.fail(`does not turn back at ${time}, seed ${seed}`)
        before = fraction
      }
      expect(scale.toFraction(scale.to)).toBeCloseTo(1, 6)
    }
  })

  it('gives a night of idleness less room than a minute of work', () => {
    const work = { from: 0, to: MINUTE }
    const later = { from: 600 * MINUTE, to: 601 * MINUTE }
    const scale = foldedScale([work, later], 5 * MINUTE)
    expect(scale.folds).toHaveLength(1)
    expect(scale.shownMs).toBe(2 * MINUTE)
    expect(scale.toFraction(MINUTE)).toBeGreaterThan(0.45)
    expect(scale.toFraction(600 * MINUTE) - scale.toFraction(MINUTE)).toBeLessThan(0.05)
  })

  it('is straight where nothing is folded', () => {
    expect(straightScale({ from: 100, to: 300 }).toFraction(200)).toBe(0.5)
    expect(foldedScale([{ from: 100, to: 300 }], 10).folds).toEqual([])
    expect(foldedScale([], 10).toFraction(5)).toBe(1)
  })

  it('zooms into a part without losing the rest', () => {
    const zoomed = zoomScale(straightScale({ from: 0, to: 1000 }), 0.25, 0.75)
    expect(zoomed.from).toBe(250)
    expect(zoomed.toFraction(500)).toBe(0.5)
    expect(zoomed.toFraction(0)).toBe(-0.5)
    expect(zoomed.toTime(1)).toBe(750)
  })

  it('merges what overlaps', () => {
    expect(mergeSpans([{ from: 5, to: 9 }, { from: 0, to: 6 }, { from: 20, to: 21 }], 0)).toEqual([
      { from: 0, to: 9 },
      { from: 20, to: 21 },
    ])
  })

  it('ticks at round times', () => {
    expect(tickStep(42 * MINUTE, 6)).toBe(10 * MINUTE)
    expect(tickStep(900, 5)).toBe(200)
  })
})
