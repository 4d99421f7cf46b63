// Made-up sessions for the browser tests: every state a page can be in, and one session of 100,000 steps. All is
// computed from positions, so that nothing large is held.

const BASE = Date.now()
export const iso = (ms) => new Date(ms).toISOString().replace('Z', '000Z')

/** The kinds of text an agent may use to deceive: escapes, direction overrides, markup, zero width. */
export const HOSTILE = 'rm \u202etxt.oc\u202c \u001b[31mred\u001b[0m <img src=x onerror=alert(1)> zero\u200bwidth'

const usage = (scale, basis = 'priced') => ({
  input_tokens: Math.round(40 * scale),
  output_tokens: Math.round(420 * scale),
  cache_write_5m_tokens: Math.round(900 * scale),
  cache_write_1h_tokens: 0,
  cache_read_tokens: Math.round(31_000 * scale),
  web_search_requests: 0,
  cost_usd: basis === 'unpriced' ? null : Number((0.0184231 * scale).toFixed(12)),
  cost_basis: basis,
})
const sums = (scale, basis) => ({ requests: Math.max(1, Math.round(scale)), ...usage(scale, basis) })

function session(id, change) {
  return {
    session_id: id, parent_session_id: null, project: '/home/ada/web-shop', project_name: 'web-shop', cwd: '/home/ada/web-shop',
    git_branch: 'main', model: 'claude-opus-4-5-20251101', title: 'Untitled', status: 'ended', waiting_for: null,
    started_at: iso(BASE - 3_600_000), ended_at: iso(BASE - 600_000), end_reason: 'prompt_input_exit', last_at: iso(BASE - 600_000),
    duration_ms: 3_000_000, client_version: '2.1.80', permission_mode: 'default', agent_count: 0, turn_count: 1,
    tool_call_count: 3, error_count: 0, compaction_count: 0, alert_count: 0, open_alert_count: 0, worst_severity: null, request_count: 4, ...usage(4),
    reported_usd: null, hidden_usd: null, unexplained_usd: null, explained_millionths: null,
    sources: ['hook', 'transcript'], ...change,
  }
}

const agent = (id, change) => ({
  agent_id: id, parent_agent_id: 'main', parent_session_id: null, agent_type: 'Explore', description: null, kind: 'subagent',
  tool_use_id: null, prompt_id: 'p2', depth: 1, model: 'claude-haiku-4-5-20251001', started_at: null, last_at: null,
  end: 'completed', is_orphan: false, spawn_index: null, step_count: 0, tool_call_count: 0, error_count: 0,
  own: sums(1), subtree: sums(1), ...change,
})

const turn = (promptId, label, change) => ({
  prompt_id: promptId, label, is_human: true, started_at: null, last_at: null, step_count: 0, error_count: 0, totals: sums(4), ...change,
})

const BLANK = {
  parent_agent_id: null, prompt_id: null, tool_use_id: null, tool_name: null, label: null, ended_at: null, duration_ms: null,
  wait_ms: null, outcome: null, error: null, is_error: false, spawned_agent_id: null, spawned: null, model: null, message_id: null,
  output_bytes: null, guard: null, alert_ids: [], sources: ['hook', 'transcript'],
}

/** One step of a scripted thread: [kind, tool, label, seconds after start, seconds long, changes]. */
function scripted(sessionId, startMs, address, rows) {
  return rows.map(([kind, tool, label, at, length, change = {}], index) => ({
    ...BLANK, ...usage(kind === 'model_request' ? 1.4 : 0.3), event_id: `${sessionId}~${address.agent_id}.${address.prompt_id ?? ''}.${index}`,
    session_id: sessionId, agent_id: address.agent_id, prompt_id: address.prompt_id ?? null, kind, tool_name: tool, label,
    started_at: iso(startMs + at * 1000), ended_at: length === null ? null : iso(startMs + (at + length) * 1000),
    duration_ms: length === null ? null : Math.round((length - (change.wait_ms ?? 0) / 1000) * 1000),
    outcome: kind === 'tool_call' ? 'ok' : null, model: kind === 'model_request' ? 'claude-opus-4-5-20251101' : null,
    tool_use_id: kind === 'tool_call' ? `toolu_${address.agent_id}_${index}` : null, output_bytes: kind === 'tool_call' ? 1200 + index : null, ...change,
  }))
}

