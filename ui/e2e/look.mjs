// Takes the pictures: every page, dark and light, wide and narrow, with the fixtures. `node e2e/look.mjs DIR [FILTER]`.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBrowser } from './browser.mjs'
import { startFixtureServer } from './fixture-server.mjs'
import { PICTURES } from './pictures.mjs'

const folder = process.argv[2] ?? 'test-results/look'
const filter = process.argv[3] ?? ''
const ALL = [[1440, 900, 'dark'], [1440, 900, 'light'], [390, 844, 'dark'], [390, 844, 'light']]
const SCREENS = process.env.ARGUS_SCREENS ? ALL.filter((screen) => screen.join('-').includes(process.env.ARGUS_SCREENS)) : ALL

await mkdir(folder, { recursive: true })
for (const mode of ['full', 'empty', 'failing']) {
  const wanted = PICTURES.filter(([name, of]) => of === mode && name.includes(filter))
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
