// The dashboard against made-up records: every state that a real server cannot be brought into at will.
import assert from 'node:assert/strict'
import { SLOWNESS } from './browser.mjs'
import { assertAccessible, enter, eventually, settled } from './harness.mjs'

const FLAKY = 'f1a4e000-0000-4000-8000-000000000001'
const HUGE = 'b16b16b1-0000-4000-8000-000000100000'

/** Every page of the rail. */
const PAGES = ['/', '/live', '/sessions', '/alerts', '/cost', '/tools', '/rules', '/secrets', '/search', '/search?q=token', '/capture', '/settings']

const rowCount = (page) => page.locator('[role=row]').count()
/** At once: no row selected is an answer too. */
const selectedText = (page) => page.evaluate(() => document.querySelector('[role=row][aria-selected=true]')?.innerText ?? '')
const scrollTop = (page) => page.locator('[role=treegrid]').evaluate((grid) => grid.scrollTop)
/** Keys that come while the page is busy: nothing is drawn between them but what each does at once. */
const pressTogether = (page, keys) =>
  page.evaluate(async (each) => {
    for (const key of each) {
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    }
  }, keys)
const selectedIndex = (page) => page.evaluate(() => Number(document.querySelector('[role=row][aria-selected=true]')?.getAttribute('aria-rowindex') ?? 0))
const rowOf = (page, text) => page.locator('[role=row]', { hasText: text })

