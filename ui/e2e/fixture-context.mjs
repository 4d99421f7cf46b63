// Made-up contexts: a thread that grows, is compacted once, and misses the cache after a pause.
const RATE = { read: 0.5e-6, write: 6.25e-6 }
const usd = (amount) => Number(amount.toFixed(12))

function requestsOf(story, count) {
  const requests = []
  let held = 0
  for (let at = 0; at < count; at += 1) {
    const is_compacted = at === Math.floor(count * 0.6)
    const paused = at === Math.floor(count * 0.3)
    const grown = 1_800 + ((at * 7_919) % 4_200)
    if (is_compacted) held = 0
    const read = is_compacted || at === 0 ? 0 : paused ? Math.floor(held * 0.2) : held
    const written = (is_compacted ? 9_000 : grown) + (held - read)
    const missed = held - read
    requests.push({
      event_id: `${story.record.session_id}~main.p1.${at}`,
      at: new Date(Date.parse(story.record.started_at) + at * 41_000).toISOString().replace('Z', '000Z'),
      prompt_tokens: read + written + 4,
      cache_read_tokens: read,
      cache_write_tokens: written,
      input_tokens: 4,
      is_compacted,
      miss: paused ? { reason: 'expired', tokens: missed, cost_usd: usd(missed * (RATE.write - RATE.read)), idle_ms: 1_320_000 } : null,
    })
    held = read + written
  }
  return requests
}

function resultOf(story, at, hostile) {
  const tokens = 12_400 - at * 900
  const later = 41 - at
  const entry = tokens * RATE.write
  const carried = tokens * RATE.read * later
  const names = ['Bash', 'Read', 'mcp__github__list_issues', 'Grep']
  return {
    event_id: `${story.record.session_id}~main.p1.${at + 1}`,
    agent_id: 'main',
    tool_name: names[at % names.length],
    label: at === 2 ? hostile : `cargo test --workspace, part ${at}`,
    output_bytes: tokens * 4,
    tokens,
    entry_usd: usd(entry),
    carried_usd: usd(carried),
    cost_usd: usd(entry + carried),
    cost_basis: at === 1 ? 'incomplete' : 'priced',
    later_requests: later,
    missing_requests: at === 1 ? 2 : 0,
  }
}

/** Each agent's part of a session's context. */
function agentsOf(story, requests, input) {
  const prompt = requests.reduce((all, one) => all + one.prompt_tokens, 0)
  return story.agents.map(({ agent_id }, at) => ({
    agent_id,
    request_count: Math.max(1, Math.floor(requests.length / (at + 1))),
    prompt_tokens: Math.floor(prompt / (at + 1)),
    cache_read_tokens: Math.floor((prompt * 0.8) / (at + 1)),
    input_usd: usd(input / (at + 1)),
    miss_count: at === 0 ? 1 : 0,
    miss_usd: at === 0 ? 0.021 : 0,
  }))
}

