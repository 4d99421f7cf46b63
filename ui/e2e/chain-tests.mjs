// Chains of evidence in a session of 100,000 steps: followed by keyboard, drawn on the rows in sight, told where they
// lead out of them, and shown whole on the alert's page.
import assert from 'node:assert/strict'
import { HUGE } from './fixture-alerts.mjs'
import { assertAccessible, enter, eventually } from './harness.mjs'
import { assertFits } from './look-tests.mjs'

const step = (page) => new URL(page.url()).searchParams.get('step')
const selected = (page) => page.locator('[role=row][aria-selected=true]')
const ofStep = (page) => page.getByRole('region', { name: 'Chains of this step' })

async function at(page, key) {
  await eventually(() => step(page), key, 'the step of the chain')
  await selected(page).waitFor()
  await ofStep(page).getByText('(this step)').waitFor()
}

export const chainTests = (server) => [
  ['a chain is followed by keyboard through 100,000 steps, and back', async (page) => {
    await enter(page, server, `/sessions/${HUGE}`)
    await page.getByRole('button', { name: /^chain of evidence/ }).waitFor()
    await page.keyboard.press('f')
    await at(page, 'g1-0..9')
    const steps = ofStep(page).getByRole('list', { name: 'Chain of evidence' }).getByRole('listitem')
    assert.equal(await steps.count(), 3)
    await assertAccessible(page, 'a cause')
    await page.keyboard.press('f')
    await at(page, 'main.p1.501')
    await page.keyboard.press('f')
    await at(page, 'main.p2.203')
    const back = selected(page).getByRole('button', { name: /cause/ })
    await eventually(() => back.innerText(), (text) => /cause\s[\d,]{3,} rows up/.test(text), 'how far the cause is')
    await page.locator('[data-testid=chains] path').first().waitFor({ state: 'attached' })
    assert.ok((await page.getByRole('treegrid').locator('[role=row]').count()) < 60, 'more rows are drawn than are seen')
    await back.click()
    await at(page, 'main.p1.501')
    await selected(page).getByRole('button', { name: /effect/ }).waitFor()
    await page.keyboard.press('b')
    await at(page, 'g1-0..9')
  }],
  ['neighbours are joined by a line, what is folded away says so, and nothing is cut', async (page) => {
    await enter(page, server, `/sessions/${HUGE}?step=main.p2.211`)
    await at(page, 'main.p2.211')
    const row = (name) => page.getByRole('treegrid').locator('[role=row]').filter({ has: page.getByRole('button', { name }) })
    await row(/effect second\.sh/).waitFor()
    await row(/cause second\.sh/).waitFor()
    await row(/cause folded/).waitFor()
    assert.equal(await page.locator('[data-testid=chains] circle[fill="var(--ground)"]').count(), 1)
    await assertFits(page, 'a chain')
    await ofStep(page).getByRole('link', { name: /curl/ }).click()
    await at(page, 'main.p2.205')
    await ofStep(page).getByText('part of').waitFor()
    await assertAccessible(page, 'a chain')
  }],
  ['the page of an alert shows its chain, and each of its steps leads into the trace', async (page) => {
    await enter(page, server, '/alerts?view=each&alert=al-0251')
    const chain = page.getByRole('list', { name: 'Chain of evidence' })
    await chain.waitFor()
    assert.equal(await chain.getByRole('link').count(), 3)
    assert.match(await chain.innerText(), /cause[^]*agent[^]*g1-0[^]*1 m 47 s later[^]*carried on[^]*consequence/)
    await assertAccessible(page, 'the chain of an alert')
    await chain.getByRole('link').first().click()
    await at(page, 'g1-0..9')
  }],
]
