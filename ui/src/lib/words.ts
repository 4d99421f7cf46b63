// Names as short as they stay clear.
import { groupedDigits } from './digits'

/** `claude-opus-4-5-20251101` as `opus-4-5`; other names stay as they are. */
export function modelText(model: string | null): string {
  if (model === null) return '–'
  return model.replace(/^claude-/, '').replace(/-20\d{6}$/, '')
}

interface TokenCounts {
  input_tokens: number | null
  output_tokens: number | null
  cache_write_5m_tokens: number | null
  cache_write_1h_tokens: number | null
  cache_read_tokens: number | null
}

/** All tokens together; null when none is known. */
export function tokenSum(usage: TokenCounts): number | null {
  const parts = tokenParts(usage).map(([, count]) => count)
  return parts.every((count) => count === null) ? null : parts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

/** The kinds of tokens, each with its count. */
export function tokenParts(usage: TokenCounts): Array<[string, number | null]> {
  return [
    ['input', usage.input_tokens],
    ['output', usage.output_tokens],
    ['cache write 5 min', usage.cache_write_5m_tokens],
    ['cache write 1 h', usage.cache_write_1h_tokens],
    ['cache read', usage.cache_read_tokens],
  ]
}

/** The kinds of tokens in words, for a title. */
export function tokenWords(usage: TokenCounts): string {
  if (tokenSum(usage) === null) return 'tokens unknown: no model request is known for it'
  return tokenParts(usage)
    .filter(([, count]) => count !== 0)
    .map(([kind, count]) => `${kind} ${count === null ? 'unknown' : groupedDigits(count)}`)
    .join('\n')
}

/** What a request that stands in no transcript was for, in words where they are known. */
const PURPOSES: Record<string, string> = {
  compact: 'compaction',
  web_search_tool: 'web search',
  hook_prompt: "a hook's prompt",
  hook_agent: "a hook's agent",
  generate_session_title: 'title of the session',
}

export function purposeText(querySource: string): string {
  return PURPOSES[querySource] ?? querySource
}
