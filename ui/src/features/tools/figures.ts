// What the tools page says of all tools: the slowest, the most failing, the dearest; and how to sort them.
import type { ToolRecord } from '@/api/types'

export type ToolSort = 'tool' | 'calls' | 'errors' | 'denied' | 'p50' | 'p95' | 'cost'
export const SORTS: readonly ToolSort[] = ['tool', 'calls', 'errors', 'denied', 'p50', 'p95', 'cost']

/** Failed calls among all; null without calls. */
export function errorShare(tool: ToolRecord): number | null {
  return tool.call_count === 0 ? null : tool.error_count / tool.call_count
}

// Of few calls one failure is no rate.
const ENOUGH_CALLS = 10

export interface Extremes {
  slowest: ToolRecord | null
  failing: ToolRecord | null
  dearest: ToolRecord | null
}

export function extremesOf(tools: readonly ToolRecord[]): Extremes {
  const best = (number: (tool: ToolRecord) => number | null): ToolRecord | null =>
    tools.reduce<ToolRecord | null>((found, tool) => {
      const value = number(tool)
      return value !== null && value > 0 && (found === null || value > (number(found) ?? 0)) ? tool : found
    }, null)
  return {
    slowest: best((tool) => tool.p95_ms),
    failing: best((tool) => (tool.call_count < ENOUGH_CALLS ? null : errorShare(tool))),
    dearest: best((tool) => tool.cost_usd),
  }
}

/** Largest first, unknown last; names by the alphabet. */
export function sortedTools(tools: readonly ToolRecord[], sort: ToolSort): readonly ToolRecord[] {
  const number: Record<Exclude<ToolSort, 'tool'>, (tool: ToolRecord) => number | null> = {
    calls: (tool) => tool.call_count,
    errors: errorShare,
    denied: (tool) => tool.denied_count,
    p50: (tool) => tool.p50_ms,
    p95: (tool) => tool.p95_ms,
    cost: (tool) => tool.cost_usd,
  }
  if (sort === 'tool') return [...tools].sort((a, b) => a.tool_name.localeCompare(b.tool_name))
  const of = number[sort]
  return [...tools].sort((a, b) => (of(b) ?? -1) - (of(a) ?? -1) || a.tool_name.localeCompare(b.tool_name))
}

/** Where a duration stands on a logarithmic scale from 1 ms to the longest; 0 to 1. */
export function placeOnLog(ms: number, longestMs: number): number {
  const most = Math.log10(Math.max(10, longestMs))
  return Math.min(1, Math.max(0, Math.log10(Math.max(1, ms)) / most))
}
