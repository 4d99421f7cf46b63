// Takes the user guide's pictures from a demo: `ARGUS_BIN=target/release/argus node e2e/guide.mjs [DIR]`, every page in
// dark and light. The demo is made in a scratch home that is removed afterwards.
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openBrowser } from './browser.mjs'
import { eventually } from './harness.mjs'

const folder = process.argv[2] ?? new URL('../../docs/guide/pictures/', import.meta.url).pathname
const steps = process.env.ARGUS_DEMO_STEPS ?? '100000'
const binary = process.env.ARGUS_BIN
if (!binary) throw new Error('set ARGUS_BIN to a built argus')

const home = await mkdtemp(join(tmpdir(), 'argus-guide-'))
const demo = spawn(binary, ['demo', '--no-open', '--port', '7797', '--steps', steps], {
  env: { PATH: process.env.PATH, HOME: home, ARGUS_DATA_DIR: join(home, 'data'), TZ: 'UTC' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const [line] = await new Promise((resolve, reject) => {
    createInterface({ input: demo.stdout }).once('line', (first) => resolve([first]))
    demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)))
  })
  const url = new URL(line)
  const code = url.hash.slice('#code='.length)
  await mkdir(folder, { recursive: true })
  const browser = await openBrowser()
  const { page } = browser
  await page.goto(`${url.origin}/#code=${code}`)
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  const ask = (path) => page.evaluate(async (asked) => {
    const token = sessionStorage.getItem('argus.token') ?? localStorage.getItem('argus.token')
    const answer = await fetch(`/api/v1${asked}`, { headers: { authorization: `Bearer ${token}` } })
    return answer.json()
  }, path)
  const { sessions } = await ask('/sessions?limit=200')
  const called = (title) => sessions.find((session) => session.title?.startsWith(title))?.session_id
  const { alerts } = await ask('/alerts?rule=exec.pipe-to-shell&limit=1')
  const { alerts: chained } = await ask('/alerts?rule=seq.download-then-exec&limit=1')
  const { secrets } = await ask('/secrets')
  const reused = secrets.find((each) => each.session_count > 1) ?? secrets[0]
  const pages = [
    ['overview', '/'],
    ['live', '/live'],
    ['sessions', '/sessions'],
    ['session', `/sessions/${called('Review the checkout')}`],
    ['session-huge', `/sessions/${called('Move the whole')}`],
    ['session-chain', `/sessions/${chained[0].session_id}?step=${encodeURIComponent(chained[0].event_id)}`],
    ['alerts', `/alerts?view=each&alert=${encodeURIComponent(alerts[0].alert_id)}`],
    ['cost', '/cost?range=30d'],
    ['cost-carry', '/cost?range=30d&view=carry'],
    ['tools', '/tools?range=30d'],
    ['tools-models', '/tools?range=30d&view=models'],
    ['rules', '/rules?rule=exec.pipe-to-shell'],
    ['guard', '/guard'],
    ['secrets', `/secrets?secret=${reused.kind}:${reused.fingerprint}`],
    ['search', '/search?q=discount'],
    ['capture', '/capture'],
    ['settings', '/settings'],
  ]
  for (const theme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme: theme })
    for (const [name, path] of pages) {
      await page.goto(`${url.origin}${path}`)
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
      await eventually(() => page.getByLabel('loading').count(), 0, `${name} has loaded`)
      // Charts are drawn a moment after their figures are there.
      await page.waitForTimeout(600)
      if (await page.getByRole('button', { name: 'Try again' }).count()) throw new Error(`${name} shows a failure: ${path}`)
      await page.screenshot({ path: join(folder, `${name}-${theme}.png`) })
      console.log(`${name}-${theme}.png`)
    }
  }
  await browser.close()
} finally {
  demo.kill('SIGINT')
  await new Promise((resolve) => demo.once('exit', resolve))
  await rm(home, { recursive: true, force: true })
}