/** A session as people have them: four turns, agents four deep, an error, a denial, a wait. */
function flaky() {
  const id = 'f1a4e000-0000-4000-8000-000000000001'
  const start = BASE - 42 * 60_000
  const threads = new Map()
  const put = (address, rows) => threads.set(`${address.agent_id} ${address.prompt_id ?? ''}`, scripted(id, start, address, rows))
  put({ agent_id: 'main', prompt_id: 'p1' }, [
    ['session_start', null, 'startup', 0, 0],
    ['prompt', null, 'The auth tests fail one time in ten. Find out why.', 0.1, 0],
    ['model_request', null, 'I will look at the tests first.', 0.4, 6.2],
    ['tool_call', 'Bash', 'cargo test --test auth', 7, 55.2, { wait_ms: 41_000, outcome: 'error', is_error: true, error: 'exit code 101: test auth::refresh_token ... FAILED' }],
    ['tool_call', 'Read', 'tests/auth.rs', 63, 0.2],
    ['tool_call', 'Bash', HOSTILE, 64, 1.1, { outcome: 'denied', error: 'Permission to run this was denied by rule Bash(rm:*)' }],
    ['model_request', null, 'The failure depends on the clock.', 66, 9.3],
  ])
  put({ agent_id: 'main', prompt_id: 'p2' }, [
    ['prompt', null, 'now find the fixture and fix the tests', 600, 0],
    ['model_request', null, 'Let me send someone to search.', 600.3, 7.7],
    ['tool_call', 'Agent', 'find the fixture', 608.5, 261, { spawned_agent_id: 'a1' }],
    ['model_request', null, 'The fixture is shared between tests.', 870, 12],
    ['tool_call', 'Edit', 'tests/auth.rs', 883, 0.4],
    ['tool_call', 'Write', 'tests/support/clock.rs', 884, 0.3],
    ['compaction', null, 'auto: 168k tokens summarised', 890, 21],
    ['retry', null, 'overloaded_error, attempt 2', 915, 8],
    ['error', null, '529 overloaded', 914, 0, { is_error: true, error: 'API error 529: Overloaded' }],
    ['tool_call', 'Bash', 'cargo test --test auth -- --repeat 50', 925, 198, { outcome: 'ok' }],
    ['model_request', null, 'All fifty runs pass.', 1124, 5.1],
  ])
  put({ agent_id: 'a1' }, [
    ['model_request', null, 'Searching for conn_timeout.', 609, 4],
    ['tool_call', 'Grep', 'conn_timeout', 613.5, 0.3],
    ['tool_call', 'Agent', 'read every fixture', 616, 200, { spawned_agent_id: 'a2' }],
    ['tool_call', 'Read', 'tests/support/mod.rs', 818, 0.1, { outcome: 'error', is_error: true, error: 'File does not exist.' }],
    ['model_request', null, 'Found it: tests/support/clock.rs', 820, 6],
  ])
  put({ agent_id: 'a2' }, [
    ['model_request', null, 'Two folders; one each.', 617, 3],
    ['tool_call', 'Agent', 'fixtures in tests/', 622, 150, { spawned_agent_id: 'a3' }],
    ['model_request', null, 'Done.', 775, 2],
  ])
  put({ agent_id: 'a3' }, [
    ['tool_call', 'Glob', '**/*.rs', 623, 0.2],
    ['tool_call', 'Agent', 'the odd one', 630, 60, { spawned_agent_id: 'a4' }],
    ['tool_call', 'Read', 'tests/support/clock.rs', 700, 0.1],
  ])
  put({ agent_id: 'a4' }, [['tool_call', 'Bash', 'git log -1 --format=%H', 640, 0.8, { outcome: 'interrupted' }]])
  put({ agent_id: 'lost1' }, [['tool_call', 'Read', 'README.md', 700, 0.2]])
  put({ agent_id: 'main', prompt_id: 'p3' }, [
    ['prompt', null, 'commit and push', 2340, 0],
    ['model_request', null, 'Committing.', 2341, 6],
    ['tool_call', 'Bash', 'git commit -am "auth: a clock of their own for the tests"', 2348, 0.9],
    ['tool_call', 'Bash', 'git push origin main', 2350, null, { outcome: 'running', duration_ms: null }],
  ])
  const at = (seconds) => iso(start + seconds * 1000)
  const agents = [
    agent('main', { parent_agent_id: null, kind: 'main', agent_type: null, prompt_id: null, depth: 0, model: 'claude-opus-4-5-20251101', started_at: at(0), last_at: at(2350), step_count: 22, tool_call_count: 9, error_count: 2, own: sums(14), subtree: sums(23) }),
    agent('a1', { description: 'find the fixture', spawn_index: 2, tool_use_id: 'toolu_main_2', started_at: at(608.6), last_at: at(869), step_count: 5, tool_call_count: 3, error_count: 1, own: sums(4), subtree: sums(9) }),
    agent('a2', { parent_agent_id: 'a1', agent_type: 'general-purpose', description: 'read every fixture', depth: 2, spawn_index: 2, started_at: at(616.5), last_at: at(815), step_count: 3, tool_call_count: 1, own: sums(2), subtree: sums(5) }),
    agent('a3', { parent_agent_id: 'a2', description: 'fixtures in tests/', depth: 3, spawn_index: 1, started_at: at(622.5), last_at: at(772), step_count: 3, tool_call_count: 3, own: sums(2), subtree: sums(3, 'incomplete') }),
    agent('a4', { parent_agent_id: 'a3', description: HOSTILE, depth: 4, spawn_index: 1, started_at: at(630.5), last_at: at(690), step_count: 1, tool_call_count: 1, end: 'killed', own: sums(1, 'unpriced'), subtree: sums(1, 'unpriced') }),
    agent('lost1', { parent_agent_id: null, agent_type: null, prompt_id: 'p2', depth: null, is_orphan: true, end: null, started_at: at(699), last_at: at(701), step_count: 1, tool_call_count: 1 }),
  ]
  const turns = [
    turn('p1', 'The auth tests fail one time in ten. Find out why.', { started_at: at(0), last_at: at(75), step_count: 7, error_count: 1, totals: sums(5) }),
    turn('p2', 'now find the fixture and fix the tests', { started_at: at(600), last_at: at(1129), step_count: 11, error_count: 2, totals: sums(16, 'incomplete') }),
    turn('p3', 'commit and push', { started_at: at(2340), last_at: at(2350), step_count: 4, totals: sums(2) }),
  ]
  const record = session(id, {
    title: 'Fix flaky auth tests', status: 'waiting', waiting_for: { kind: 'permission', text: 'Bash  git push origin main' }, started_at: at(0), ended_at: null,
    end_reason: null, last_at: at(2350), duration_ms: 2_350_000, agent_count: 5, turn_count: 3, tool_call_count: 17, error_count: 3, compaction_count: 1, request_count: 19, ...usage(23, 'incomplete'),
  })
  return {
    record, agents, turns,
    count: (key) => threads.get(key)?.length ?? 0,
    step: (key, index) => threads.get(key)?.[index] ?? null,
    keys: () => [...threads.keys()],
    /** A step more: at the end, or where a late fact belongs. */
    append: (row, at = threads.get('main p3').length) => {
      const rows = threads.get('main p3')
      rows.splice(at, 0, ...scripted(id, start, { agent_id: 'main', prompt_id: 'p3' }, [row]).map((event) => ({ ...event, event_id: `${id}~live.${rows.length}` })))
      turns[2].step_count = rows.length
    },
  }
}