/** Answers the route of an agent's context; undefined for other paths. */
export function contextRoute(path, query, { stories }, hostile) {
  const match = /^\/sessions\/([^/]+)\/context$/.exec(path)
  if (!match) return undefined
  const story = stories.find(({ record }) => record.session_id === decodeURIComponent(match[1]))
  if (!story) return null
  const requests = requestsOf(story, story.record.turn_count === 0 ? 0 : 64)
  const sum = (of) => requests.reduce((all, one) => all + of(one), 0)
  const results = requests.length === 0 ? [] : Array.from({ length: 9 }, (_, at) => resultOf(story, at, hostile))
  const tools = [...new Set(results.map((one) => one.tool_name))].map((tool_name) => {
    const own = results.filter((one) => one.tool_name === tool_name)
    const of = (key) => usd(own.reduce((all, one) => all + one[key], 0))
    return { tool_name, result_count: own.length + 1, unknown_count: 1, tokens: of('tokens'), entry_usd: of('entry_usd'), carried_usd: of('carried_usd'), cost_usd: of('cost_usd') }
  })
  const input = usd(sum((one) => one.cache_read_tokens * RATE.read + one.cache_write_tokens * RATE.write))
  const ofResults = usd(results.reduce((all, one) => all + one.cost_usd, 0))
  const misses = requests.filter((one) => one.miss !== null)
  const event = query.get('event')
  return {
    agent_id: query.get('agent') || null,
    request_count: requests.length,
    peak_tokens: requests.length === 0 ? null : Math.max(...requests.map((one) => one.prompt_tokens)),
    prompt_tokens: sum((one) => one.prompt_tokens),
    cache_read_tokens: sum((one) => one.cache_read_tokens),
    cache_write_tokens: sum((one) => one.cache_write_tokens),
    input_tokens: sum((one) => one.input_tokens),
    input_usd: input,
    results_usd: ofResults,
    cost_basis: requests.length === 0 ? null : 'priced',
    rest_usd: usd(input - ofResults),
    unknown_requests: 0,
    compaction_count: requests.filter((one) => one.is_compacted).length,
    miss_count: misses.length,
    miss_tokens: misses.reduce((all, one) => all + one.miss.tokens, 0),
    miss_usd: usd(misses.reduce((all, one) => all + one.miss.cost_usd, 0)),
    agents: query.get('agent') ? [] : agentsOf(story, requests, input),
    requests: query.get('agent') ? requests : [],
    is_thinned: false,
    results,
    tools,
    asked: event ? (results.find((one) => one.event_id === event) ?? results[0] ?? null) : null,
  }
}

/** Answers the route of what results cost to carry over many sessions; undefined for other paths. */
export function carryRoute(path, query, { stories, mode }, hostile) {
  if (path !== '/cost/carry') return undefined
  const known = mode === 'empty' ? [] : stories.filter(({ record }) => record.cost_usd !== null && (!query.get('project') || record.project === query.get('project')))
  const contexts = known.slice(0, 3).map((story) => [story, contextRoute(`/sessions/${encodeURIComponent(story.record.session_id)}/context`, new URLSearchParams(), { stories }, hostile)])
  const sum = (of) => usd(contexts.reduce((all, [, context]) => all + of(context), 0))
  const spent = (list) => usd(list.reduce((all, { record }) => all + record.cost_usd, 0))
  const total = spent(known)
  const covered = spent(known.slice(0, 3))
  const tools = new Map()
  for (const tool of contexts.flatMap(([, context]) => context.tools)) {
    const before = tools.get(tool.tool_name)
    tools.set(tool.tool_name, before ? Object.fromEntries(Object.entries(tool).map(([key, value]) => [key, typeof value === 'number' ? usd(value + before[key]) : value])) : tool)
  }
  const results = contexts.flatMap(([{ record }, context]) => context.results.map((one) => ({ session_id: record.session_id, session_title: record.title, ...one })))
  return {
    session_count: known.length,
    looked_at_count: contexts.length,
    total: { input_tokens: 1, output_tokens: 1, cache_write_5m_tokens: 1, cache_write_1h_tokens: 1, cache_read_tokens: 1, web_search_requests: 0, cost_usd: mode === 'empty' ? null : total, cost_basis: mode === 'empty' ? null : 'priced' },
    covered_usd: mode === 'empty' ? null : covered,
    covered_millionths: total > 0 ? Math.floor((covered / total) * 1_000_000) : null,
    input_usd: sum((one) => one.input_usd),
    results_usd: sum((one) => one.results_usd),
    rest_usd: sum((one) => one.rest_usd),
    cost_basis: contexts.length === 0 ? null : 'priced',
    unknown_requests: 0,
    tools: [...tools.values()].sort((a, b) => b.cost_usd - a.cost_usd),
    results: results.sort((a, b) => b.cost_usd - a.cost_usd).slice(0, 100),
  }
}
