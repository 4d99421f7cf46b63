import { expect, it } from 'vitest'
import { foldsText, isOpen, parseFolds, withOpen } from './folds'

const ALL = ['t:', 't:p1', 't:p2', 'a:x', 'a:y,%z~']

it('what is open survives the URL, whatever its ids hold', () => {
  let folds = withOpen({ unfolded: 'turns', differing: new Set() }, ['a:y,%z~', 't:p1'], 'open', ALL)
  folds = withOpen(folds, ['t:p2'], 'closed', ALL)
  const again = parseFolds(foldsText(folds, 'turns'))
  expect(again && ALL.filter((key) => isOpen(again, key))).toEqual(['t:', 't:p1', 'a:y,%z~'])
})

it('nothing is written where nothing differs, and one word where all is open or closed', () => {
  const none = { unfolded: 'turns', differing: new Set<string>() } as const
  const open = withOpen(none, ['a:x'], 'open', ALL)
  expect(foldsText(open, 'turns')).toBe('turns,a%3Ax')
  expect(foldsText(withOpen(open, ['a:x'], 'closed', ALL), 'turns')).toBeUndefined()
  expect(foldsText(withOpen(open, ALL, 'open', ALL), 'turns')).toBe('all')
  expect(foldsText(withOpen(open, ALL, 'closed', ALL), 'turns')).toBe('none')
})

it('what says nothing of threads is none', () => {
  for (const text of [undefined, '', 'some', 'none,%']) expect(parseFolds(text)).toBeNull()
})
