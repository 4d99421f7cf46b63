// Pages as somebody meets them who has no mouse: no test of this file clicks, focuses or fills anything. Keys alone.
import assert from 'node:assert/strict'
import { enter, eventually } from './harness.mjs'

const parameter = (page, name) => new URL(page.url()).searchParams.get(name)
const pathname = (page) => new URL(page.url()).pathname
/** What has the focus, in words a screen reader would use. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement
    return element?.getAttribute('aria-label') ?? element?.labels?.[0]?.innerText ?? element?.innerText ?? ''
  })
/** Whether one sees where the focus is. */
const isFocusSeen = (page) =>
  page.evaluate(() => {
    const style = getComputedStyle(document.activeElement)
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'
  })

/** Tabs on until something of that name has the focus; every stop on the way shows that it has it. */
async function tabTo(page, name, most = 80) {
  for (let press = 0; press < most; press += 1) {
    if (name.test(await focused(page))) return
    await page.keyboard.press('Tab')
    const stop = await focused(page)
    if (stop !== '' && (await page.evaluate(() => document.activeElement !== document.body))) assert.ok(await isFocusSeen(page), `one does not see that ${stop.slice(0, 60)} has the focus`)
  }
  assert.fail(`${name} is not reached by ${most} tabs`)
}

export const keyboardTests = (server) => [
  ['by keyboard alone: tools are narrowed, sorted, walked and their calls searched', async (page) => {
    await enter(page, server, '/tools')
    await tabTo(page, /^MCP servers$/)
    await page.keyboard.press('Enter')
    await eventually(() => parameter(page, 'kind'), 'mcp', 'only tools of MCP servers')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await tabTo(page, /^all$/)
    await page.keyboard.press('Enter')
    await eventually(() => parameter(page, 'kind'), null, 'all tools')
    await tabTo(page, /^p95/)
    await page.keyboard.press('Enter')
    await eventually(() => parameter(page, 'sort'), 'p95', 'sorted by the slow duration')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await eventually(() => parameter(page, 'tool'), (tool) => tool !== null, 'a tool is chosen')
    const tool = parameter(page, 'tool')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/search/)
    assert.ok(parameter(page, 'q').includes(tool), `${parameter(page, 'q')} searches ${tool}`)
  }],
  ['by keyboard alone: what capture says is reached, its tables scrolled, and left again', async (page) => {
    await enter(page, server, '/')
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await page.waitForURL(/\/capture/)
    await page.getByText('Capture works').waitFor()
    await tabTo(page, /^Sources$/)
    const region = page.getByRole('region', { name: 'Sources' })
    await region.evaluate((element) => { element.style.width = '300px' })
    const before = await region.evaluate((element) => element.scrollLeft)
    await page.keyboard.press('ArrowRight')
    await eventually(() => region.evaluate((element) => element.scrollLeft), (left) => left > before, 'the table scrolls')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press(',')
    await page.waitForURL(/\/settings/)
  }],
  ['by keyboard alone: a setting is changed and taken back, capture paused and gone on with', async (page) => {
    await enter(page, server, '/settings')
    await tabTo(page, /one model request/)
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('0.25')
    await page.keyboard.press('Enter')
    await eventually(() => server.settings.settings.budget_event_usd, 0.25, 'saved')
    await page.keyboard.press('Tab')
    await tabTo(page, /^Pause capture$/)
    await page.keyboard.press('Enter')
    await eventually(() => server.settings.settings.is_paused, true, 'paused')
    await tabTo(page, /^Go on with capture$/)
    await page.keyboard.press('Enter')
    await eventually(() => server.settings.settings.is_paused, false, 'going on')
    await tabTo(page, /^light$/)
    await page.keyboard.press('Enter')
    await eventually(() => page.evaluate(() => document.documentElement.dataset.theme), 'light', 'the theme')
  }],
  ['by keyboard alone: cost is cut, a day is picked, a project opened down to a session', async (page) => {
    await enter(page, server, '/cost')
    for (const [key, cut] of [['1', 'model'], ['2', 'project']]) {
      await page.keyboard.press(key)
      await page.getByRole('grid', { name: `Cost by ${cut}` }).waitFor()
    }
    await page.keyboard.press('t')
    await page.getByRole('region', { name: 'Spend by day, day by day' }).getByRole('table').waitFor()
    await page.keyboard.press('t')
    await tabTo(page, /Spend by day in US dollars/)
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await eventually(() => parameter(page, 'range'), (range) => /^(\d{4}-\d\d-\d\d)\.\.\1$/.test(range ?? ''), 'one day')
    await page.keyboard.press('0')
    await eventually(() => parameter(page, 'range'), null, 'all of the time')
    await page.getByRole('grid', { name: 'Cost by project' }).waitFor()
    await page.keyboard.press('j')
    await eventually(() => parameter(page, 'row'), (row) => row !== null, 'a project is chosen')
    await page.keyboard.press('Enter')
    await eventually(() => parameter(page, 'project'), (project) => project !== null, 'a project')
    await page.getByRole('grid', { name: 'Cost by session' }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sessions\//)
    assert.match(pathname(page), /^\/sessions\/./)
  }],
]
