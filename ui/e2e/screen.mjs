// From the start of a hook to its drawn row: what a person who watches waits for. `cargo xtask bench live --screen` runs
// it; by itself: `ARGUS_BIN=target/release/argus node e2e/screen.mjs [HOOKS]`. Prints one JSON document.
//
// Node and the page read the same clock (their time origins are dates, and both count on from there), so the hook's start
// here and the drawn frame there can be compared. Hooks run one at a time, as far apart as one notices.
import { performance } from 'node:perf_hooks'
import { openBrowser } from './browser.mjs'
import { startRealServer } from './real-server.mjs'

const hooks = Number(process.argv[2] ?? 100)
/** Longer than the pages wait between two refreshes: each hook is alone, as one after a quiet moment is. */
const PAUSE_MS = 400
const LONGEST_MS = 10_000
/** The first hooks meet a page and a server that have not yet run this way. */
const WARM_UP = 5
/** Steps of one session; more would not be in sight. */
const STEPS = 10

const idOf = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const bash = (mark, command) => ({ hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_use_id: `toolu_${mark}`, tool_input: { command } })

const KINDS = {
  // A tool call of the session that one looks at: a row of its trace.
  event: {
    session: (number) => 1 + Math.floor(number / STEPS),
    page: (session) => `/sessions/${session}`,
    isNew: (number) => number % STEPS === 0,
    payload: (mark) => bash(mark, `echo ${mark}`),
  },
  // A dangerous call of some session: a row of the feed.
  alert: {
    session: (number) => 1_000_000 + number,
    page: () => '/alerts?view=each',
    isNew: (number) => number === 0,
    payload: (mark) => bash(mark, `sudo install ${mark}`),
  },
}

const clock = () => performance.timeOrigin + performance.now()

/** Runs in the page: resolves with the time at which a frame that shows `mark` has been drawn. */
function drawn(mark) {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.body.innerText.includes(mark)) return false
      observer.disconnect()
      // The frame that shows it is drawn after this callback; the task after it comes when that is done.
      requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())))
      return true
    }
    const observer = new MutationObserver(look)
    if (!look()) observer.observe(document.body, { subtree: true, childList: true, characterData: true })
  })
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]

const server = await startRealServer()
if (!server?.runHook) throw new Error('set ARGUS_BIN to a built argus; argus-hook must stand beside it')
const browser = await openBrowser()
const answer = {}
try {
  const { page } = browser
  await page.goto(`${server.url}/#code=${server.code}`)
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  for (const [kind, { session, page: pageOf, isNew, payload }] of Object.entries(KINDS)) {
    const times = []
    for (let number = 0; number < hooks + WARM_UP; number++) {
      const id = idOf(session(number))
      const facts = { session_id: id, transcript_path: `/nonexistent/${id}.jsonl`, cwd: '/nonexistent' }
      if (isNew(number)) {
        await server.runHook({ ...facts, hook_event_name: 'UserPromptSubmit', prompt: 'Begin' })
        await page.waitForTimeout(PAUSE_MS)
        await page.goto(`${server.url}${pageOf(id)}`)
        await page.getByText('live', { exact: true }).waitFor()
      }
      await page.waitForTimeout(PAUSE_MS)
      const mark = `${kind}mark${number}x`
      const seen = page.evaluate(drawn, mark)
      // Evaluation must have begun to look before the hook starts, or its own way there would be counted.
      await page.evaluate(() => 0)
      const start = clock()
      await server.runHook({ ...facts, ...payload(mark) })
      const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`${mark} was not drawn within ${LONGEST_MS / 1000} s`)), LONGEST_MS).unref())
      const end = await Promise.race([seen, late])
      if (number >= WARM_UP) times.push(end - start)
    }
    times.sort((a, b) => a - b)
    const rounded = (share) => Math.round(at(times, share) * 100) / 100
    answer[kind] = { hooks: times.length, median_ms: rounded(0.5), p90_ms: rounded(0.9), p99_ms: rounded(0.99), slowest_ms: rounded(1) }
  }
} finally {
  await browser.close()
  await server.stop()
}
console.log(JSON.stringify(answer))
