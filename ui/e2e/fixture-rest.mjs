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
    started_at: at % 11 === 10 ? null : iso(BASE - at * 2_700_000), is_error: at % 4 === 3, cost_usd: at % 3 ? 0.0184 * (1 + (at % 9)) : null, cost_basis: at % 3 ? 'priced' : null, snippet: { text, ranges },
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
  return { settings: { budget_event_usd: 0.1, budget_session_usd: 1, budgets: [{ name: 'team', scope: 'all', selector: null, period: 'month', amount_usd: 40, warn_percent: [50, 80, 100], forecast: true, stop: false }], burn_floor_usd: 5, burn_factor: 4, agent_depth: 3, agent_children: 20, rule_profile: 'graded', excluded_projects: ['/home/ada/secret', '/tmp/\u202egpj.<b>'], is_paused: false, paused_until: null, retention_days: null }, fixed: ['retention_days'], budget_problems: ['config.toml, line 31: budget odd is left out: period is one of session, day, week, month; mend it there'], file: '/home/ada/.config/argus/config.toml' }
}

function budgetList(mode) {
  const day = (ahead) => iso(Math.floor(BASE / 86_400_000) * 86_400_000 + ahead * 86_400_000)
  const account = (owner, percent, amount, likely) => ({
    owner, spent_usd: (amount * percent) / 100, cost_basis: owner === null ? 'priced' : 'incomplete', percent, left_usd: (amount * (100 - percent)) / 100, steps: [50, 80, 100].map((step) => ({ percent: step, passed_at: percent >= step ? iso(BASE - 3_600_000) : null })),
    forecast: likely === null ? null : { low_usd: likely * 0.8, likely_usd: likely, high_usd: likely * 1.3, sample_days: 41, is_beyond: likely > amount }, sessions: [{ session_id: FLAKY, cost_usd: (amount * percent) / 300 }],
  })
  const budget = (name, scope, amount, accounts, back) => ({ name, scope, selector: null, period: 'month', amount_usd: amount, warn_percent: [50, 80, 100], forecast: true, stop: name === 'team', period_label: '2026-11', period_from: day(-back), period_until: day(30 - back), left_usd: accounts[0]?.left_usd ?? amount, accounts, account_count: accounts.length })
  const budgets = mode === 'empty' ? [] : [budget('team', 'all', 40, [account(null, 62, 40, 46)], 15), budget('each project', 'project', 10, [account('/home/ada/web-shop', 131, 10, null), account(HOSTILE, 12, 10, 3)], 15), budget('opus only', 'model', 5, [], 15)]
  return { budgets, problems: mode === 'empty' ? [] : ['config.toml, line 31: budget odd is left out'], burn: { hour_usd: mode === 'empty' ? 0 : 12.4, usual_usd: mode === 'empty' ? null : 1.9, is_alarming: mode !== 'empty' }, tz: 'UTC', as_of: iso(BASE) }
}

const secretRecord = (fingerprint, kind, name, sessions, steps, ago) => ({ fingerprint, kind, name, advice: 'Delete it where it was issued, make a new one with fewer rights, and put it where only the program reads it.', session_count: sessions, step_count: steps, first_seen_at: iso(BASE - 9 * 86_400_000), last_seen_at: ago === null ? null : iso(BASE - ago) })

function secrets(mode) {
  if (mode === 'empty') return { secrets: [], is_complete: true }
  return {
    secrets: [secretRecord('0a1b2c3d', 'github', 'GitHub token', 3, 41, 60_000), secretRecord('11112222', 'aws', 'AWS credential', 1, 2, 3_600_000), secretRecord('deadbeef', 'assigned', 'Password or key', 1, 1, null), ...Array.from({ length: 60 }, (_, at) => secretRecord(String(at).padStart(8, 'c'), 'jwt', 'Web token', 1, 1 + at, 86_400_000 * (1 + at)))],
    is_complete: false,
  }
}

function secretDetails(fingerprint, mode) {
  const record = secrets(mode).secrets.find((each) => each.fingerprint === fingerprint)
  if (record === undefined) return null
  const place = (at) => ({ session_id: FLAKY, session_title: TITLES[at % 5], project: at % 4 === 3 ? null : 'web-shop', event_id: at === 2 ? null : `${FLAKY}~main.p1.3`, kind: at === 2 ? null : 'tool_call', tool_name: at % 3 === 0 ? 'Bash' : at === 4 ? HOSTILE : null, summary: at === 1 ? HOSTILE : at === 2 ? null : 'cat .env && ./deploy --with a line that goes on and on and on', agent_id: 'main', at: iso(BASE - at * 90_000) })
  return { secret: record, places: Array.from({ length: Math.min(record.step_count, 20) }, (_, at) => place(at)) }
}

/** Answers GET routes; undefined for other paths. */
export function restRoute(path, query, { mode, settings }) {
  if (path === '/search') return search(query, mode)
  if (path === '/settings') return settings
  if (path === '/secrets') return secrets(mode)
  if (path.startsWith('/secrets/')) return secretDetails(path.slice('/secrets/'.length), mode)
  if (path === '/budgets') return budgetList(mode)
  return undefined
}

export function changeSettings(change, { settings }) {
  Object.assign(settings.settings, change)
  return settings
}
