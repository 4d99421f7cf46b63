import { expect, it } from 'vitest'
import { fileEdits, partsOf, prettyText } from './shapes'

it('every tool that edits files shows its change', () => {
  const change = { old_string: 'a', new_string: 'b' }
  expect(fileEdits('Edit', { file_path: '/x', ...change })).toEqual({ path: '/x', edits: [{ before: 'a', after: 'b' }], isWhole: false })
  expect(fileEdits('MultiEdit', { file_path: '/x', edits: [change, change, { old_string: 1 }] })?.edits).toHaveLength(2)
  expect(fileEdits('Write', { file_path: '/x', content: 'new' })).toEqual({ path: '/x', edits: [{ before: '', after: 'new' }], isWhole: true })
})

it('what only looks like an edit is none', () => {
  for (const [tool, input] of [['Edit', null], ['Edit', { old_string: 'a' }], ['Bash', { old_string: 'a', new_string: 'b' }], ['Write', 'text'], ['Edit', []]] as const) {
    expect(fileEdits(tool, input)).toBeNull()
  }
})

it('any value falls into parts to read', () => {
  expect(partsOf(null)).toEqual([])
  expect(partsOf('text')).toEqual([{ name: null, text: 'text' }])
  expect(partsOf([{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }])).toEqual([{ name: null, text: 'a' }, { name: null, text: 'b' }])
  expect(partsOf({ command: 'ls', timeout: 5 })).toEqual([{ name: 'command', text: 'ls' }, { name: 'timeout', text: '5' }])
  expect(partsOf([1])).toEqual([{ name: null, text: '[\n  1\n]' }])
  expect(partsOf(false)).toEqual([{ name: null, text: 'false' }])
})

it('text that is no JSON stays as it is', () => {
  expect(prettyText('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(prettyText('{"a":')).toBe('{"a":')
})
