// Alerts against made-up records: found, understood and dealt with by keyboard alone, told live, shown inline.
import assert from 'node:assert/strict'
import { assertAccessible, enter, eventually } from './harness.mjs'

const FLAKY = 'f1a4e000-0000-4000-8000-000000000001'
const selectedText = (page) => page.evaluate(() => document.querySelector('[role=row][aria-selected=true]')?.innerText ?? '')
const parameter = (page, name) => new URL(page.url()).searchParams.get(name)
const badge = (page) => page.getByRole('link', { name: /^open alerts|critical/ }).first()

export const alertTests = (server) => [
  ['by keyboard alone: to an alert, to its step, and back', async (page) => {
    await enter(page, server)
    await page.getByRole('grid').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.getByRole('grid', { name: 'Alerts' }).waitFor()
    await assertAccessible(page, 'alerts')
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: 'fs.rm-rf' }).waitFor()
    assert.equal(await page.locator('mark').innerText(), 'rm -rf ~/.cache/../projects')
    await page.getByText('cannot be known before it runs').waitFor()
    await assertAccessible(page, 'evidence')
    await page.keyboard.press('o')
    await page.waitForURL(new RegExp(`${FLAKY}.*step=main.p1.5`))
    await eventually(() => selectedText(page), (text) => text.includes('txt.oc'), 'the step of the alert')
    const onStep = page.getByRole('list', { name: 'Alerts of this step' })
    await onStep.getByText('fs.rm-rf').waitFor()
    await assertAccessible(page, 'step with an alert')
    await page.goBack()
    await page.getByRole('heading', { name: 'fs.rm-rf' }).waitFor()
    await eventually(() => selectedText(page), (text) => text.includes('fs.rm-rf'), 'the same alert')
    await page.keyboard.press('Escape')
    await eventually(() => parameter(page, 'alert'), null, 'nothing chosen')
  }],
  ['what was touched outside the project is one choice, whatever was said of it since', async (page) => {
    await enter(page, server, '/alerts')
    const about = page.getByLabel('What it is about')
    await about.selectOption('outside the project')
    await eventually(() => ['state', 'severity', 'age'].map((name) => parameter(page, name)).join(), 'all,info,both', 'all of it')
    const rules = () => page.getByRole('grid', { name: 'Alerts' }).locator('[role=row] [title^="fs."], [role=row] [title^="exec."]').allInnerTexts()
    await eventually(rules, (found) => found.length > 0 && found.every((rule) => rule.startsWith('fs.write-')), 'its rules alone')
    await page.getByRole('button', { name: /outside the project/ }).waitFor()
    await about.selectOption('exec')
    await eventually(() => [parameter(page, 'rule'), parameter(page, 'family')].join(), ',exec', 'the family')
    await eventually(rules, (found) => found.length > 0 && found.every((rule) => rule.startsWith('exec.')), 'the rules of the family')
    await about.selectOption('all rules')
    await eventually(() => parameter(page, 'family'), null, 'all again')
  }],
  ['acknowledging shows at once, goes on to the next, and u takes it back', async (page) => {
    await enter(page, server, '/alerts?view=each')
    const grid = page.getByRole('grid', { name: 'Alerts' })
    await grid.waitFor()
    const open = Number(await badge(page).innerText().then((text) => /\d+/.exec(text)[0]))
    await page.keyboard.press('j')
    await eventually(() => selectedText(page), (text) => text.includes('fs.rm-rf'), 'the first alert')
    await page.keyboard.press('a')
    await page.getByText('Acknowledged: fs.rm-rf').waitFor()
    await eventually(() => selectedText(page), (text) => text.includes('fs.write-outside'), 'the next alert')
    await eventually(() => grid.getByText('fs.rm-rf', { exact: true }).count(), 0, 'it left the open ones')
    await eventually(() => badge(page).innerText(), (text) => text.includes(String(open - 1)), 'the badge')
    await page.keyboard.press('u')
    await grid.getByText('fs.rm-rf', { exact: true }).waitFor()
    await eventually(() => server.feed.alerts.find((each) => each.alert_id === 'al-0001').state, 'open', 'open on the server, too')
  }],
  ['resolving asks for the reason, muting for the time, and both stay in the history', async (page) => {
    await enter(page, server, '/alerts?view=each&alert=al-0002')
    await page.getByRole('heading', { name: 'fs.write-outside' }).waitFor()
    await page.keyboard.press('e')
    await page.getByRole('dialog', { name: /Resolve/ }).waitFor()
    await assertAccessible(page, 'resolve')
    await page.keyboard.type('it is my shell and I asked for it')
    await page.keyboard.press('Enter')
    await page.getByText('Resolved: fs.write-outside').waitFor()
    const resolved = server.feed.alerts.find((each) => each.alert_id === 'al-0002')
    assert.deepEqual([resolved.state, resolved.state_reason], ['resolved', 'it is my shell and I asked for it'])

    await page.goto(`${server.url}/alerts?view=each&state=all&alert=al-0002`)
    await page.getByText('it is my shell and I asked for it').waitFor()
    await page.keyboard.press('r')
    await page.getByText('Opened again: fs.write-outside').waitFor()
    await page.keyboard.press('m')
    await page.getByRole('dialog', { name: /Mute/ }).waitFor()
    await assertAccessible(page, 'mute')
    await page.getByRole('button', { name: /until tomorrow/ }).press('Enter')
    await page.getByText(/^Muted until .*: fs.write-outside/).waitFor()
    assert.ok(Date.parse(resolved.muted_until) > Date.now())
    await page.keyboard.press('u')
    await eventually(() => resolved.state, 'open', 'taken back')
  }],
  ['a group is dealt with as one', async (page) => {
    await enter(page, server, '/alerts?rule=budget.event')
    const grid = page.getByRole('grid', { name: 'Alerts' })
    await grid.waitFor()
    await grid.locator('[role=rowgroup] [role=row]').first().click()
    await page.getByRole('button', { name: /Acknowledge all/ }).click()
    await page.getByText(/Acknowledged: \d+ alerts of budget\.event/).waitFor()
    await eventually(() => server.feed.alerts.filter((each) => each.rule === 'budget.event' && each.state === 'acknowledged').length, (count) => count > 1, 'all of the group')
  }],
  ['past alerts are kept apart, marked by a word, and dealt with at once', async (page) => {
    await enter(page, server, '/alerts?view=each&severity=info')
    const grid = page.getByRole('grid', { name: 'Alerts' })
    await grid.waitFor()
    assert.equal(await grid.getByText('past', { exact: false }).count(), 0, 'none of them among the new ones')
    const past = page.getByRole('group', { name: 'Past alerts' })
    await past.getByText(/past alerts from before Argus watched/).waitFor()
    await past.getByRole('button', { name: 'show them' }).click()
    await eventually(() => parameter(page, 'age'), 'past', 'the filter')
    await grid.getByText('open, past').first().waitFor()
    await assertAccessible(page, 'past alerts')
    const news = server.feed.alerts.filter((each) => !each.is_history && each.state === 'open').length
    await past.getByRole('button', { name: 'resolve all past' }).click()
    await page.getByRole('dialog', { name: /Resolve/ }).waitFor()
    await page.keyboard.type('from before')
    await page.keyboard.press('Enter')
    await page.getByText(/Resolved: \d+ past alerts/).waitFor()
    await past.waitFor({ state: 'detached' })
    assert.equal(server.feed.alerts.filter((each) => each.is_history && each.state === 'open').length, 0)
    assert.equal(server.feed.alerts.filter((each) => !each.is_history && each.state === 'open').length, news)
  }],
  ['all that is muted is told with its end, its reason and who said it, and is ended and muted again from there', async (page) => {
    await enter(page, server, '/alerts')
    await page.getByRole('button', { name: /^Muted \d/ }).waitFor()
    await page.keyboard.press('q')
    const grid = page.getByRole('grid', { name: 'Mutes' })
    const row = (text) => grid.locator('[role=rowgroup] [role=row]').filter({ hasText: text })
    await row('fs.rm-rf-scratch').getByText('terminal').waitFor()
    await row('fs.rm-rf-project').getByText('once, in').waitFor()
    assert.match(await row('fs.rm-rf-scratch').innerText(), /\\u\{202e\}/)
    assert.equal(await page.locator('#root img').count(), 0)
    const inFile = page.getByRole('region', { name: 'In rules.toml' })
    await inFile.getByText('Made again every night').waitFor()
    await inFile.getByText('git.*').waitFor()
    await assertAccessible(page, 'muted')
    await row('It is a long one').getByText('budget.event').click()
    await page.keyboard.press('e')
    await page.getByText(/^Muted no more: budget\.event/).waitFor()
    await eventually(() => row('It is a long one').count(), 0, 'it has ended')
    await page.keyboard.press('u')
    await row('It is a long one').waitFor()
    await row('fs.rm-rf-project').getByRole('button', { name: 'End' }).click()
    await eventually(() => server.feed.alerts.find((each) => each.rule === 'fs.rm-rf-project').state, 'open', 'the alert alone')
    await page.keyboard.press('q')
    await page.getByRole('grid', { name: 'Alerts' }).waitFor()
  }],
  ['what would have allowed an alert is written, tried and added with a reason', async (page) => {
    await enter(page, server, '/alerts?view=each&state=all&alert=al-0001')
    const allow = page.getByRole('region', { name: 'Allow this' })
    await allow.getByRole('button', { name: 'Write an exception' }).click()
    const entry = allow.getByRole('textbox', { name: 'Entry of rules.toml' })
    assert.match(await entry.inputValue(), /^\[\[except\]\]\nrule = "fs.rm-rf"\n/)
    const add = allow.getByRole('button', { name: 'Add to rules.toml' })
    assert.equal(await add.isDisabled(), true, 'not without a reason')
    await allow.getByRole('textbox', { name: 'because' }).fill('made again "every" night')
    assert.match(await entry.inputValue(), /\nreason = "made again \\"every\\" night"\n/)
    await allow.getByRole('button', { name: 'Try on all that is stored' }).click()
    await allow.getByRole('status', { name: 'Back-test' }).getByText(/would be raised no more/).waitFor()
    await assertAccessible(page, 'an exception')
    await add.click()
    await page.getByText(/Added to rules\.toml/).waitFor()
    assert.match(server.feed.exceptions.at(-1), /night/)
  }],
  ['a refused change is taken back and told', async (page) => {
    await enter(page, server, '/alerts?view=each&alert=al-0009')
    await page.getByRole('heading', { name: 'budget.session' }).waitFor()
    await page.route('**/api/v1/alerts/al-0009', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 409, json: { error: { code: 'gone', message: 'It was changed by somebody else.', hint: null } } }) : route.continue()))
    await page.keyboard.press('a')
    await page.getByText('Not changed: It was changed by somebody else.').waitFor()
    await page.getByRole('grid', { name: 'Alerts' }).getByText('budget.session').waitFor()
  }],
  ['a browser that was given leave tells of critical and high alerts by their rule alone', async (page) => {
    await page.context().grantPermissions(['notifications'], { origin: server.url })
    await page.addInitScript(() => {
      const Real = globalThis.Notification
      globalThis.told = []
      globalThis.Notification = class extends Real {
        constructor(title, options) {
          super(title, options)
          globalThis.told.push(`${title}: ${options.body}`)
        }
      }
    })
    await enter(page, server, '/alerts')
    const button = page.getByRole('button', { name: 'Notify me' })
    await button.waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    const now = new Date().toISOString()
    const alert = { ...server.feed.alerts[0], alert_id: 'al-quiet', rule: 'priv.sudo', severity: 'critical', reason: 'Runs planted through sudo', raised_at: now, first_seen_at: now, last_seen_at: now, state: 'open' }
    server.raise(alert)
    await page.getByText('Runs planted through sudo').first().waitFor()
    assert.deepEqual(await page.evaluate(() => globalThis.told), [], 'nobody asked for it')
    await button.click()
    await eventually(() => button.getAttribute('aria-pressed'), 'true', 'the wish')
    server.raise({ ...alert, alert_id: 'al-medium', severity: 'medium' })
    server.raise({ ...alert, alert_id: 'al-loud' })
    await eventually(() => page.evaluate(() => globalThis.told.join()), 'Argus: critical: priv.sudo', 'what was told')
    await page.reload()
    await eventually(() => button.getAttribute('aria-pressed'), 'true', 'the wish after a reload')
    await button.click()
    await eventually(() => button.getAttribute('aria-pressed'), 'false', 'the wish taken back')
  }],
  ['what is raised while one looks on is told once, history never, and nothing moves', async (page) => {
    await enter(page, server, '/alerts?view=each')
    const grid = page.getByRole('grid', { name: 'Alerts' })
    await grid.waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    const chosen = await selectedText(page)
    const seenAt = () => page.locator('[role=row][aria-selected=true]').evaluate((row) => Math.round(row.getBoundingClientRect().top))
    const before = await seenAt()
    const now = `${new Date().toISOString().slice(0, -1)}000Z`
    const alert = { ...server.feed.alerts[0], alert_id: 'al-live', rule: 'priv.sudo', reason: 'Runs mount through sudo', raised_at: now, first_seen_at: now, last_seen_at: now, state: 'open' }
    server.raise(alert)
    const notices = page.getByRole('status', { name: 'Notices' })
    // A notice stays while one points at it; on a slow machine it would be gone before all is looked at.
    await notices.getByText('Runs mount through sudo').hover()
    await page.getByRole('button', { name: '1 new alert' }).waitFor()
    assert.equal(await selectedText(page), chosen)
    assert.equal(await seenAt(), before)
    await assertAccessible(page, 'notice')
    await page.keyboard.press('v')
    await page.waitForURL(/alert=al-live/)
    await page.getByRole('heading', { name: 'priv.sudo' }).waitFor()
    server.feed.alerts.push({ ...alert, alert_id: 'al-past', is_history: true })
    server.tell('alerts', { session_ids: [alert.session_id], raised: [], open: null })
    // News come in order: when the next is told, what was history has been passed over.
    server.raise({ ...alert, alert_id: 'al-next', reason: 'Runs umount through sudo' })
    await notices.getByText('Runs umount through sudo').waitFor()
    assert.equal(await notices.getByRole('button', { name: 'Look' }).count(), 1)
  }],
  ['evidence of an agent stays text, and what nobody knows says so', async (page) => {
    await enter(page, server, '/alerts?view=each&alert=al-0004')
    const evidence = page.getByRole('region', { name: 'Evidence' })
    await evidence.getByText('\\u{202e}').first().waitFor()
    assert.equal(await page.locator('#root img').count(), 0)
    await eventually(() => page.locator('mark').evaluate((mark) => mark.getBoundingClientRect().bottom < document.querySelector('[aria-label=Evidence]').getBoundingClientRect().bottom), true, 'the marked part is in sight')
    await page.goto(`${server.url}/alerts?view=each&alert=al-0008`)
    await page.getByText('does not know the rule any more').waitFor()
    // It is the second half of a sequence: the first stands above it, as text, with the way there.
    await evidence.getByText(/cat \.env/).waitFor()
    assert.equal(await page.locator('#root img').count(), 0)
    assert.match(await evidence.getByRole('link', { name: /cat \.env/ }).getAttribute('href'), /step=toolu_read/)
    await assertAccessible(page, 'evidence of a sequence')
  }],
  ['the session shows its alerts: in the list, at its head, on the step, in a view of their own', async (page) => {
    await enter(page, server)
    await page.locator('[role=row]', { hasText: 'Fix flaky auth tests' }).getByTitle(/open alerts, the worst critical/).waitFor()
    await page.goto(`${server.url}/sessions/${FLAKY}?view=alerts`)
    await page.getByRole('table', { name: 'Alerts' }).waitFor()
    await assertAccessible(page, 'alerts of a session')
    await page.getByRole('button', { name: /\.zshrc/ }).click()
    await page.waitForURL(/step=main.p2.4/)
    await page.getByRole('list', { name: 'Alerts of this step' }).getByText('fs.write-outside').waitFor()
  }],
]

export const emptyAlertTests = (server) => [
  ['without alerts the feed says what it waits for', async (page) => {
    await enter(page, server, '/alerts')
    await page.getByText('No open alerts.').waitFor()
    await page.getByText('Nothing dangerous is open').waitFor()
    await assertAccessible(page, 'empty feed')
  }],
]