export const fullTests = (server) => [
  ['without a token the page says how to get one and asks the server nothing', async (page) => {
    const before = server.requests()
    await page.goto(`${server.url}/sessions/${FLAKY}`)
    await page.getByText('argus open').waitFor()
    assert.equal(await page.getByRole('navigation').count(), 0)
    assert.equal(server.requests(), before)
    await assertAccessible(page, 'sign-in')
  }],
  ['a used code is refused in words and the code leaves the address', async (page) => {
    await page.goto(`${server.url}/#code=wrong`)
    await page.getByText('used already or is too old').waitFor()
    assert.ok(!page.url().includes('code'))
  }],
  ['the list answers its question first', async (page) => {
    await enter(page, server)
    await page.getByText('2 running').waitFor()
    await page.getByText('1 waits for you').waitFor()
    assert.ok(!page.url().includes('code'))
    await assertAccessible(page, 'sessions')
  }],
  ['filters stand in the URL and survive a reload', async (page) => {
    await enter(page, server)
    await page.getByRole('button', { name: 'lost', exact: true }).click()
    await page.waitForURL(/status=lost/)
    await page.keyboard.press('/')
    await page.keyboard.type('rm')
    await page.waitForURL(/q=rm/)
    await page.reload()
    await page.getByText('1 session, no more').waitFor()
    assert.equal(await page.getByRole('searchbox').inputValue(), 'rm')
  }],
  ['the list loads on while one scrolls and keeps the page small', async (page) => {
    await enter(page, server)
    const grid = page.getByRole('grid')
    await grid.waitFor()
    const toTheEnd = () => grid.evaluate((element) => (element.scrollTop = element.scrollHeight))
    await eventually(toTheEnd, (height) => height > 500 * 28, 'more pages')
    assert.ok((await rowCount(page)) <= 120)
  }],
  ['by keyboard alone: from the list to a step of a third-level subagent, and its link shows the same', async (page) => {
    await enter(page, server)
    await page.getByRole('grid').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(FLAKY))
    const step = rowOf(page, '**/*.rs')
    await step.waitFor()
    assert.equal(await step.getAttribute('aria-level'), '5')
    for (let press = 0; press < 60 && !(await selectedText(page)).includes('**/*.rs'); press += 1) {
      const before = await selectedIndex(page)
      await page.keyboard.press('j')
      await eventually(() => selectedIndex(page), (index) => index > before, 'the next row')
    }
    await page.getByRole('heading', { name: 'Glob' }).waitFor()
    await page.waitForURL(/step=a3..0/)
    await assertAccessible(page, 'session with details')
    const link = page.url()
    await page.goto(`${server.url}/capture`)
    await page.goto(link.replace(/at=[^&]*&?/, ''))
    await page.getByRole('heading', { name: 'Glob' }).waitFor()
    await eventually(() => selectedText(page), (text) => text.includes('**/*.rs'), 'the step of the link')
  }],
  ['keys that come faster than the page is drawn are each heard', async (page) => {
    for (const path of ['/sessions', '/alerts?view=each', '/search?q=token', '/rules', `/sessions/${FLAKY}`]) {
      await enter(page, server, path)
      await page.locator('[role=rowgroup] [role=row]').nth(4).waitFor()
      await pressTogether(page, ['j'])
      await eventually(() => selectedIndex(page), (index) => index > 0, `${path}: a row is chosen`)
      const before = await selectedIndex(page)
      await pressTogether(page, ['j', 'j', 'j', 'k'])
      await eventually(() => selectedIndex(page), before + 2, `${path}: each key is heard`)
    }
    await pressTogether(page, ['Escape', 'Escape'])
    await page.waitForURL(/\/sessions(\?|$)/)
  }],
  ['threads collapse to their totals and open again', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}`)
    const turn = rowOf(page, 'turn 2')
    const isOpen = () => turn.getAttribute('aria-expanded')
    await turn.click()
    await eventually(() => turn.getAttribute('aria-selected'), 'true', 'the turn is selected')
    assert.equal(await isOpen(), 'true')
    await page.keyboard.press('h')
    await eventually(isOpen, 'false', 'collapsed')
    assert.match(await turn.innerText(), /≥0\.295/)
    await page.keyboard.press('l')
    await eventually(isOpen, 'true', 'open again')
  }],
  ['errors are walked with n and p, through closed agents too', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}`)
    await rowOf(page, 'turn 1').waitFor()
    await page.keyboard.press('c')
    for (const expected of ['cargo test --test auth', 'tests/support/mod.rs', '529 overloaded']) {
      await page.keyboard.press('n')
      await eventually(() => selectedText(page), (text) => text.includes(expected), `error ${expected}`)
    }
    await page.keyboard.press('p')
    await eventually(() => selectedText(page), (text) => text.includes('tests/support/mod.rs'), 'the error before')
  }],
  ['which threads are open stands in the address', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}`)
    const grid = page.getByRole('treegrid', { name: 'Trace' })
    await rowOf(page, '**/*.rs').waitFor()
    await grid.focus()
    await page.keyboard.press('c')
    await page.waitForURL(/open=none(&|$)/)
    const closed = await grid.getAttribute('aria-rowcount')
    await page.reload()
    await grid.waitFor()
    await eventually(() => grid.getAttribute('aria-rowcount'), closed, 'closed rows after the reload')
    await grid.focus()
    await page.keyboard.press('e')
    await eventually(() => page.url(), (url) => !url.includes('open='), 'nothing of threads in the address')
    await rowOf(page, '**/*.rs').waitFor()
  }],
  ['an edit shows its difference, a cost its reason', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}?step=main.p2.4`)
    await page.getByText('clock.now()').waitFor()
    await page.getByRole('tab', { name: 'Why $' }).click()
    await page.getByText('The request produced 3 steps').waitFor()
    await page.waitForURL(/tab=why/)
    await assertAccessible(page, 'why')
  }],
  ['an output that was too long for the transcript is shown whole, as text', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}?step=main.p1.4&tab=output`)
    const whole = page.getByRole('region', { name: 'The whole output' })
    await whole.getByText('the last line of the saved output').waitFor()
    assert.equal(await page.locator('#root img').count(), 0)
    await assertAccessible(page, 'a whole output')
    await page.goto(`${server.url}/sessions/${FLAKY}?step=main.p1.3&tab=output`)
    await page.getByRole('tabpanel').getByText('running 12 tests').waitFor()
    assert.equal(await whole.count(), 0)
  }],
  ['text of agents stays text', async (page) => {
    let dialogs = 0
    page.on('dialog', () => { dialogs += 1 })
    await enter(page, server)
    await page.getByText('\\u{202e}').first().waitFor()
    await page.goto(`${server.url}/sessions/${FLAKY}?step=main.p1.5&tab=output`)
    await page.getByRole('tabpanel').getByText('\\u{200b}').first().waitFor()
    assert.equal(await page.locator('#root img').count(), 0)
    assert.equal(dialogs, 0)
    assert.ok(!(await page.locator('#root').innerText()).includes('\u202e'))
  }],
  ['the other views share the selection', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}?view=errors`)
    await page.getByRole('button', { name: /tests\/support\/mod\.rs/ }).click()
    await page.getByRole('heading', { name: 'Read' }).waitFor()
    // Whose error it was, and who had started that agent.
    await page.getByRole('table', { name: 'Errors', exact: true }).getByText(/^Explore: /).waitFor()
    await page.getByRole('button', { name: 'turn 2', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Explore', exact: true }).waitFor()
    await assertAccessible(page, 'errors')
    await page.getByRole('tab', { name: /^Trace/ }).click()
    await eventually(() => selectedText(page), (text) => text.includes('tests/support/mod.rs'), 'selection in the trace')
    await page.getByRole('tab', { name: 'Transcript' }).click()
    await page.getByText('agent a1').waitFor()
    await assertAccessible(page, 'transcript')
    await page.getByRole('tab', { name: /^Agents/ }).click()
    await page.getByRole('button', { name: /fixtures in tests/ }).click()
    await page.getByText('with those below').waitFor()
    await assertAccessible(page, 'agents')
    await page.getByRole('button', { name: /read every fixture/ }).click()
    await page.getByText('started by').waitFor()
    await page.getByRole('button', { name: 'Explore', exact: true }).click()
    await eventually(() => selectedText(page), (text) => text.includes('Explore'), 'the agent above, in the trace')
  }],
  ['the minimap zooms and Esc steps back', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}`)
    const strip = page.getByRole('img', { name: /Cost over the whole session/ })
    const box = await strip.boundingBox()
    await page.mouse.move(box.x + 300, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + 500, box.y + 20, { steps: 4 })
    await page.mouse.up()
    await page.waitForURL(/zoom=/)
    await page.keyboard.press('Escape')
    await eventually(() => page.url(), (url) => !url.includes('zoom='), 'zoomed out')
    await page.keyboard.press('Escape')
    await page.waitForURL(/\/sessions(\?|$)/)
  }],
  ['the palette and the keys of the page are at hand', async (page) => {
    await enter(page, server)
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Palette' }).waitFor()
    await assertAccessible(page, 'palette')
    await page.keyboard.type('capture')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/capture/)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.waitForURL(/\/sessions/)
  }],
  ['capture says whether it is healthy', async (page) => {
    await enter(page, server, '/capture')
    await page.getByText('2 records could not be read').waitFor()
    await page.getByText('\\u{202e}evil').waitFor()
    await assertAccessible(page, 'capture')
  }],
  ['a session that is not here says so', async (page) => {
    await enter(page, server, '/sessions/nowhere')
    await page.getByText('No such session is here').waitFor()
    await assertAccessible(page, 'missing session')
  }],
  ['live steps are followed at the end, and only there', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}`)
    const story = server.stories[0]
    const grid = page.locator('[role=treegrid]')
    await rowOf(page, 'turn 1').waitFor()
    await page.keyboard.press('End')
    await page.getByText('live', { exact: true }).waitFor()
    story.append(['tool_call', 'Bash', 'echo followed', 2352, 0.1])
    server.change(FLAKY)
    await rowOf(page, 'echo followed').waitFor()
    await eventually(() => grid.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight), (rest) => rest < 2, 'stays at the end')

    await page.keyboard.press('Home')
    await eventually(() => scrollTop(page), 0, 'at the top')
    const selected = await selectedText(page)
    story.append(['tool_call', 'Bash', 'echo unseen', 2353, 0.1])
    server.change(FLAKY)
    await page.getByRole('button', { name: '1 new step' }).waitFor()
    assert.equal(await scrollTop(page), 0)
    assert.equal(await selectedText(page), selected)
    await page.getByRole('button', { name: '1 new step' }).click()
    await rowOf(page, 'echo unseen').waitFor()
  }],
  ['a late fact before the selected step moves the step, not the selection', async (page) => {
    const key = 'main.p3.2'
    await enter(page, server, `/sessions/${FLAKY}?step=${key}`)
    await page.getByRole('heading', { name: 'Bash' }).waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    const placeOf = () => new URL(page.url()).searchParams
    await eventually(() => placeOf().get('at'), 't:p3~2', 'its place')
    const seenAt = () => page.locator('[role=row][aria-selected=true]').evaluate((row) => Math.round(row.getBoundingClientRect().top))
    const before = await seenAt()
    server.stories[0].append(['notification', null, 'told late', 2347, 0], 1)
    server.change(FLAKY)
    await eventually(() => placeOf().get('at'), 't:p3~3', 'its new place')
    assert.equal(placeOf().get('step'), key)
    assert.match(await selectedText(page), /git commit/)
    assert.equal(await seenAt(), before)
  }],
  ['a hundred thousand steps: all open, few rows in the page, any row at once', async (page) => {
    await enter(page, server)
    await page.goto(`${server.url}/sessions/${HUGE}`, { waitUntil: 'commit' })
    const shown = await page.waitForFunction(() => document.querySelector('[role=treegrid] [role=rowgroup] [role=row]') && performance.now(), null, { polling: 'raf' })
    const shownMs = Math.round(await shown.jsonValue())
    await page.waitForLoadState()
    await page.keyboard.press('e')
    const grid = page.locator('[role=treegrid]')
    await eventually(() => grid.getAttribute('aria-rowcount'), (count) => Number(count) > 100_000, 'all rows')
    const expandMs = await page.evaluate(async () => {
      const press = (key) => window.dispatchEvent(new KeyboardEvent('keydown', { key }))
      const times = []
      for (const key of ['c', 'e', 'c', 'e', 'c', 'e']) {
        const begin = performance.now()
        press(key)
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
        times.push(performance.now() - begin)
      }
      return Math.round(Math.max(...times))
    })
    await page.keyboard.press('End')
    await page.getByRole('heading', { name: 'Edit' }).or(page.getByRole('heading', { name: /Read|Bash|Grep|Glob|WebFetch|model request/ })).first().waitFor()
    assert.ok((await rowCount(page)) <= 120, 'rows in the page')
    const frames = await grid.evaluate(async (element) => {
      const times = []
      element.scrollTop = 400_000
      let last = performance.now()
      for (let count = 0; count < 60; count += 1) {
        element.scrollTop += 280
        await new Promise(requestAnimationFrame)
        times.push(performance.now() - last)
        last = performance.now()
      }
      return times.sort((a, b) => a - b)[57]
    })
    const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0)
    assert.ok((await rowCount(page)) <= 120, 'rows in the page after scrolling')
    console.log(`          shown in ${shownMs} ms, expand or collapse all ${expandMs} ms at most, scroll frame p95 ${frames.toFixed(1)} ms, heap ${Math.round(heap / 1e6)} MB`)
    // Far above what is aimed at (150 ms): shared machines are slow, and what scales with the steps would be slower still.
    assert.ok(expandMs < 600 * SLOWNESS, `expand took ${expandMs} ms`)
    await assertAccessible(page, 'huge session')
  }],
]

