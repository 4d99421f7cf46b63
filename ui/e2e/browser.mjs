// Chromium for the browser tests: the one the machine has, without a network of its own, with a new profile each time.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How many times slower than it is the page's processor shall seem: a slow machine at will. What presses a key before
 * the page listens, or reads before it has painted, fails here and not once in a hundred runs elsewhere. */
export const SLOWNESS = Number(process.env.ARGUS_E2E_SLOW || 1)
if (!(SLOWNESS >= 1)) throw new Error(`ARGUS_E2E_SLOW=${process.env.ARGUS_E2E_SLOW}: give how many times slower, 1 or more, e.g. ARGUS_E2E_SLOW=6`)

export async function openBrowser({ width = 1440, height = 900, theme = 'dark' } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'argus-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.ARGUS_CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
  })
  const page = context.pages()[0] ?? (await context.newPage())
  page.setDefaultTimeout(15_000 * SLOWNESS)
  if (SLOWNESS > 1) {
    const debug = await context.newCDPSession(page)
    await debug.send('Emulation.setCPUThrottlingRate', { rate: SLOWNESS })
  }
  const complaints = []
  page.on('console', (message) => {
    // A refused answer is logged by the browser itself; the pages' own words about it are what is tested.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return {
    page,
    context,
    complaints,
    close: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
