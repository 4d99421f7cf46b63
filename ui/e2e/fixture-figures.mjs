// Made-up sums for the browser tests: a year of spending whose every cut adds up to the same pico-dollar, tools fast
// and slow, and an overview over the made-up sessions. Money is kept in integers, as the server keeps it.
import { reportedTotals } from './fixture-money.mjs'
import { HOSTILE, iso } from './fixtures.mjs'

const DAY = 86_400_000
const MODELS = ['claude-opus-4-5-20251101', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001', 'claude-next']
const PROJECTS = ['/home/ada/web-shop', '/home/ada/storage', '/tmp/<b>bold</b>', '/home/ada/שלום', `/home/ada/${'deeply/'.repeat(12)}nested`]
const dollars = (pico) => Number((Number(pico) / 1e12).toFixed(12))
const dayOf = (ms) => iso(ms).slice(0, 10)

/** One fact of spending each: who, when, how much. Nothing here is random: the same position, the same fact. */
export function makeSpending(stories) {
  const today = Math.floor(Date.now() / DAY)
  const facts = []
  for (let at = 0; at < 2600; at += 1) {
    const ago = Math.floor((at * at * 0.37 + at * 7) % 120)
    if ((today - ago) % 7 < 1 && at % 3) continue
    const model = MODELS[[0, 0, 0, 1, 1, 2, 2, 2, 0, 3][at % 10]]
    // A few sessions take most of it, as they do.
    const story = stories[Math.floor(Math.min(stories.length, 180) * (((at * 31) % 997) / 997) ** 3)]
    facts.push({
      day: dayOf((today - ago) * DAY), model, session: story?.record.session_id ?? '-', title: story?.record.title ?? null, project: PROJECTS[(at * 13) % 11] ?? PROJECTS[at % 2],
      agent: ['main', 'main', 'main', 'Explore', 'general-purpose', HOSTILE][at % 6], tool: ['Bash', 'Read', 'Edit', 'model text', 'Grep', 'mcp__tickets__search'][at % 6], branch: ['main', 'main', `topic-${at % 9}`, 'feature/\u202egpj'][at % 4],
      pico: model === 'claude-next' ? null : BigInt(18_423_100_017 + ((at * 7919) % 900) * 137_000_003), tokens: 400 + ((at * 131) % 9000),
    })
  }
  return facts
}

const KEYS = { day: 'day', model: 'model', project: 'project', session: 'session', agent: 'agent', tool: 'tool', branch: 'branch' }

function sums(facts) {
  const known = facts.filter((each) => each.pico !== null)
  const tokens = facts.reduce((sum, each) => sum + each.tokens, 0)
  return {
    input_tokens: tokens, output_tokens: Math.round(tokens / 3), cache_write_5m_tokens: tokens * 2, cache_write_1h_tokens: 0, cache_read_tokens: tokens * 40, web_search_requests: 0,
    cost_usd: known.length === 0 && facts.length > 0 ? null : dollars(known.reduce((sum, each) => sum + each.pico, 0n)),
    cost_basis: facts.length === 0 ? null : known.length === 0 ? 'unpriced' : known.length < facts.length ? 'incomplete' : 'priced',
  }
}

function groupBy(facts, name) {
  const groups = new Map()
  for (const each of facts) groups.set(each[name], [...(groups.get(each[name]) ?? []), each])
  return groups
}

function inScope(facts, query) {
  return facts
    .filter((each) => !query.get('project') || each.project === query.get('project'))
    .filter((each) => !query.get('since') || each.day >= query.get('since').slice(0, 10))
    .filter((each) => !query.get('until') || each.day < query.get('until').slice(0, 10))
}

function cost({ spending: facts, stories }, query) {
  const by = query.get('by')
  const own = inScope(facts, query)
  const groups = groupBy(own, KEYS[by])
  if (by === 'day' && own.length > 0) {
    const days = [...groups.keys()].sort()
    for (let at = Date.parse(days[0]); at <= Math.floor(Date.now() / DAY) * DAY; at += DAY) if (!groups.has(dayOf(at))) groups.set(dayOf(at), [])
  }
  const rows = [...groups].map(([key, each]) => ({
    key, label: by === 'session' ? (each[0].title ?? key) : by === 'project' ? key.split('/').at(-1) : key, session_id: by === 'session' ? key : null, ...sums(each),
    session_count: by === 'day' ? null : new Set(each.map((one) => one.session)).size, request_count: by === 'tool' ? null : each.length,
    parts: query.get('split') ? [...groupBy(each, query.get('split'))].map(([part, of]) => ({ key: part, cost_usd: sums(of).cost_usd, cost_basis: sums(of).cost_basis })) : [],
  }))
  rows.sort((a, b) => (by === 'day' ? (a.key < b.key ? -1 : 1) : (b.cost_usd ?? -1) - (a.cost_usd ?? -1)))
  const limit = Number(query.get('limit') ?? 50)
  const from = Number(query.get('cursor') || 0)
  return { by, rows: rows.slice(from, from + limit), next_cursor: from + limit < rows.length ? String(from + limit) : null, total: sums(own), reported: query.get('cursor') ? null : reportedTotals(stories), tz: query.get('tz') ?? 'UTC' }
}

/** Every other model at a fifth of the price; one of which no price is known. */
function whatIf(facts, query) {
  const [from, to] = [query.get('from'), query.get('to')]
  const row = (model, own) => {
    const is = from === model && to ? to : null
    const was = sums(own)
    const would = is === null ? was : is === 'claude-next' ? { cost_usd: null, cost_basis: 'unpriced' } : { cost_usd: was.cost_usd === null ? null : was.cost_usd / 5, cost_basis: 'priced' }
    return { model, at_rates_of: is, request_count: own.length, cost_usd: was.cost_usd, cost_basis: was.cost_basis ?? 'priced', would_usd: would.cost_usd, would_basis: would.cost_basis ?? 'priced', difference_usd: would.cost_usd === null || was.cost_usd === null ? null : would.cost_usd - was.cost_usd }
  }
  const own = inScope(facts, query)
  return { rows: [...groupBy(own, 'model')].map(([model, of]) => row(model, of)), total: row('', own), priced_models: MODELS }
}

const TOOLS = [
  ['Bash', null, 4210, 391, 12, 840, 41_200], ['Read', null, 9120, 44, 0, 12, 96], ['Edit', null, 3011, 212, 3, 18, 140], ['Grep', null, 2870, 3, 0, 31, 420], ['Agent', null, 204, 6, 0, 64_000, 412_000],
  ['WebFetch', null, 118, 31, 9, 2900, 11_400], ['mcp__tickets__search', 'tickets', 640, 122, 0, 410, 3900], ['mcp__tickets__create_with_a_name_that_goes_on_and_on_and_on', 'tickets', 12, 0, 4, null, null], [HOSTILE, 'evil\u202emcp', 1, 1, 0, 5, 5],
]

function tools(facts, query) {
  const own = inScope(facts, query)
  if (own.length === 0) return { tools: [] }
  return { tools: TOOLS.map(([tool_name, mcp_server, call_count, error_count, denied_count, p50_ms, p95_ms]) => ({ tool_name, mcp_server, call_count, error_count, denied_count, p50_ms, p95_ms, ...sums(own.filter((each) => each.tool === tool_name)) })) }
}

/** Of one model telemetry told nothing, of the others not all. */
function latency(facts, query) {
  const own = inScope(facts, query)
  const models = [...groupBy(own, 'model')].map(([model, of], at) => {
    const told = at === 1 ? 0 : Math.ceil(of.length * 0.8)
    const time = (ms) => (told === 0 ? null : ms * (at + 1))
    return { model, request_count: of.length, told_count: told, p50_ms: time(9_400), p95_ms: time(41_000), first_token_p50_ms: time(1_240), first_token_p95_ms: time(6_100) }
  })
  const told = models.reduce((all, one) => all + one.told_count, 0)
  return { models: models.sort((a, b) => b.request_count - a.request_count), request_count: own.length, told_count: told, failure_count: told ? 7 : null, given_up_count: told ? 2 : null, given_up_ms: told ? 94_000 : null, left_out_session_count: told ? 12 : 0 }
}

function overview({ stories, spending, mode }) {
  const today = dayOf(Date.now())
  const days = Array.from({ length: 30 }, (_, at) => dayOf(Date.now() - (29 - at) * DAY))
  const own = groupBy(spending, 'day')
  const records = stories.map((story) => story.record)
  const errors = stories.slice(0, 1).flatMap((story) => story.keys().flatMap((key) => Array.from({ length: story.count(key) }, (_, at) => story.step(key, at)))).filter((each) => each.is_error)
  return {
    today: { ...sums(own.get(today) ?? []), session_count: records.filter((each) => each.last_at.slice(0, 10) === today).length, tool_call_count: mode === 'empty' ? 0 : 812, error_count: mode === 'empty' ? 0 : 14 },
    usual: mode === 'empty' ? { cost_usd: null, error_count: null, day_count: 0, basis: 'median of the same weekday up to this time of day, last 8 weeks' } : { cost_usd: 0.31, error_count: 9, day_count: 8, basis: 'median of the same weekday up to this time of day, last 8 weeks' },
    days: days.map((day, at) => ({ day, cost_usd: sums(own.get(day) ?? []).cost_usd, error_count: mode === 'empty' ? 0 : (at * 7) % 19 })),
    reported: reportedTotals(stories),
    waiting: records.filter((each) => each.status === 'waiting'), running: records.filter((each) => each.status === 'running'),
    errors: errors.slice(0, 5).map((each) => ({ event_id: each.event_id, session_id: each.session_id, session_title: 'Fix flaky auth tests', label: `${each.tool_name ?? each.kind}  ${each.label}`, error: each.error, at: each.started_at })),
    dearest_today: records.slice(0, 3),
    capture: mode === 'empty' ? { is_healthy: false, problems: ['Hooks are not registered: run argus install'] } : { is_healthy: true, problems: ['2 records could not be read and stand in quarantine'] },
  }
}

/** Answers GET routes of sums; undefined for other paths. */
export function figureRoute(path, query, store) {
  if (path === '/cost') return cost(store, query)
  if (path === '/cost/what-if') return whatIf(store.spending, query)
  if (path === '/tools') return tools(store.spending, query)
  if (path === '/latency') return latency(store.spending, query)
  if (path === '/overview') return overview(store)
  return undefined
}
