import { expect, it } from 'vitest'
import type { ToolRecord } from '@/api/types'
import { extremesOf, placeOnLog, sortedTools } from './figures'

const tool = (tool_name: string, change: Partial<ToolRecord>): ToolRecord => ({ tool_name, mcp_server: null, call_count: 100, error_count: 0, denied_count: 0, p50_ms: null, p95_ms: null, cost_usd: null, ...change }) as ToolRecord

it('one failure of one call makes no most failing tool', () => {
  const tools = [tool('Once', { call_count: 1, error_count: 1 }), tool('Bash', { error_count: 9 })]
  expect(extremesOf(tools).failing?.tool_name).toBe('Bash')
})

it('nothing known makes no extremes', () => {
  expect(extremesOf([tool('Bash', {})])).toEqual({ slowest: null, failing: null, dearest: null })
})

it('unknown stands last', () => {
  const tools = [tool('A', { p95_ms: null }), tool('B', { p95_ms: 5 }), tool('C', { p95_ms: 50 })]
  expect(sortedTools(tools, 'p95').map((each) => each.tool_name)).toEqual(['C', 'B', 'A'])
})

it('the scale runs from a millisecond to the longest', () => {
  expect(placeOnLog(1, 1000)).toBe(0)
  expect(placeOnLog(1000, 1000)).toBe(1)
  expect(placeOnLog(0, 1000)).toBe(0)
  expect(placeOnLog(31.6, 1000)).toBeCloseTo(0.5, 2)
})
