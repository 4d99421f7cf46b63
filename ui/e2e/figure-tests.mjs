// The pages of sums against made-up records: what they say first, that every cut adds up, that charts have tables.
import assert from 'node:assert/strict'
import { assertAccessible, enter, eventually } from './harness.mjs'

const parameter = (page, name) => new URL(page.url()).searchParams.get(name)
/** `$1,204.50, priced …` in pico-dollars: sums of them are exact. */
const picoOf = (text) => {
  const [, whole, decimals] = /\$([\d,]+)\.(\d+)/.exec(text)
  return BigInt(whole.replaceAll(',', '')) * 10n ** 12n + BigInt(decimals.padEnd(12, '0'))
}

/** Whether rows are drawn wherever one looks in a grid. */
const isFilled = (grid) => {
  const [view, head] = [grid.getBoundingClientRect(), grid.querySelector('[role=row]').getBoundingClientRect()]
  const end = Math.min(view.bottom, grid.querySelector('[role=rowgroup]').getBoundingClientRect().bottom)
  const rows = [...grid.querySelectorAll('[role=rowgroup] [role=row]')].map((row) => row.getBoundingClientRect())
  return rows.some((row) => row.bottom >= end - 1) && rows.some((row) => row.top <= head.bottom)
}

export const figureTests = (server) => [
  ['the home page says in one line what it costs, what waits and what is dangerous', async (page) => {
    await enter(page, server, '/')
    await page.getByText('a usual').waitFor()
    await page.getByText('1 session waits for you').waitFor()
    await page.getByText(/critical.*alerts/).first().waitFor()
    await assertAccessible(page, 'overview')
    await page.keyboard.press('t')
    await page.getByRole('region', { name: 'Last 30 days, day by day' }).waitFor()
    assert.equal(parameter(page, 'shown'), 'table')
    await assertAccessible(page, 'overview as tables')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sessions\/f1a4e000/)
  }],
  ['running sessions stand by state, what they wait for in words, and keys walk the board', async (page) => {
    await enter(page, server, '/live')
    await page.getByRole('region', { name: 'Waits for you' }).getByText('git push origin main').waitFor()
    await assertAccessible(page, 'live')
    await page.keyboard.press('j')
    const focused = () => page.evaluate(() => document.activeElement.innerText)
    await eventually(focused, (text) => text.includes('Fix flaky auth tests'), 'the first')
    await page.keyboard.press('l')
    await eventually(focused, (text) => text.includes('Move every module'), 'its neighbour')
    await page.keyboard.press('Enter')
    await page.waitForURL(/b16b16b1/)
  }],
  ['budgets say in words what is spent, what is likely and what burns, wherever one looks', async (page) => {
    await enter(page, server, '/cost')
    const table = page.getByRole('table', { name: 'Budgets' })
    await table.getByText('~$24.80 of $40.00, 62 %').waitFor()
    await table.getByText('likely ~$46.00 at its end ($36.80 to $59.80, as 41 days went)').waitFor()
    await table.getByText('≥$13.10 of $10.00, 131 %, $3.10 over').waitFor()
    await table.getByText('nothing of $5.00').waitFor()
    await page.getByText('line 31: budget odd is left out').waitFor()
    await page.getByText('~$12.40 in the last hour').waitFor()
    assert.equal(await page.locator('#root img').count(), 0)
    await assertAccessible(page, 'cost with budgets')
    await page.goto(`${server.url}/`)
    await page.getByRole('region', { name: 'Budgets' }).getByText('131 %').waitFor()
    await page.goto(`${server.url}/live`)
    await page.getByRole('list', { name: 'Alarms about money and agents' }).getByText('~$12.40 in the last hour, ~$1.90 is usual').waitFor()
    await assertAccessible(page, 'live with alarms')
    await page.goto(`${server.url}/cost`)
    await table.getByRole('link', { name: /most by one session/ }).first().click()
    await page.waitForURL(/\/sessions\/f1a4e000/)
  }],
  ['every cut of the cost adds up to the total, to the last digit', async (page) => {
    await enter(page, server, '/cost')
    for (const cut of ['project', 'model', 'agent', 'tool', 'branch', 'day']) {
      await page.getByRole('group', { name: 'Cut by' }).getByRole('button', { name: cut, exact: true }).click()
      const grid = page.getByRole('grid', { name: `Cost by ${cut}` })
      await grid.waitFor()
      const amounts = new Map()
      const collect = async () => {
        const rows = await grid.locator('[role=rowgroup] [role=row]').evaluateAll((each) => each.map((row) => [row.getAttribute('aria-rowindex'), row.querySelectorAll('[role=gridcell]')[3].querySelector('[title]').title]))
        for (const [at, text] of rows) amounts.set(at, text)
      }
      const count = Number(await grid.getAttribute('aria-rowcount')) - 1
      for (let top = 0; amounts.size < count; top += 250) {
        await grid.evaluate((element, to) => { element.scrollTop = to }, top)
        await eventually(() => grid.evaluate(isFilled), true, `${cut}: rows down to the bottom of what is in sight`)
        await collect()
        assert.ok(top < 40_000, `${cut}: ${amounts.size} of ${count} rows`)
      }
      const sum = [...amounts.values()].filter((text) => text.includes('$')).reduce((whole, text) => whole + picoOf(text), 0n)
      const total = await page.getByText(/^total \$/).innerText()
      assert.equal(sum, picoOf(total), cut)
      assert.equal(picoOf(await page.locator('h1 + div [data-exact]').first().getAttribute('data-exact')), sum, 'the figure at the top')
    }
    await assertAccessible(page, 'cost')
  }],
  ['an area leads from project to session, back steps back', async (page) => {
    await enter(page, server, '/cost')
    await page.getByRole('list', { name: /Cost by project/ }).getByRole('button', { name: /^web-shop/ }).click()
    await eventually(() => parameter(page, 'project'), '/home/ada/web-shop', 'the project')
    await page.getByRole('grid', { name: 'Cost by session' }).waitFor()
    await assertAccessible(page, 'cost of a project')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sessions\//)
    await page.goBack()
    await page.getByRole('grid', { name: 'Cost by session' }).waitFor()
    await page.goBack()
    await eventually(() => parameter(page, 'project'), null, 'all projects')
  }],
  ['the chart is read by keys, has a table, and a day is one press away', async (page) => {
    await enter(page, server, '/cost?range=30d')
    const chart = page.getByRole('group', { name: /Spend by day in US dollars/ })
    await chart.focus()
    await page.keyboard.press('End')
    await page.getByText(new RegExp(`${new Date().toISOString().slice(0, 10)}: `)).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await eventually(() => parameter(page, 'range'), (range) => /^(\d{4}-\d\d-\d\d)\.\.\1$/.test(range ?? ''), 'one day')
    await page.goto(`${server.url}/cost`)
    await page.getByRole('group', { name: /Spend by day/ }).waitFor()
    await page.keyboard.press('t')
    await page.getByRole('region', { name: 'Spend by day, day by day' }).getByRole('table').waitFor()
    await page.reload()
    await page.getByRole('region', { name: 'Spend by day, day by day' }).getByRole('table').waitFor()
  }],
  ['unknown money is a dash with its reason, what holds it is a lower bound', async (page) => {
    await enter(page, server, '/cost?by=model')
    const row = page.getByRole('grid', { name: 'Cost by model' }).locator('[role=row]', { hasText: 'next' })
    await row.getByTitle(/cost unknown: no price is known/).waitFor()
    await page.getByText(/^≥\$/).first().waitFor()
  }],
]

export const emptyFigureTests = (server) => [
  ['with nothing recorded every page says what to do', async (page) => {
    for (const [path, words] of [['/', 'Nothing was captured yet'], ['/live', 'No session is open'], ['/cost', 'No spending is known yet'], ['/tools', 'No tool was called'], ['/search?q=x', 'No step holds all']]) {
      await enter(page, server, path)
      await page.getByText(words).waitFor()
      await assertAccessible(page, `empty ${path}`)
    }
  }],
]

export const failingPageTests = (server) => [
  ['a failing server is named with its hint on every page', async (page) => {
    for (const path of ['/', '/live', '/alerts', '/cost', '/tools', '/rules', '/secrets', '/search?q=x', '/settings']) {
      await enter(page, server, path)
      await page.getByText('The database does not answer.').waitFor()
      await page.getByText('argus doctor').waitFor()
      await page.getByRole('button', { name: 'Try again' }).waitFor()
    }
  }],
]