/** A session whose steps are computed from their position: `turnCount` turns, agents in each. */
function computed(id, change, { turnCount, stepsPerTurn, agentsPerTurn, stepsPerAgent }) {
  const start = Date.parse(change.started_at ?? iso(BASE - 6 * 3_600_000))
  const gap = (6 * 3_600_000) / turnCount
  const length = gap * 0.7
  const turns = Array.from({ length: turnCount }, (_, at) =>
    turn(`p${at}`, `Step ${at + 1} of the plan: move module ${at + 1}`, { started_at: iso(start + at * gap), last_at: iso(start + at * gap + length), step_count: stepsPerTurn, error_count: at % 5 === 3 ? 4 : 0, totals: sums(20 + (at % 7) * 9) }))
  const agents = [agent('main', { parent_agent_id: null, kind: 'main', agent_type: null, prompt_id: null, depth: 0 })]
  for (let at = 0; at < turnCount; at += 1) {
    for (let nth = 0; nth < agentsPerTurn; nth += 1) {
      const from = start + at * gap + ((nth + 0.2) * length) / (agentsPerTurn + 1)
      agents.push(agent(`g${at}-${nth}`, { description: `part ${nth + 1} of module ${at + 1}`, prompt_id: `p${at}`, spawn_index: Math.floor(((nth + 0.2) * stepsPerTurn) / (agentsPerTurn + 1)), started_at: iso(from), last_at: iso(from + length / 4), step_count: stepsPerAgent, tool_call_count: stepsPerAgent - 10, own: sums(8), subtree: sums(8) }))
    }
  }
  const tools = ['Read', 'Bash', 'Grep', 'Edit', 'Glob', 'WebFetch']
  const step = (key, index) => {
    const [agentId, promptId] = key.split(' ')
    const turnAt = Number((promptId || agentId).match(/\d+/)?.[0] ?? 0)
    const count = promptId ? stepsPerTurn : stepsPerAgent
    if (index < 0 || index >= count) return null
    const from = start + turnAt * gap + (promptId ? 0 : 60_000) + (index * length) / count
    const isRequest = index % 4 === 0
    const isError = promptId && turnAt % 5 === 3 && index % Math.floor(stepsPerTurn / 4) === 7
    const seconds = isRequest ? 4 : 0.2 + (index % 13)
    return scripted(id, from, { agent_id: agentId, prompt_id: promptId || null }, [
      isRequest ? ['model_request', null, `thought ${index}`, 0, seconds] : ['tool_call', tools[index % tools.length], `src/module_${turnAt}/part_${index}.rs`, 0, seconds, isError ? { outcome: 'error', is_error: true, error: 'exit code 1' } : {}],
    ]).map((event) => ({ ...event, event_id: `${id}~${agentId}.${promptId}.${index}` }))[0]
  }
  return {
    record: session(id, { agent_count: agents.length - 1, turn_count: turnCount, tool_call_count: Math.round(turnCount * (stepsPerTurn + agentsPerTurn * stepsPerAgent) * 0.75), error_count: turns.reduce((sum, each) => sum + each.error_count, 0), started_at: iso(start), last_at: iso(start + 6 * 3_600_000), duration_ms: 6 * 3_600_000, request_count: 9000, ...usage(2400), ...change }),
    agents, turns, step,
    count: (key) => (key.endsWith(' ') ? stepsPerAgent : stepsPerTurn),
    keys: () => turns.map((each) => `main ${each.prompt_id}`),
    errorKeys: () => turns.filter((each) => each.error_count > 0).map((each) => `main ${each.prompt_id}`),
  }
}

