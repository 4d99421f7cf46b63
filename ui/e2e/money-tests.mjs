// Reported money against what explains it: the share, the list by drift, and the four figures of one session.
import assert from 'node:assert/strict'
import { assertAccessible, enter } from './harness.mjs'

export const moneyTests = (server) => [
  ['the share that is explained stands first, then the sessions that are furthest apart with the reason', async (page) => {
    await enter(page, server, '/cost')
    await page.getByRole('tab', { name: 'Reconciliation' }).click()
    await page.waitForURL(/view=reconciliation/)
    await page.getByText('of what Claude Code reported is explained').waitFor()
    const grid = page.getByRole('grid', { name: /furthest apart|how far/ })
    const first = grid.locator('[role=rowgroup] [role=row]').first()
    await first.getByText('fewer reported').waitFor()
    await grid.getByText('hidden requests').waitFor()
    await page.getByRole('region', { name: 'Reported money by what explains it' }).getByText('told by telemetry alone').waitFor()
    await grid.getByText('no report', { exact: true }).first().waitFor()
    await assertAccessible(page, 'reconciliation')
    await page.setViewportSize({ width: 390, height: 844 })
    await assertAccessible(page, 'reconciliation, narrow')
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'nothing sticks out')
  }],
  ['a step shows how the list price of its request comes about', async (page) => {
    await enter(page, server, `/sessions/${server.stories[0].record.session_id}?step=main.p1.3&tab=why`)
    const panel = page.getByRole('tabpanel')
    await panel.getByRole('rowheader', { name: 'United States inference' }).waitFor()
    await panel.getByText('× 1.1').waitFor()
    await panel.getByText(/Claude Code reported \$[\d.,]+ itself, which counts/).waitFor()
    await assertAccessible(page, 'how a price comes about')
  }],
  ['a session says how much of its report is explained, and shows the four figures', async (page) => {
    await enter(page, server, `/sessions/${server.stories[0].record.session_id}`)
    await page.getByRole('button', { name: /% explained/ }).click()
    const dialog = page.getByRole('dialog', { name: 'Reported and explained' })
    await dialog.getByText('stand in no transcript').waitFor()
    await dialog.getByRole('rowheader', { name: 'sum' }).waitFor()
    await dialog.getByText(/compact 2×/).waitFor()
    await assertAccessible(page, 'the four figures')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  }],
  ['a context shows how it grew, where the cache missed, and which results were paid for again and again', async (page) => {
    await enter(page, server, `/sessions/${server.stories[0].record.session_id}`)
    await page.getByRole('row', { name: /turn 1/ }).first().waitFor()
    await page.keyboard.press('6')
    await page.waitForURL(/view=context/)
    const whole = page.getByRole('region', { name: 'Context of all agents together' })
    await whole.getByRole('region', { name: 'Context by agent' }).getByText('the main agent').waitFor()
    await assertAccessible(page, 'context of all agents')
    await whole.getByRole('button', { name: 'the main agent', exact: true }).click()
    const view = page.getByRole('region', { name: 'Context of the main agent' })
    await view.getByText('from the cache').first().waitFor()
    await view.getByText(/1 cache miss: ~\$/).waitFor()
    const chart = view.getByRole('group', { name: /Tokens of each prompt/ })
    await chart.focus()
    await page.keyboard.press('Home')
    await view.getByRole('status').getByText(/tokens, .* from the cache/).waitFor()
    await view.getByRole('button', { name: 'show table' }).click()
    await view.getByRole('region', { name: 'Tokens of each prompt' }).getByText(/the cache had run out after/).waitFor()
    await assertAccessible(page, 'context')
    await view.getByRole('region', { name: 'Dearest tool results' }).getByRole('button').first().click()
    await page.waitForURL(/step=/)
    await page.setViewportSize({ width: 390, height: 844 })
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'nothing sticks out')
  }],
  ['the map shows a session as blocks that arrows move over, an agent alone, and the table behind', async (page) => {
    await enter(page, server, `/sessions/${server.stories[0].record.session_id}?view=map`)
    const view = page.getByRole('region', { name: 'Cost by agent and tool', exact: true })
    const blocks = view.getByRole('list', { name: /nested blocks/ })
    await blocks.getByRole('button').first().focus()
    await view.getByRole('status').getByText('100 % of the session').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await view.getByRole('status').getByText(/[1-9][\d.]* % of the session/).waitFor()
    await assertAccessible(page, 'map of a session')
    await blocks.getByRole('button', { name: /^(Explore|general-purpose)/ }).first().click()
    await view.getByRole('button', { name: 'show in the trace' }).waitFor()
    await blocks.getByRole('button').first().focus()
    await page.keyboard.press('Escape')
    await view.getByRole('button', { name: 'show in the trace' }).waitFor({ state: 'detached' })
    await view.getByRole('button', { name: 'show table' }).click()
    await view.getByRole('rowheader', { name: 'model text' }).first().waitFor()
    await assertAccessible(page, 'map of a session, table')
    await page.setViewportSize({ width: 390, height: 844 })
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'nothing sticks out')
  }],
  ['what the same tokens would have cost at the rates of another model is said as an estimate', async (page) => {
    await enter(page, server, '/cost')
    const section = page.getByRole('region', { name: 'What if' })
    await section.getByRole('button', { name: 'Try' }).click()
    await section.getByLabel('The model at whose rates').selectOption({ label: 'haiku-4-5' })
    await section.getByText('80 % less').waitFor()
    await section.getByText(/An estimate/).waitFor()
    await assertAccessible(page, 'what if')
    await section.getByLabel('The model at whose rates').selectOption({ label: 'next' })
    await section.getByText(/No price is known/).waitFor()
  }],
  ['how much is explained stands on the overview, at the head of cost and of the sessions, and leads to why', async (page) => {
    await enter(page, server, '/')
    await page.getByRole('link', { name: /% explained/ }).waitFor()
    await enter(page, server, '/sessions')
    await page.getByRole('link', { name: /% explained/ }).waitFor()
    await enter(page, server, '/cost')
    await page.getByRole('link', { name: /hidden, .* explained/ }).click()
    await page.waitForURL(/view=reconciliation/)
  }],
  ['the why of a tool call says what its result cost on its way', async (page) => {
    await enter(page, server, `/sessions/${server.stories[0].record.session_id}?step=main.p1.3&tab=why`)
    await page.getByRole('tabpanel').getByText(/Carried through \d+ later requests: [~≥]\$/).waitFor()
  }],
]
