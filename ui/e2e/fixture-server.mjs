// Serves the built dashboard and an API of made-up records, with the headers of the real server, so that the browser
// tests see every state a page can be in. `node e2e/fixture-server.mjs [full|empty|failing] [port]` for looking around.
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alertRoute, changeAlert, changePast, endMute, makeAlerts, mutesRoute, openCounts, stepWithAlerts, whole, withAlerts } from './fixture-alerts.mjs'
import { backtestRoute, orderBacktest } from './fixture-backtest.mjs'
import { carryRoute, contextRoute } from './fixture-context.mjs'
import { figureRoute, makeSpending } from './fixture-figures.mjs'
import { changeGuard, guardRoute, makeGuard, stepWithGuard } from './fixture-guard.mjs'
import { moneyRoute, withReports } from './fixture-money.mjs'
import { changeSettings, makeSettings, restRoute } from './fixture-rest.mjs'
import { details, HOSTILE, iso, wholeStore } from './fixtures.mjs'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
export const CODE = 'one-time-code'
const TOKEN = 'fixture-token'

/** Starts it; `mode` is full, empty or failing. */
export async function startFixtureServer({ mode = 'full', port = 0 } = {}) {
  const stories = mode === 'empty' ? [] : wholeStore()
  const byId = new Map(stories.map((story) => [story.record.session_id, story]))
  const feed = mode === 'empty' ? { ...makeAlerts(), alerts: [], mutes: [] } : makeAlerts()
  withAlerts(stories, feed)
  withReports(stories)
  const store = { stories, byId, mode, feed, spending: stories.length === 0 ? [] : makeSpending(stories), settings: makeSettings(), guard: makeGuard() }
  const streams = new Set()
  let asked = 0
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1')
    if (!url.pathname.startsWith('/api/')) return sendFile(url.pathname, response)
    asked += 1
    const path = url.pathname.replace('/api/v1', '')
    if (path === '/auth/exchange') return exchange(request, response)
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return fail(response, 401, 'no_token', 'This needs a token.', 'argus open')
    if (path === '/live') return stream(streams, request, response)
    if (mode === 'failing') return fail(response, 503, 'database_locked', 'The database does not answer.', 'Look at it with: argus doctor')
    if (request.method !== 'GET') return void change(path, request, response, store)
    const answer = route(path, url.searchParams, store)
    if (answer?.refused) return fail(response, 400, ...answer.refused)
    if (answer === null) return fail(response, 404, 'not_found', 'There is no such session.', 'argus sessions lists those there are.')
    send(response, 200, answer)
  })
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  let seq = 0
  const tell = (event, change) => {
    seq += 1
    for (const each of streams) each.write(`event: ${event}\ndata: ${JSON.stringify({ ...change, seq })}\n\n`)
  }
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    code: CODE,
    stories,
    requests: () => asked,
    feed,
    settings: store.settings,
    guard: store.guard,
    tell,
    change: (...ids) => tell('change', { session_ids: ids, raised: [] }),
    /** An alert that is raised now. */
    raise: (alert) => {
      feed.alerts.push(alert)
      tell('alerts', { session_ids: [alert.session_id], raised: [whole(alert, feed.alerts)], open: openCounts(feed.alerts) })
    },
    stop: () => {
      for (const each of streams) each.end()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

async function change(path, request, response, store) {
  const body = JSON.parse(await read(request))
  if (path === '/settings') return send(response, 200, changeSettings(body, store))
  if (path === '/backtest') {
    const begun = orderBacktest(body, store)
    return begun.refused ? fail(response, 400, ...begun.refused) : send(response, 200, begun)
  }
  if (path === '/rules/exceptions') {
    store.feed.exceptions.push(body.text)
    return send(response, 200, { added_count: 1 })
  }
  const ofGuard = changeGuard(request.method, path, body, store)
  if (ofGuard !== null) return send(response, 200, ofGuard)
  const alert = /^\/alerts\/(.+)$/.exec(path)
  const mute = /^\/mutes\/(.+)$/.exec(path)
  const answer = mute ? endMute(mute[1], store.feed) : path === '/alerts/past' ? changePast(body, store.feed) : alert ? changeAlert(decodeURIComponent(alert[1]), body, store.feed) : null
  if (answer === null) return fail(response, 404, 'not_found', 'There is no such thing to change.', null)
  withAlerts(store.stories, store.feed)
  send(response, 200, answer)
}

function route(path, query, store) {
  const { stories, byId, mode, feed } = store
  const ofFeed = alertRoute(path, query, feed)
  if (ofFeed !== undefined) return ofFeed
  const figures = figureRoute(path, query, store)
  if (figures !== undefined) return figures
  const money = moneyRoute(path, query, store)
  if (money !== undefined) return money
  const carry = carryRoute(path, query, store, HOSTILE)
  if (carry !== undefined) return carry
  const context = contextRoute(path, query, store, HOSTILE)
  if (context !== undefined) return context
  const backtest = backtestRoute(path, store)
  if (backtest !== undefined) return backtest
  const ofGuard = guardRoute(path, store)
  if (ofGuard !== undefined) return ofGuard
  const rest = restRoute(path, query, store)
  if (rest !== undefined) return rest
  if (path === '/mutes') return mutesRoute(feed)
  if (path === '/sessions') return listSessions(stories, query)
  if (path === '/projects') return listProjects(stories)
  if (path === '/capture') return captureRecord(mode)
  const event = /^\/events\/(.+)$/.exec(path)
  if (event) {
    const found = eventDetails(byId, decodeURIComponent(event[1]))
    return found && { ...found, event: stepWithGuard(stepWithAlerts(found.event, feed)) }
  }
  const match = /^\/sessions\/([^/]+)(?:\/(trace|events))?$/.exec(path)
  const story = match && byId.get(decodeURIComponent(match[1]))
  if (!story) return null
  if (match[2] === 'trace') return { session: story.record, agents: story.agents, turns: story.turns }
  if (match[2] === 'events') {
    const page = listEvents(story, query)
    return { ...page, events: page.events.map((each) => stepWithGuard(stepWithAlerts(each, feed))) }
  }
  return { session: story.record }
}

function listSessions(stories, query) {
  const limit = Number(query.get('limit') ?? 50)
  const from = Number(query.get('cursor') || 0)
  const has = (text, part) => (text ?? '').toLowerCase().includes(part.toLowerCase())
  const found = stories
    .map((story) => story.record)
    .filter((each) => !query.get('status') || each.status === query.get('status'))
    .filter((each) => !query.get('project') || each.project === query.get('project'))
    .filter((each) => !query.get('since') || Date.parse(each.last_at) >= Date.parse(query.get('since')))
    .filter((each) => !query.get('q') || has(each.title, query.get('q')) || has(each.git_branch, query.get('q')))
  return { sessions: found.slice(from, from + limit), next_cursor: from + limit < found.length ? String(from + limit) : null }
}

function listProjects(stories) {
  const projects = new Map()
  for (const { record } of stories) {
    const known = projects.get(record.project) ?? { project: record.project, name: record.project_name, session_count: 0, last_at: record.last_at, cost_usd: 0, cost_basis: 'priced' }
    known.session_count += 1
    known.cost_usd += record.cost_usd ?? 0
    projects.set(record.project, known)
  }
  return { projects: [...projects.values()] }
}

function listEvents(story, query) {
  const offset = Number(query.get('offset') ?? 0)
  const limit = Math.min(500, Number(query.get('limit') ?? 200))
  if (query.get('errors') === 'true' || !query.get('agent_id')) {
    const keys = query.get('errors') === 'true' && story.errorKeys ? story.errorKeys() : story.keys()
    const all = keys.flatMap((key) => Array.from({ length: story.count(key) }, (_, at) => story.step(key, at)))
    const found = all.filter((event) => query.get('errors') !== 'true' || event.is_error).sort((a, b) => (a.started_at < b.started_at ? -1 : 1))
    return { events: found.slice(offset, offset + limit), total: found.length, next_cursor: null }
  }
  const prompts = query.get('agent_id') === 'main' && !query.get('prompt_id') ? story.turns.map((each) => each.prompt_id) : [query.get('prompt_id') ?? '']
  const keys = prompts.map((prompt) => `${query.get('agent_id')} ${prompt}`)
  const total = keys.reduce((sum, key) => sum + story.count(key), 0)
  const events = []
  let before = 0
  for (const key of keys) {
    const count = story.count(key)
    for (let at = Math.max(0, offset - before); at < count && before + at < offset + limit; at += 1) {
      const event = story.step(key, at)
      if (event) events.push(event)
    }
    before += count
  }
  return { events, total, next_cursor: offset + limit < total ? String(offset + limit) : null }
}

function eventDetails(byId, id) {
  const [sessionId, key] = id.split('~')
  const story = byId.get(sessionId)
  if (!story) return null
  // Computed stories know a step by its position; scripted ones may have had steps put in between.
  const match = /^(.+)\.(.*)\.(\d+)$/.exec(key)
  const found = match ? story.step(`${match[1]} ${match[2]}`, Number(match[3])) : null
  if (found?.event_id === id) return details(found)
  for (const thread of story.append ? story.keys() : []) {
    for (let at = 0; at < story.count(thread); at += 1) if (story.step(thread, at).event_id === id) return details(story.step(thread, at))
  }
  return null
}

function captureRecord(mode) {
  const isEmpty = mode === 'empty'
  const now = iso(Date.now() - 3000)
  return {
    sources: isEmpty ? [] : [
      { source: 'hook', source_count: 31, size_bytes: 48_220_112, read_bytes: 48_220_112, archived_bytes: 9_120_331, record_count: 40_311, quarantine_count: 0, unknown_count: 12, last_at: now },
      { source: 'transcript', source_count: 1288, size_bytes: 912_220_112, read_bytes: 912_180_112, archived_bytes: 120_120_331, record_count: 391_220, quarantine_count: 2, unknown_count: 41, last_at: now },
    ],
    spool: { pending_files: 0, pending_bytes: 0, lost_records: 0 },
    importing: null,
    pause: null,
    excluded: { session_count: 0, project_count: 0 },
    settings_problem: null,
    telemetry: { is_switched_on: true, detail: null },
    is_watching: true,
    search: { indexed_bytes: 310_000_000, total_bytes: 315_000_000 },
    quarantine: isEmpty ? [] : [
      { source: '/home/ada/.claude/projects/-home-ada-web-shop/f1a4.jsonl', offset: 120_331, reason: 'not JSON: unexpected end of line', at: now, excerpt: '{"type":"assistant","mess' },
      { source: '/home/ada/.claude/projects/-home-ada-web-shop/f1a4.jsonl', offset: 991_200, reason: 'not UTF-8', at: now, excerpt: '\u001b[2J\u202eevil' },
    ],
    server: { version: '0.1.0', started_at: iso(Date.now() - 7_400_000), instance: 'fixture', data_dir: '/home/ada/.local/share/argus', sqlite_version: '3.53.2', database_bytes: 188_220_416, is_demo: false },
    hooks: isEmpty ? { installed: false, detail: 'no entry of ours in settings.json' } : { installed: true, detail: '22 events, user scope' },
  }
}

async function exchange(request, response) {
  if (JSON.parse(await read(request)).code === CODE) send(response, 200, { token: TOKEN })
  else fail(response, 401, 'bad_code', 'That code is no good.', 'argus open')
}

async function read(request) {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

function stream(streams, request, response) {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
  response.write('event: hello\ndata: {"instance":"fixture"}\n\n')
  streams.add(response)
  request.on('close', () => streams.delete(response))
}

function send(response, status, value) {
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function fail(response, status, code, message, hint) {
  send(response, status, { error: { code, message, hint } })
}

function sendFile(path, response) {
  const wanted = join(DIST, normalize(path))
  const file = extname(path) !== '' && existsSync(wanted) ? wanted : join(DIST, 'index.html')
  response.writeHead(200, { ...HEADERS, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url, code } = await startFixtureServer({ mode: process.argv[2] ?? 'full', port: Number(process.argv[3] ?? 7788) })
  console.log(`${url}/#code=${code}`)
}
