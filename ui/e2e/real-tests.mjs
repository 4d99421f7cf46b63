// The walk through a real server: from the list of sessions to a step of a third-level subagent. The code opens the
// door once, so the walk is one test.
import assert from 'node:assert/strict'
import { assertAccessible, eventually } from './harness.mjs'

const DEEP = 3

/** The first session that has an agent so deep, and that agent. */
async function deepAgent(get) {
  const { sessions } = await get('/sessions?limit=500')
  for (const session of sessions.filter((each) => each.agent_count >= DEEP)) {
    const trace = await get(`/sessions/${session.session_id}/trace`)
    const agent = trace.agents.find((each) => (each.depth ?? 0) >= DEEP && each.step_count > 0)
    if (agent) return { session, trace, agent }
  }
  return assert.fail(`none of ${sessions.length} sessions has a subagent ${DEEP} deep`)
}

export const realTests = (server) => [
  ['from the list to a step of a third-level subagent', async (page) => {
    await page.goto(`${server.url}/#code=${server.code}`)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    assert.ok(!page.url().includes('code'), 'the code stays in the address')
    await page.getByText('live', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Sessions' }).first().click()
    await page.getByRole('grid', { name: 'Sessions' }).waitFor()
    await assertAccessible(page, 'sessions')

    const token = await page.evaluate(() => localStorage.getItem('argus.token'))
    const get = async (path) => {
      const response = await fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
      assert.ok(response.ok, `${path}: ${response.status}`)
      return response.json()
    }
    const { session, trace, agent } = await deepAgent(get)

    await page.getByRole('searchbox', { name: 'Search sessions' }).fill(session.session_id)
    await page.waitForURL(/q=/)
    await page.getByText('1 session, no more').waitFor()
    await page.locator('[role=row][aria-selected]').first().click()
    await page.waitForURL(new RegExp(session.session_id))

    const grid = page.getByRole('treegrid', { name: 'Trace' })
    await grid.waitFor()
    await grid.focus()
    await page.keyboard.press('e')
    const steps = trace.turns.concat(trace.agents.filter((each) => each.kind !== 'main')).reduce((sum, each) => sum + each.step_count, 0)
    const rows = 1 + steps + trace.turns.length + trace.agents.length - 1
    await eventually(() => grid.getAttribute('aria-rowcount'), String(rows), 'rows of the whole tree')

    const { events } = await get(`/sessions/${session.session_id}/events?agent_id=${agent.agent_id}`)
    assert.equal(events.length, agent.step_count, 'the outline counts the steps there are')
    const event = events.find((each) => each.kind === 'tool_call') ?? events[0]
    const key = event.event_id.slice(event.event_id.indexOf('~') + 1)
    await page.goto(`${server.url}/sessions/${session.session_id}?step=${encodeURIComponent(key)}`)
    const selected = page.locator('[role=row][aria-selected=true]')
    await selected.waitFor()
    assert.ok(Number(await selected.getAttribute('aria-level')) >= DEEP + 2, 'the step stands as deep as its agent')
    await page.getByRole('tab', { name: 'Raw' }).click()
    await page.getByRole('tabpanel').getByText('secrets masked').first().waitFor()
    await page.getByRole('tab', { name: 'Why $' }).click()
    await page.getByText('The request produced').waitFor()
    await assertAccessible(page, 'a step of a third-level subagent')

    await page.getByRole('tab', { name: 'Transcript' }).click()
    await page.getByText(agent.agent_id).first().waitFor()
    await page.getByRole('link', { name: 'Capture' }).click()
    await page.getByRole('heading', { name: /^.?\s*Capture/ }).waitFor()
    await assertAccessible(page, 'capture')

    await page.getByRole('link', { name: 'Cost' }).first().click()
    const total = (await get('/cost?by=model')).total.cost_usd
    const named = { worktree: 'working tree', mcp_server: 'MCP server', query_source: 'purpose' }
    for (const by of ['project', 'model', 'session', 'agent', 'tool', 'branch', 'worktree', 'repository', 'commit', 'skill', 'mcp_server', 'query_source', 'day']) {
      await page.getByRole('group', { name: 'Cut by' }).getByRole('button', { name: named[by] ?? by, exact: true }).click()
      await page.getByRole('grid', { name: `Cost by ${named[by] ?? by}` }).waitFor()
      const cut = await get(`/cost?by=${by}&limit=500`)
      assert.equal(cut.total.cost_usd, total, `the total by ${by}`)
      const sum = cut.rows.reduce((whole, row) => whole + Math.round((row.cost_usd ?? 0) * 1e12), 0)
      assert.equal(sum, Math.round(total * 1e12), `the sum by ${by}`)
    }
    await assertAccessible(page, 'cost')
    await page.getByRole('link', { name: 'Tools' }).first().click()
    await page.getByRole('grid', { name: 'Tools' }).getByText('Agent', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Overview' }).first().click()
    await page.getByRole('heading', { name: 'Waits for you' }).waitFor()
    await assertAccessible(page, 'overview')

    await page.keyboard.press('/')
    await page.keyboard.type('tool:Bash exit')
    await page.keyboard.press('Enter')
    await page.getByRole('grid', { name: 'Hits' }).waitFor()
    await page.locator('mark').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/step=/)
    await page.getByRole('heading', { name: 'Bash' }).waitFor()
  }],
  ['a dangerous call is on the screen while it runs, and nobody touched a key', async (page) => {
    if (!server.runHook) return
    await page.goto(`${server.url}/#code=${await server.newCode()}`)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const enter = async (path) => {
      await page.goto(`${server.url}${path}`)
      await page.getByText('live', { exact: true }).waitFor()
    }
    const call = (number, command) =>
      server.runHook({
        session_id: `00000000-0000-4000-8000-00000000000${number}`,
        transcript_path: `/nonexistent/${number}.jsonl`,
        cwd: '/nonexistent',
        hook_event_name: 'PreToolUse',
        tool_name: 'Bash',
        tool_use_id: `toolu_screen${number}`,
        tool_input: { command },
      })
    await enter('/alerts?view=each')
    await call(1, 'sudo install seenmark')
    await page.getByRole('grid', { name: 'Alerts' }).getByText('sudo install seenmark').waitFor()
    await page.getByRole('status', { name: 'Notices' }).getByText('The command runs through sudo.').waitFor()
    await page.getByRole('heading', { name: /1 open alert/ }).or(page.getByText(/1 open alert/)).first().waitFor()
    // The same message tells that the session is there and runs.
    await enter('/live')
    await page.getByRole('region', { name: 'Runs' }).getByText('00000000-0000-4000-8000-000000000001').waitFor()
    await call(2, 'sudo install other')
    await page.getByRole('region', { name: 'Runs' }).getByText('00000000-0000-4000-8000-000000000002').waitFor()
  }],
]
