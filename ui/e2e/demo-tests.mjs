// The real demo, as `argus demo` makes and serves it: every page has something on it, fits its screen and complains of nothing.
import assert from 'node:assert/strict'
import { assertAccessible, eventually, settled } from './harness.mjs'
import { assertFits } from './look-tests.mjs'

/** A page, and words or roles that only stand there when it is filled. */
const FILLED = [
  ['/', (page) => page.getByRole('region', { name: 'Budgets' })],
  ['/live', (page) => page.getByText('Roll out to staging').first()],
  ['/sessions', (page) => page.getByText('Review the checkout for races').first()],
  ['/alerts', (page) => page.locator('[role=row]').nth(4)],
  ['/cost', (page) => page.locator('[role=row]').nth(2)],
  ['/cost?view=reconciliation', (page) => page.getByText(/% of/).first()],
  ['/tools', (page) => page.getByText('mcp__postgres__query').or(page.getByText('query', { exact: true })).first()],
  ['/rules', (page) => page.getByText(/rules found something/)],
  ['/secrets', (page) => page.getByText(/secrets? to replace/)],
  ['/search?q=checkout', (page) => page.locator('mark').first()],
  ['/capture', (page) => page.getByText(/1 record could not be read/)],
  ['/settings', (page) => page.getByText('each project').first()],
]
const VIEWS = ['', '?view=transcript', '?view=errors', '?view=agents', '?view=alerts', '?view=context']

async function signIn(page, server) {
  await page.goto(`${server.url}/#code=${await server.newCode()}`)
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
}

async function see(page, server, path) {
  await page.goto(`${server.url}${path}`)
  await settled(page)
  await assertFits(page, path)
}

export const demoTests = (server) => [
  ['every page of the demo is filled, says that it is made up, and fits', async (page) => {
    await signIn(page, server)
    for (const [path, filled] of FILLED) {
      await see(page, server, path)
      await filled(page).waitFor()
      assert.ok((await page.getByText(/made up|demo/i).count()) > 0, `${path} does not say that it is a demo`)
    }
  }],
  ...['Review the checkout for races', 'Clean up and push', '<b>Inbox</b>', 'Profile the nightly export'].map((title) => [`a session of the demo fits in every view: ${title}`, async (page) => {
    await signIn(page, server)
    const { sessions } = await server.get('/sessions?limit=200')
    const session = sessions.find((each) => each.title?.startsWith(title))
    assert.ok(session, `the demo has no ${title}`)
    for (const view of VIEWS) await see(page, server, `/sessions/${session.session_id}${view}`)
    await assertAccessible(page, 'a session of the demo')
  }]),
  ['a request that said nothing leaves its money to the calls it asked for', async (page) => {
    await signIn(page, server)
    const { sessions } = await server.get('/sessions?limit=200')
    const { session_id: id } = sessions.find((each) => each.title?.startsWith('Review the checkout for races'))
    await see(page, server, `/sessions/${id}`)
    await page.getByText('with its calls').first().waitFor({ state: 'attached' })
    const { events } = await server.get(`/sessions/${id}/events?limit=200`)
    const silent = events.find((each) => each.kind === 'model_request' && each.cost_usd === 0)
    await see(page, server, `/sessions/${id}?tab=why&step=${encodeURIComponent(silent.event_id.slice(silent.event_id.indexOf('~') + 1))}`)
    await page.getByText(/all of its .* stands with the tool calls it asked for/).waitFor()
  }],
  ['a chain of the demo is drawn from an agent that fetched to the call that ran it', async (page) => {
    await signIn(page, server)
    const { alerts } = await server.get('/alerts?family=seq&limit=100')
    const alert = alerts.find((each) => each.session_title === 'Profile the nightly export' && each.cause?.origin)
    assert.ok(alert, 'the demo has no chain of three')
    assert.notEqual(alert.cause.origin.agent_id, 'main')
    await see(page, server, `/sessions/${alert.session_id}?step=${encodeURIComponent(alert.event_id.slice(alert.event_id.indexOf('~') + 1))}`)
    const steps = page.getByRole('region', { name: 'Chains of this step' }).getByRole('listitem')
    await eventually(() => steps.count(), 3, 'the steps of the chain')
    await steps.first().getByRole('link').click()
    await steps.first().getByText('(this step)').waitFor()
    await assertAccessible(page, 'a chain of the demo')
  }],
  ['what the demo was reported to cost is explained, hidden and unexplained', async (page) => {
    await signIn(page, server)
    await see(page, server, '/cost?view=reconciliation')
    const reported = await server.get('/reconciliation')
    for (const figure of ['reported_usd', 'explained_usd', 'hidden_usd', 'unexplained_usd']) assert.ok(reported.totals[figure] > 0, `${figure}: ${reported.totals[figure]}`)
  }],
  ['the demo goes on while one looks', async (page) => {
    await signIn(page, server)
    const steps = async () => (await server.get('/sessions?status=running')).sessions.find((each) => each.title?.includes('discount'))?.tool_call_count ?? 0
    const before = await eventually(steps, (count) => count > 0, 'the live session')
    await page.goto(`${server.url}/live`)
    await page.getByText('discount').first().waitFor()
    await eventually(steps, (count) => count > before, 'another step')
  }],
]