const LIGHT = [...PAGES, `/sessions/${FLAKY}?step=main.p1.3`, `/sessions/${FLAKY}?view=transcript`, `/sessions/${FLAKY}?view=errors`, '/alerts?view=each&alert=al-0001', '/cost?shown=table', '/rules?rule=fs.rm-rf', '/rules?try=1', '/secrets?secret=github:0a1b2c3d']
const NARROW = [...PAGES, `/sessions/${FLAKY}`, `/sessions/${FLAKY}?step=main.p1.3`, `/sessions/${FLAKY}?view=agents`, `/sessions/${FLAKY}?view=alerts`, '/alerts?view=each&alert=al-0004', '/cost?by=session', '/cost?shown=table', '/rules?rule=fs.rm-rf', '/rules?try=1', '/secrets?secret=github:0a1b2c3d', '/search?q=rare']

/** A few pages a test, so that a slow machine has time for each. */
const inParts = (paths, size = 6) => Array.from({ length: Math.ceil(paths.length / size) }, (_, at) => paths.slice(at * size, at * size + size))

async function look(page, server, paths, also = async () => undefined) {
  await enter(page, server, paths[0])
  for (const path of paths) {
    await page.goto(`${server.url}${path}`)
    await settled(page)
    await also(path)
    await assertAccessible(page, path)
  }
}

