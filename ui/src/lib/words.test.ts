import { expect, it } from 'vitest'
import { modelText, tokenSum, tokenWords } from './words'

const NOTHING = { input_tokens: null, output_tokens: null, cache_write_5m_tokens: null, cache_write_1h_tokens: null, cache_read_tokens: null }

it('a model goes by its short name', () => {
  expect(modelText('claude-opus-4-5-20251101')).toBe('opus-4-5')
  expect(modelText('gpt-oss')).toBe('gpt-oss')
  expect(modelText(null)).toBe('–')
})

it('tokens add up, and unknown ones stay unknown', () => {
  expect(tokenSum(NOTHING)).toBeNull()
  expect(tokenSum({ ...NOTHING, input_tokens: 3, cache_read_tokens: 4 })).toBe(7)
  expect(tokenWords(NOTHING)).toContain('unknown')
  expect(tokenWords({ ...NOTHING, input_tokens: 1234 })).toContain('input 1,234')
})
