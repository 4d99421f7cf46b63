// Made-up answers of search and settings: hits of every kind with marks at awkward places, an index that is still being
// filled, a query that is refused, settings of which one is fixed.
import { HOSTILE, iso } from './fixtures.mjs'

const BASE = Date.now()
const FLAKY = 'f1a4e000-0000-4000-8000-000000000001'
const TITLES = ['Rename the config keys', 'Why is CI slow?', 'Write the release notes', null, HOSTILE]

function hit(at, words) {
  const word = words[at % words.length] ?? 'token'
  const before = at % 7 === 3 ? `😀 ${HOSTILE} ` : 'the refresh compares it with the wall clock, and then '
  const text = `${before}${word} is refused; see src/auth/${word}.rs for how ${word}s are ${'made and '.repeat(at % 5)}kept`
  const ranges = []
  for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + word.length)) ranges.push([from, from + word.length])
  const isFirst = at === 0
  return {
    event_id: at === 2 ? null : isFirst ? `${FLAKY}~main.p1.3` : `00000000-0000-4000-8000-${String(at % 40).padStart(12, '0')}~main.p0.${at % 12}`,
    session_id: isFirst ? FLAKY : `00000000-0000-4000-8000-${String(at % 40).padStart(12, '0')}`, session_title: isFirst ? 'Fix flaky auth tests' : TITLES[at % 5], project: at % 4 ? '/home/ada/web-shop' : null,
    agent_id: at === 2 ? null : at % 6 === 5 ? 'a1' : 'main', prompt_id: null, kind: at === 2 ? null : ['tool_call', 'prompt', 'model_request', 'error'][at % 4], tool_name: at % 4 === 0 && at !== 2 ? ['Bash', 'mcp__tickets__create_with_a_name_that_goes_on_and_on_and_on'][at % 8 ? 1 : 0] : null,
    started_at: at % 11 === 10 ? null : iso(BASE - at * 2_700_000), is_error: at % 4 === 3, cost_usd: at % 3 ? 0.0184 * (1 + (at % 9)) : null, snippet: { text, ranges },
  }
}

function search(query, mode) {
  const q = query.get('q') ?? ''
  const words = q.split(/\s+/).filter((word) => /^[\w*]+$/.test(word))
  const index = { indexed_bytes: mode === 'empty' ? 0 : 840_000_000, total_bytes: mode === 'empty' ? 0 : 912_000_000 }
  if (q.includes('cost:cheap')) return { refused: ['bad_query', 'at character 1: a cost is compared', 'give cost:>0.10 or cost:<2'] }
  const count = mode === 'empty' || q.includes('zzz') ? 0 : words.length === 0 ? 7 : 240
  const limit = Number(query.get('limit') ?? 50)
  const from = Number(query.get('cursor') || 0)
  const to = Math.min(count, from + limit)
  const isCut = q.includes('rare')
  return {
    hits: Array.from({ length: to - from }, (_, at) => hit(from + at, words.length === 0 ? ['token'] : words)), next_cursor: to < count ? String(to) : null,
    searched_back_to: isCut ? iso(BASE - 90 * 86_400_000) : null, is_complete: !isCut, index,
  }
}

export function makeSettings() {
  return { settings: { budget_event_usd: 0.1, budget_session_usd: 1, rule_profile: 'graded', excluded_projects: ['/home/ada/secret', '/tmp/\u202egpj.<b>'], is_paused: false, paused_until: null, retention_days: null }, fixed: ['retention_days'], file: '/home/ada/.config/argus/config.toml' }
}

/** Answers GET routes; undefined for other paths. */
export function restRoute(path, query, { mode, settings }) {
  if (path === '/search') return search(query, mode)
  if (path === '/settings') return settings
  return undefined
}

export function changeSettings(change, { settings }) {
  Object.assign(settings.settings, change)
  return settings
}
