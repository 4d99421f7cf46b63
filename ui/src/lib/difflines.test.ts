import { expect, it } from 'vitest'
import { diffRows } from './difflines'

it('an edit shows what went, what came and a little around it', () => {
  const before = Array.from({ length: 20 }, (_, at) => `line ${at + 1}`).join('\n')
  const rows = diffRows(before, before.replace('line 10', 'line ten'), 2)
  expect(rows.map((row) => row.kind)).toEqual(['gap', 'kept', 'kept', 'removed', 'added', 'kept', 'kept', 'gap'])
  expect(rows[0]?.text).toBe('7 unchanged lines')
  expect(rows[3]).toEqual({ kind: 'removed', text: 'line 10', before: 10, after: null })
  expect(rows[4]).toEqual({ kind: 'added', text: 'line ten', before: null, after: 10 })
})

it('a new file is all added', () => {
  expect(diffRows('', 'a\nb\n').map((row) => row.kind)).toEqual(['added', 'added'])
})
