// Takes the pictures: every page, dark and light, wide and narrow, with the fixtures. `node e2e/look.mjs DIR [FILTER]`.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBrowser } from './browser.mjs'
import { startFixtureServer } from './fixture-server.mjs'

const folder = process.argv[2] ?? 'test-results/look'
const filter = process.argv[3] ?? ''
const FLAKY = 'f1a4e000-0000-4000-8000-000000000001'
const HUGE = 'b16b16b1-0000-4000-8000-000000100000'
const pictures = [
  ['sessions', 'full', '/sessions'],
  ['sessions-empty', 'empty', '/sessions'],
  ['sessions-failing', 'failing', '/sessions'],
  ['sessions-none-match', 'full', '/sessions?q=zzz'],
  ['session', 'full', `/sessions/${FLAKY}`],
  ['session-step', 'full', `/sessions/${FLAKY}?step=main.p2.4`],
  ['session-why', 'full', `/sessions/${FLAKY}?step=main.p1.3&tab=why`],
  ['session-transcript', 'full', `/sessions/${FLAKY}?view=transcript`],
  ['session-errors', 'full', `/sessions/${FLAKY}?view=errors`],
  ['session-agents', 'full', `/sessions/${FLAKY}?view=agents`],
  ['session-context', 'full', `/sessions/${FLAKY}?view=context`],
  ['session-context-table', 'full', `/sessions/${FLAKY}?view=context&step=main.p1.3&tab=why`],
  ['session-huge', 'full', `/sessions/${HUGE}`],
  ['session-missing', 'full', '/sessions/nowhere'],
  ['overview', 'full', '/'],
  ['overview-table', 'full', '/?shown=table'],
  ['overview-empty', 'empty', '/'],
  ['live', 'full', '/live'],
  ['live-empty', 'empty', '/live'],
  ['cost', 'full', '/cost'],
  ['cost-model', 'full', '/cost?by=model&range=30d'],
  ['cost-day', 'full', '/cost?by=day&shown=table'],
  ['cost-project', 'full', '/cost?project=/home/ada/web-shop'],
  ['cost-empty', 'empty', '/cost'],
  ['cost-reconciliation', 'full', '/cost?view=reconciliation'],
  ['cost-reconciliation-empty', 'empty', '/cost?view=reconciliation'],
  ['search', 'full', '/search'],
  ['search-hits', 'full', '/search?q=token+rare'],
  ['search-refused', 'full', '/search?q=cost:cheap'],
  ['search-none', 'full', '/search?q=zzz'],
  ['tools', 'full', '/tools'],
  ['tools-empty', 'empty', '/tools'],
  ['rules', 'full', '/rules'],
  ['rules-one', 'full', '/rules?rule=fs.write-outside'],
  ['rules-try', 'full', '/rules?try=1'],
  ['secrets', 'full', '/secrets'],
  ['secrets-one', 'full', '/secrets?secret=github:0a1b2c3d'],
  ['secrets-empty', 'empty', '/secrets'],
  ['secrets-failing', 'failing', '/secrets'],
  ['settings', 'full', '/settings'],
  ['alerts', 'full', '/alerts'],
  ['alerts-evidence', 'full', '/alerts?view=each&alert=al-0001'],
  ['alerts-hostile', 'full', '/alerts?view=each&alert=al-0004'],
  ['alerts-sequence', 'full', '/alerts?view=each&alert=al-0008'],
  ['alerts-all', 'full', '/alerts?state=all&severity=info'],
  ['alerts-empty', 'empty', '/alerts'],
  ['alerts-failing', 'failing', '/alerts'],
  ['capture', 'full', '/capture'],
  ['capture-empty', 'empty', '/capture'],
]

const ALL = [[1440, 900, 'dark'], [1440, 900, 'light'], [390, 844, 'dark'], [390, 844, 'light']]
const SCREENS = process.env.ARGUS_SCREENS ? ALL.filter((screen) => screen.join('-').includes(process.env.ARGUS_SCREENS)) : ALL

await mkdir(folder, { recursive: true })
for (const mode of ['full', 'empty', 'failing']) {
  const wanted = pictures.filter(([name, of]) => of === mode && name.includes(filter))
  if (wanted.length === 0) continue
  const server = await startFixtureServer({ mode })
  for (const [width, height, theme] of SCREENS) {
    const { page, complaints, close } = await openBrowser({ width, height, theme })
    await page.goto(`${server.url}/#code=${server.code}`)
    await page.waitForSelector('nav')
    for (const [name, , path] of wanted) {
      await page.goto(`${server.url}${path}`)
      await page.waitForTimeout(mode === 'failing' ? 2500 : 700)
      await page.screenshot({ path: join(folder, `${name}-${width}-${theme}.png`) })
    }
    for (const complaint of complaints) console.log(`${width} ${theme}: ${complaint}`)
    await close()
  }
  await server.stop()
}
