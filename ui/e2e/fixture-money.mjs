// What Claude Code reported of the made-up sessions: one that agrees, one with hidden requests, one that disagrees, one
// that was killed in between, and many without a report.
const SAYS = {
  no_report: 'Claude Code left no report: the session is still open, was killed, or its client writes none (2.1.240 and older).',
  hidden_requests: 'Claude Code counted tokens that stand in no transcript.',
  fewer_reported: 'The requests have more tokens than Claude Code counted.',
  status_line: 'What came after the last report is told by the status line, a total without tokens.',
  run_without_report: 'A run that was killed left no report; its requests stand beside the reported money.',
}
const PICO = 10 ** 12
const round = (usd) => Math.round(usd * PICO) / PICO
const drift = (reason) => (reason === null ? null : { reason, says: SAYS[reason] })

/** A session's figures, by its place in the list. */
function figuresOf(record, at) {
  const cost = record.cost_usd
  const nothing = { reported_usd: null, explained_usd: cost ?? 0, explained_basis: record.cost_basis, told_by_telemetry_usd: 0, hidden_usd: null, unexplained_usd: null, uncovered_usd: 0, reason: 'no_report' }
  if (cost === null) return nothing
  switch (at) {
    case 0:
      return { ...nothing, reported_usd: round(cost * 1.25), explained_basis: 'reported', told_by_telemetry_usd: round(cost * 0.1), hidden_usd: round(cost * 0.25), unexplained_usd: 0, reason: 'hidden_requests' }
    case 1:
      return { ...nothing, reported_usd: cost, hidden_usd: 0, unexplained_usd: 0, reason: null }
    case 2:
      return { ...nothing, reported_usd: round(cost * 0.9), hidden_usd: 0, unexplained_usd: round(-cost * 0.1), reason: 'fewer_reported' }
    case 3:
      return { ...nothing, reported_usd: round(cost * 0.5), explained_usd: round(cost * 0.5), hidden_usd: 0, unexplained_usd: 0, uncovered_usd: round(cost * 0.5), reason: 'run_without_report' }
    case 5:
      return nothing
    case 6:
      return { ...nothing, reported_usd: round(cost * 1.1), hidden_usd: 0, unexplained_usd: round(cost * 0.1), reason: 'status_line' }
    default:
      return nothing
  }
}

const apart = (row) => (row.reported_usd === null ? -1 : Math.abs(row.hidden_usd) + Math.abs(row.unexplained_usd))

function rowsOf(stories) {
  const rows = stories.map(({ record }, at) => {
    const { reason, ...figures } = figuresOf(record, at)
    const { session_id, title, project, project_name, last_at } = record
    const uncovered_usd = figures.reported_usd === null ? null : figures.uncovered_usd
    return { session_id, title, project, project_name, last_at, client_version: '2.1.328', ...figures, uncovered_usd, drift_usd: figures.reported_usd === null ? null : round(figures.hidden_usd + figures.unexplained_usd), drift: drift(reason) }
  })
  return rows.sort((a, b) => apart(b) - apart(a))
}

/** Notes with each session what was reported of it. */
export function withReports(stories) {
  for (const [at, { record }] of stories.entries()) {
    const found = figuresOf(record, at)
    if (found.reported_usd === null) continue
    const { reported_usd, hidden_usd, unexplained_usd } = found
    const gone = Math.abs(hidden_usd) + Math.abs(unexplained_usd)
    Object.assign(record, { reported_usd, hidden_usd, unexplained_usd, explained_millionths: reported_usd > 0 ? Math.max(0, Math.floor((1 - gone / reported_usd) * 1_000_000)) : null })
  }
}

/** The sums over all sessions. */
export function reportedTotals(stories) {
  return list(stories, new URLSearchParams()).totals
}

