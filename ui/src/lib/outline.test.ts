import { describe, expect, it } from 'vitest'
import { seeded } from '../testing/random'
import { ancestorsOf, indexOf, layOut, rowAt, windowsOf, type Thread } from './outline'

function randomTree(random: () => number, depth: number, name: string): Thread {
  const stepCount = Math.floor(random() * 12)
  const count = depth === 0 ? 0 : Math.floor(random() * 4)
  const children = Array.from({ length: count }, (_, at) => ({
    at: Math.floor(random() * (stepCount + 1)),
    thread: randomTree(random, depth - 1, `${name}.${at}`),
  })).sort((a, b) => a.at - b.at)
  return { key: name, stepCount, children }
}

/** What the layout stands for, written out row by row. */
function expandNaively(roots: readonly Thread[], isExpanded: (key: string) => boolean): string[] {
  const rows: string[] = []
  const visit = (thread: Thread, level: number): void => {
    rows.push(`${thread.key} - ${level}`)
    if (!isExpanded(thread.key)) return
    for (let step = 0; step <= thread.stepCount; step += 1) {
      for (const child of thread.children) if (child.at === step) visit(child.thread, level + 1)
      if (step < thread.stepCount) rows.push(`${thread.key} ${step} ${level + 1}`)
    }
  }
  for (const root of roots) visit(root, 1)
  return rows
}

describe('the row model', () => {
  it('says the same as a naive expansion, in both directions, for random trees', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seeded(seed)
      const roots = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, at) => randomTree(random, 4, `t${at}`))
      const closed = new Set<string>()
      const isExpanded = (key: string): boolean => !closed.has(key)
      const note = (thread: Thread): void => {
        if (random() < 0.3) closed.add(thread.key)
        for (const child of thread.children) note(child.thread)
      }
      for (const root of roots) note(root)

      const layout = layOut(roots, isExpanded)
      const expected = expandNaively(roots, isExpanded)
      const found = Array.from({ length: layout.rowCount }, (_, index) => {
        const row = rowAt(layout, index)
        if (!row) throw new Error(`no row at ${index}, seed ${seed}`)
        const back = indexOf(layout, row.thread.key, row.step)
        if (back !== index) expect.fail(`row ${index} turns back to ${back}, seed ${seed}`)
        return `${row.thread.key} ${row.step ?? '-'} ${row.level}`
      })
      expect(found, `seed ${seed}`).toEqual(expected)
      expect(rowAt(layout, layout.rowCount)).toBeUndefined()
      expect(rowAt(layout, -1)).toBeUndefined()
    }
  })

  it('holds no more than a few segments for a hundred thousand steps', () => {
    const agents = Array.from({ length: 50 }, (_, at) => ({
      at: at * 1000,
      thread: { key: `a${at}`, stepCount: 1000, children: [] },
    }))
    const layout = layOut([{ key: 't', stepCount: 50_000, children: agents }], () => true)
    expect(layout.rowCount).toBe(100_051)
    expect(layout.segments.length).toBeLessThan(200)
    expect(rowAt(layout, 100_050)).toMatchObject({ step: 49_999, level: 2 })
  })

  it('gives no index to a row that a collapsed thread hides', () => {
    const agent: Thread = { key: 'a', stepCount: 3, children: [] }
    const roots = [{ key: 't', stepCount: 2, children: [{ at: 1, thread: agent }] }]
    const layout = layOut(roots, (key) => key === 't')
    expect(indexOf(layout, 'a', null)).toBe(2)
    expect(indexOf(layout, 'a', 0)).toBeNull()
    expect(indexOf(layout, 'nowhere', 0)).toBeNull()
    expect(ancestorsOf(layout, 'a').map((thread) => thread.key)).toEqual(['t'])
  })

  it('asks for every window that the visible rows touch, and for no other', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = seeded(seed)
      const layout = layOut([randomTree(random, 3, 'r')], () => true)
      const first = Math.floor(random() * layout.rowCount)
      const last = Math.min(layout.rowCount - 1, first + Math.floor(random() * 20))
      const expected = new Set<string>()
      for (let index = first; index <= last; index += 1) {
        const row = rowAt(layout, index)
        if (row && row.step !== null) expected.add(`${row.thread.key} ${Math.floor(row.step / 5)}`)
      }
      const found = windowsOf(layout, first, last, 5).map(({ thread, window }) => `${thread.key} ${window}`)
      expect(new Set(found), `seed ${seed}`).toEqual(expected)
      expect(found.length).toBe(expected.size)
    }
  })
})
