// The guard against made-up records: what it stops, the way out, and what it said of a step.
import assert from 'node:assert/strict'
import { assertAccessible, enter, eventually } from './harness.mjs'

const FLAKY = 'f1a4e000-0000-4000-8000-000000000001'

export const guardTests = (server) => [
  ['a budget that stops is let pass by keyboard for as long as is said, and taken back', async (page) => {
    await enter(page, server)
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.waitForURL(/\/guard/)
    const stopped = page.getByRole('region', { name: 'Stopped' })
    await stopped.getByText('$40.12 of $40.00', { exact: false }).waitFor()
    await page.getByText('2 budgets used up and stopping').waitFor()
    await assertAccessible(page, 'guard')
    await stopped.getByRole('button', { name: 'Let pass…' }).first().click()
    await page.getByRole('dialog', { name: 'Let pass: budget team' }).waitFor()
    await assertAccessible(page, 'for how long')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Budget team is let pass').waitFor()
    const released = server.guard.releases[0]
    assert.deepEqual([released.budget, released.session_id], ['team', null])
    assert.ok(Math.abs(Date.parse(released.until) - Date.now() - 15 * 60_000) < 60_000, released.until)
    const passed = page.getByRole('region', { name: 'Let pass' })
    await passed.getByText('budget team').waitFor()
    await passed.getByRole('button', { name: 'Take back' }).click()
    await eventually(() => server.guard.releases.length, 0, 'taken back')
    await passed.getByText('Nothing.').waitFor()
    assert.equal(await page.locator('#root img').count(), 0)
  }],
  ['what the guard answered is listed, and stands at the step with its reason', async (page) => {
    await enter(page, server, '/guard')
    const answers = page.getByRole('region', { name: 'Answers' })
    await answers.getByText('let pass', { exact: true }).waitFor()
    assert.deepEqual(await answers.locator('li > span:first-child > span:first-child').allInnerTexts(), ['denied', 'let pass', 'asked'])
    await answers.getByRole('link').first().click()
    await page.waitForURL(new RegExp(`${FLAKY}.*step=main.p1.5`))
    await page.getByText('what was said').click()
    await page.getByText('Name each folder in full.', { exact: false }).waitFor()
    await assertAccessible(page, 'step that was denied')
    assert.equal(await page.locator('#root img').count(), 0)
  }],
  ['from an alert its rule is let pass in its session alone', async (page) => {
    await enter(page, server, '/alerts?view=each&alert=al-0001')
    await page.getByRole('heading', { name: 'fs.rm-rf' }).waitFor()
    await page.getByRole('button', { name: 'Let pass…' }).click()
    await page.getByRole('button', { name: 'one hour' }).click()
    await page.getByText('fs.rm-rf is let pass in this session').waitFor()
    const [released] = server.guard.releases
    assert.deepEqual([released.rule, released.session_id, released.budget], ['fs.rm-rf', server.feed.alerts.find((each) => each.alert_id === 'al-0001').session_id, null])
    await page.getByRole('button', { name: 'Take back what is let pass' }).click()
    await eventually(() => server.guard.releases.length, 0, 'taken back')
  }],
  ['the live page says whom a budget stops, with the way out', async (page) => {
    await enter(page, server, '/live')
    const stopped = page.getByRole('list', { name: 'Stopped by a budget' })
    await stopped.getByText('every session is stopped').waitFor()
    await stopped.getByText('1 session stopped').waitFor()
    await assertAccessible(page, 'live, stopped')
    await stopped.getByRole('button', { name: 'Let pass…' }).nth(1).click()
    await page.getByRole('button', { name: '5 minutes', exact: true }).click()
    await eventually(() => stopped.getByText('1 session stopped').count(), 0, 'it is let pass')
    server.guard.releases = []
  }],
]