function list(stories, query) {
  const rows = rowsOf(stories)
  const known = rows.filter((row) => row.reported_usd !== null)
  const sum = (key, of = known) => round(of.reduce((whole, row) => whole + (row[key] ?? 0), 0))
  const [from, limit] = [Number(query.get('cursor') || 0), Number(query.get('limit') ?? 50)]
  const reported = sum('reported_usd')
  const gone = known.reduce((whole, row) => whole + apart(row), 0)
  const unknown = rows.filter((row) => row.reported_usd === null)
  return {
    totals: {
      explained_millionths: reported > 0 ? Math.floor((1 - gone / reported) * 1_000_000) : null,
      reported_sessions: known.length,
      explained_sessions: known.filter((row) => row.drift === null).length,
      unreported_sessions: unknown.length,
      unreported_usd: sum('explained_usd', unknown),
      reported_usd: known.length > 0 ? reported : null,
      explained_usd: sum('explained_usd'),
      explained_basis: known.length === 0 ? null : 'priced',
      told_by_telemetry_usd: sum('told_by_telemetry_usd'),
      hidden_usd: known.length > 0 ? sum('hidden_usd') : null,
      unexplained_usd: known.length > 0 ? sum('unexplained_usd') : null,
      uncovered_usd: sum('uncovered_usd'),
    },
    sessions: rows.slice(from, from + limit),
    next_cursor: from + limit < rows.length ? String(from + limit) : null,
  }
}

function one(stories, id) {
  const at = stories.findIndex(({ record }) => record.session_id === id)
  if (at < 0) return null
  const { reason, ...figures } = figuresOf(stories[at].record, at)
  const counted = { input_tokens: 10, output_tokens: 20, cache_write_tokens: 30, cache_read_tokens: 40, web_search_requests: 0 }
  const { uncovered_usd, ...own } = figures
  const is_by_status_line = reason === 'status_line'
  const model = is_by_status_line ? '(status line)' : 'claude-opus-4-5-20251101'
  return {
    session_id: id,
    ...own,
    uncovered_usd,
    uncovered_requests: uncovered_usd > 0 ? 3 : 0,
    reported_until: own.reported_usd === null ? null : stories[at].record.last_at,
    is_by_status_line,
    drifts: reason === null ? [] : [drift(reason)],
    models: [{ model, ...own, reported: own.reported_usd === null || is_by_status_line ? null : counted, explained: counted, drift: drift(reason) }],
    told_by_telemetry: own.told_by_telemetry_usd > 0 ? [{ query_source: 'compact', request_count: 2, cost_usd: own.told_by_telemetry_usd }] : [],
  }
}

/** A session's money by agent and tool: each agent's own, by what its requests called. */
function parts(story) {
  if (!story) return null
  const PICO_OF = (usd) => Math.round((usd ?? 0) * PICO)
  const rest = story.agents.slice(1).reduce((left, agent) => left - PICO_OF(agent.own.cost_usd), PICO_OF(story.record.cost_usd))
  const own = story.agents.map((agent, at) => ({ agent, pico: at === 0 ? Math.max(0, rest) : PICO_OF(agent.own.cost_usd) }))
  const TOOLS = ['Bash', 'Read', 'Edit', 'mcp__tickets__search', 'Grep']
  return {
    parts: own.flatMap(({ agent, pico }, at) => {
      const names = TOOLS.slice(0, 1 + (at % TOOLS.length))
      const shares = names.map((name, nth) => [name, Math.floor((pico * (0.3 - nth * 0.05)))])
      const text = pico - shares.reduce((sum, [, share]) => sum + share, 0)
      return [['(model text)', text], ...shares].map(([tool_name, share]) => ({ agent_id: agent.agent_id, tool_name, ...story.record, cost_usd: share / PICO, cost_basis: 'priced' }))
    }).map(({ agent_id, tool_name, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_usd, cost_basis }) => ({ agent_id, tool_name, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_usd, cost_basis })),
  }
}

/** Answers GET routes of reported money; undefined for other paths. */
export function moneyRoute(path, query, { stories }) {
  if (path === '/reconciliation') return list(stories, query)
  const ofParts = /^\/sessions\/([^/]+)\/parts$/.exec(path)
  if (ofParts) return parts(stories.find(({ record }) => record.session_id === decodeURIComponent(ofParts[1])))
  const match = /^\/sessions\/([^/]+)\/reconciliation$/.exec(path)
  return match ? one(stories, decodeURIComponent(match[1])) : undefined
}
