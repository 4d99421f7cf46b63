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
  ['the why of a tool call says what its result cost on its way', async (page) => {
    await enter(page, server, `/sessions/${server.stories[0].record.session_id}?step=main.p1.3&tab=why`)
    await page.getByRole('tabpanel').getByText(/Carried through \d+ later requests: [~≥]\$/).waitFor()
  }],
]