export const lightTests = (server) =>
  inParts(LIGHT).map((paths, at, all) => [`in light too every page can be read (${at + 1} of ${all.length})`, (page) => look(page, server, paths)])

export const narrowTests = (server) => [
  ...inParts(NARROW).map((paths, at, all) => [
    `on a narrow screen nothing sticks out and every page can be read (${at + 1} of ${all.length})`,
    (page) => look(page, server, paths, async (path) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} sticks out`)),
  ]),
  ['on a narrow screen the chosen tab is in sight', async (page) => {
    await enter(page, server, `/sessions/${FLAKY}?view=map`)
    const tab = page.getByRole('tab', { name: /^Map/ })
    await tab.waitFor()
    const isInSight = () => tab.evaluate((element) => element.getBoundingClientRect().right <= innerWidth && element.getBoundingClientRect().left >= 0)
    await eventually(isInSight, true, 'the tab of the map')
  }],
]

export const narrowLightTests = (server) =>
  inParts(NARROW).map((paths, at, all) => [`in light on a narrow screen every page can be read (${at + 1} of ${all.length})`, (page) => look(page, server, paths)])

export const emptyTests = (server) => [
  ['an empty store says what to do', async (page) => {
    await enter(page, server)
    await page.getByText('No sessions yet.').waitFor()
    await assertAccessible(page, 'empty list')
    await page.goto(`${server.url}/capture`)
    await page.getByText('Capture is incomplete').waitFor()
    await page.getByText('argus install').waitFor()
  }],
]

export const failingTests = (server) => [
  ['a failing server is named with its hint, and asked again on demand', async (page) => {
    await enter(page, server)
    await page.getByText('The database does not answer.').waitFor()
    await page.getByText('argus doctor').waitFor()
    await assertAccessible(page, 'failing list')
    const before = server.requests()
    await page.getByRole('button', { name: 'Try again' }).click()
    await eventually(() => server.requests(), (count) => count > before, 'asked again')
  }],
]