/** All sessions, and a long tail of plain ones for the list. */
export function wholeStore() {
  const small = { turnCount: 3, stepsPerTurn: 12, agentsPerTurn: 1, stepsPerAgent: 14 }
  const stories = [
    flaky(),
    computed('b16b16b1-0000-4000-8000-000000100000', { title: 'Move every module to the new storage', status: 'running', ended_at: null, project: '/home/ada/storage', project_name: 'storage', compaction_count: 9 }, { turnCount: 40, stepsPerTurn: 1000, agentsPerTurn: 10, stepsPerAgent: 150 }),
    computed('c0ffee00-0000-4000-8000-000000000003', { title: 'Explain the build', status: 'running', ended_at: null }, small),
    computed('d00d0000-0000-4000-8000-000000000004', { title: HOSTILE, status: 'lost', ended_at: null, git_branch: 'feature/\u202egpj', project: '/tmp/<b>bold</b>', project_name: '<b>bold</b>' }, small),
    computed('e0000000-0000-4000-8000-000000000005', { title: null, status: 'idle', ended_at: null, model: null, git_branch: null, sources: ['hook'], ...Object.fromEntries(Object.keys(usage(1)).map((name) => [name, null])) }, small),
    computed('f0000000-0000-4000-8000-000000000006', { title: 'Try the new model', model: 'claude-next', ...usage(9, 'unpriced') }, small),
  ]
  const titles = ['Rename the config keys', 'Why is CI slow?', 'Write the release notes', 'Review the pull request about caching', 'Port the CLI to the new parser']
  for (let at = 0; at < 1200; at += 1) {
    const started = BASE - 7_200_000 - at * 3_100_000
    stories.push(computed(`00000000-0000-4000-8000-${String(at).padStart(12, '0')}`, {
      title: titles[at % titles.length], project: at % 3 ? '/home/ada/web-shop' : '/home/ada/storage', project_name: at % 3 ? 'web-shop' : 'storage', git_branch: at % 4 ? 'main' : `topic-${at}`,
      started_at: iso(started), last_at: iso(started + 900_000), ended_at: iso(started + 900_000), duration_ms: 900_000 + at * 997, turn_count: 1 + (at % 9), tool_call_count: (at * 7) % 160, error_count: at % 6 === 0 ? at % 5 : 0, agent_count: at % 4, ...usage(1 + (at % 50), at % 11 ? 'priced' : 'reported'),
    }, small))
  }
  return stories
}

