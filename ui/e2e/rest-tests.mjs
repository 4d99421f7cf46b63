// Search, rules, tools and settings against made-up records.
import assert from 'node:assert/strict'
import { assertAccessible, enter, eventually } from './harness.mjs'

const parameter = (page, name) => new URL(page.url()).searchParams.get(name)

export const restTests = (server) => [
  ['from anywhere, words lead to a step by keyboard alone', async (page) => {
    await enter(page, server, '/capture')
    await page.getByText('Capture works').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('refresh token')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/search\?q=refresh/)
    await page.getByRole('grid', { name: 'Hits' }).waitFor()
    await page.getByText(/the newest \d+ steps/).waitFor()
    await page.getByText(/92 % of what was captured/).waitFor()
    await assertAccessible(page, 'hits')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/f1a4e000.*step=main.p1.3/)
    await page.goBack()
    await page.getByRole('grid', { name: 'Hits' }).waitFor()
    await eventually(() => page.getByRole('searchbox', { name: 'Search in everything' }).inputValue(), 'refresh token', 'the words')
  }],
  ['typing searches by itself, marks what was found, and keeps hostile text text', async (page) => {
    await enter(page, server, '/search')
    await page.getByRole('button', { name: 'tool:Bash is:error' }).waitFor()
    await assertAccessible(page, 'search')
    await page.getByRole('searchbox').fill('token')
    await page.waitForURL(/q=token/)
    const first = page.getByRole('grid', { name: 'Hits' }).locator('[role=rowgroup] [role=row]').first()
    await eventually(() => first.locator('mark').allInnerTexts(), (marks) => marks.length === 3 && marks.every((mark) => mark === 'token'), 'marks')
    const hostile = page.getByRole('grid', { name: 'Hits' }).locator('[role=row]', { hasText: '\\u{202e}' }).first()
    assert.equal(await hostile.locator('mark').first().innerText(), 'token')
    assert.equal(await page.locator('#root img').count(), 0)
  }],
  ['a query that makes no sense is told where and how to mend it', async (page) => {
    await enter(page, server, '/search?q=cost:cheap')
    await page.getByText('at character 1: a cost is compared').waitFor()
    await page.getByText('give cost:>0.10 or cost:<2').waitFor()
    await assertAccessible(page, 'refused query')
    await page.goto(`${server.url}/search?q=zzz`)
    await page.getByText('No step holds all of these words.').waitFor()
    await page.goto(`${server.url}/search?q=rare`)
    await page.getByText(/searched back to/).waitFor()
  }],
  ['a rule says why and what to do, and leads to what it found', async (page) => {
    await enter(page, server, '/rules')
    await page.getByText(/of 11 rules found something/).waitFor()
    await assertAccessible(page, 'rules')
    await page.keyboard.press('j')
    await page.getByRole('region', { name: 'The rule' }).waitFor()
    await assertAccessible(page, 'rule')
    const rule = parameter(page, 'rule')
    await page.keyboard.press('o')
    await page.waitForURL(/\/alerts/)
    assert.equal(parameter(page, 'rule'), rule)
  }],
  ['tools are sorted by their heads, the order stands in the URL, unknown stands last', async (page) => {
    await enter(page, server, '/tools')
    const grid = page.getByRole('grid', { name: 'Tools' })
    await grid.waitFor()
    await assertAccessible(page, 'tools')
    await grid.getByRole('button', { name: 'p95' }).click()
    await eventually(() => parameter(page, 'sort'), 'p95', 'the sort')
    const names = await grid.locator('[role=rowgroup] [role=row] [role=gridcell]:first-child').allInnerTexts()
    assert.match(names[0], /Agent/)
    assert.match(names.at(-1), /create_with_a_name/)
    await page.getByRole('group', { name: 'Kind of tool' }).getByRole('button', { name: 'MCP servers' }).click()
    await page.reload()
    await eventually(() => grid.locator('[role=rowgroup] [role=row]').count(), 3, 'MCP tools')
  }],
  ['settings are saved as they are changed, can be undone, and what is fixed says so', async (page) => {
    await enter(page, server, '/settings')
    const budget = page.getByRole('textbox', { name: /one model request/ })
    await budget.fill('ten')
    await page.getByText('An amount in dollars').waitFor()
    await assertAccessible(page, 'settings')
    await budget.fill('0.25')
    await page.keyboard.press('Enter')
    await page.getByText('Saved: $0.25 for one request').waitFor()
    assert.equal(server.settings.settings.budget_event_usd, 0.25)
    await page.getByRole('heading', { name: 'Budgets' }).click()
    await page.getByRole('button', { name: /Undo/ }).click()
    await eventually(() => server.settings.settings.budget_event_usd, 0.1, 'undone')
    assert.ok(await page.getByRole('textbox', { name: /Days to keep/ }).isDisabled())
    await page.getByText('environment gives it').waitFor()
    await page.getByRole('button', { name: 'Pause capture' }).click()
    await page.getByRole('link', { name: /paused/ }).waitFor()
    await page.getByRole('heading', { name: 'Budgets' }).click()
    await page.getByText('Capture is paused').first().waitFor()
    await page.getByRole('button', { name: 'Go on with capture' }).click()
    await page.getByRole('link', { name: /paused/ }).waitFor({ state: 'detached' })
    assert.equal(server.settings.settings.is_paused, false)
    await page.getByRole('button', { name: 'light' }).click()
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light')
    await assertAccessible(page, 'settings in light')
  }],
  ['every page of the rail is reached by its keys', async (page) => {
    await enter(page, server, '/capture')
    await page.getByText('Capture works').waitFor()
    for (const [press, path] of [['o', '/'], ['l', '/live'], ['s', '/sessions'], ['a', '/alerts'], ['m', '/cost'], ['t', '/tools'], ['r', '/rules'], ['c', '/capture'], [',', '/settings'], ['f', '/search']]) {
      await page.keyboard.press('g')
      await page.keyboard.press(press)
      await eventually(() => new URL(page.url()).pathname, path, `g ${press}`)
    }
  }],
]
