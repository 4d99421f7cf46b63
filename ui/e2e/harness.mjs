// A small runner for the browser tests: sentences, one after the other, each with its own page. Every test also fails
// when the page complained (a broken content policy, an error nobody caught).
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { openBrowser, SLOWNESS } from './browser.mjs'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const FAILED = new URL('../test-results/', import.meta.url).pathname
const LIMIT_MS = 60_000 * SLOWNESS

/** Runs tests `[sentence, run]`; gives back how many failed. */
export async function runTests(title, tests, { screen = {}, filter = process.env.ARGUS_E2E ?? '' } = {}) {
  let failed = 0
  console.log(title)
  for (const [sentence, run] of tests.filter(([each]) => each.includes(filter))) {
    const browser = await openBrowser(screen)
    const start = performance.now()
    try {
      await withLimit(run(browser.page, browser))
      assert.deepEqual(browser.complaints, [], 'the page complained')
      console.log(`  ok      ${sentence} (${Math.round(performance.now() - start)} ms)`)
    } catch (cause) {
      failed += 1
      await mkdir(FAILED, { recursive: true })
      await browser.page.screenshot({ path: `${FAILED}${sentence.replace(/\W+/g, '-')}.png` }).catch(() => undefined)
      console.log(`  FAILED  ${sentence}\n${String(cause?.stack ?? cause).replace(/^/gm, '          ')}`)
      for (const complaint of browser.complaints) console.log(`          the page said: ${complaint}`)
    } finally {
      await browser.close()
    }
  }
  return failed
}

async function withLimit(work) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took more than ${LIMIT_MS / 1000} s`)), LIMIT_MS)
  })
  try {
    await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** Opens a page of the dashboard, signed in, and waits until it shows what it has to show: what is pressed before that is
 * pressed for nobody. `shown: false` waits for its frame alone, to see what stands there meanwhile. */
export async function enter(page, server, path = '/sessions', { shown = true } = {}) {
  const frame = page.getByRole('navigation', { name: 'Pages' })
  await page.goto(`${server.url}/#code=${server.code}`)
  await frame.waitFor()
  await page.goto(`${server.url}${path}`)
  await frame.waitFor()
  if (shown) await settled(page)
}

/** Waits until the page shows what it has to show: nothing on it is still to come. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('main')?.innerText.trim() && !document.querySelector('[aria-label=loading], .skeleton'), null, { polling: 'raf' })
}

/** No serious finding of axe on the page as it stands. The content policy forbids scripts of ours; the debugger may. */
export async function assertAccessible(page, what) {
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axeSource })
  const { result } = await session.send('Runtime.evaluate', {
    expression: "axe.run(document, { resultTypes: ['violations'] }).then((found) => JSON.stringify(found.violations))",
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  const bad = JSON.parse(result.value).filter((each) => ['serious', 'critical'].includes(each.impact))
  const words = bad.map((each) => `${each.id}: ${each.help}\n    ${each.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 200)} ${node.failureSummary}`).join('\n    ')}`)
  assert.equal(words.length, 0, `${what}:\n${words.join('\n')}`)
}

/** Waits until `read` gives what is wanted. */
export async function eventually(read, wanted, what) {
  const until = Date.now() + 10_000 * SLOWNESS
  let last
  while (Date.now() < until) {
    last = await read()
    if (typeof wanted === 'function' ? wanted(last) : last === wanted) return last
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail(`${what}: ${JSON.stringify(last)}`)
}