/** The details of an event, as large as asked. */
function priceOf(cost) {
  const parts = [
    { what: 'input', count: 12, each_usd: 0.000005, factor: null, cost_usd: 0.00006 },
    { what: 'United States inference', count: null, each_usd: null, factor: '1.1', cost_usd: 0.000006 },
  ]
  return { parts, list_usd: 0.000066, cost_usd: cost, cost_basis: 'reported', is_list_price: false, since: '2026-02-05T00:00:00.000000Z', until: null, source: 'the price page, read 2026-11-22', table_date: '2026-11-22' }
}

export function details(event) {
  const request = event.message_id === undefined ? null : { message_id: 'msg_01', request_id: 'req_01', model: 'claude-opus-4-5-20251101', sent_at: event.started_at, share_count: 3, ...usage(1.4) }
  const inputs = {
    Bash: { command: event.label, description: 'Run it', timeout: 120000 },
    Edit: { file_path: '/home/ada/web-shop/tests/auth.rs', old_string: 'fn now() -> Time {\n    SystemTime::now()\n}\n\nfn later() {}\n', new_string: 'fn now(clock: &Clock) -> Time {\n    clock.now()\n}\n\nfn later() {}\n' },
    Write: { file_path: '/home/ada/web-shop/tests/support/clock.rs', content: 'pub struct Clock;\n\nimpl Clock {\n    pub fn now(&self) -> Time { todo!() }\n}\n' },
  }
  const input = event.kind === 'tool_call' ? (inputs[event.tool_name] ?? { file_path: event.label }) : event.kind === 'prompt' ? event.label : null
  const output = event.kind === 'tool_call' ? { stdout: `running 12 tests\n${`test auth::case ... ok\n`.repeat(event.tool_name === 'Bash' ? 400 : 3)}${HOSTILE}\n`, stderr: '', interrupted: false } : event.kind === 'model_request' ? `${event.label}\n\nThe refresh token is compared with the wall clock; on a slow machine a second passes in between.` : null
  const text = JSON.stringify({ tool_name: event.tool_name, tool_input: input, tool_response: output })
  return { event, request, price: request === null ? null : priceOf(request.cost_usd), bodies: [{ source: 'transcript', part: 'output', text, size_bytes: text.length, is_cut: false }], input, input_is_cut: false, output, output_is_cut: false, saved_output: savedOutput(event) }
}

/** Read gives back more than a transcript holds. */
function savedOutput(event) {
  if (event.tool_name !== 'Read') return null
  const text = `${HOSTILE}\nthe last line of the saved output`
  return { source: 'file', part: 'output', text, removed_at: null, size_bytes: text.length, is_cut: false }
}
