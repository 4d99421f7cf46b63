// The browser tests: where a real server can be had, the walk through it (ARGUS_URL and ARGUS_CODE name a running one,
// ARGUS_BIN a binary to start on a home of its own); then the built dashboard against made-up records.
import { startFixtureServer } from './fixture-server.mjs'
import { alertTests, emptyAlertTests } from './alert-tests.mjs'
import { chainTests } from './chain-tests.mjs'
import { figureTests, emptyFigureTests, failingPageTests } from './figure-tests.mjs'
import { emptyTests, failingTests, fullTests, lightTests, narrowLightTests, narrowTests } from './fixture-tests.mjs'
import { runTests } from './harness.mjs'
import { demoTests } from './demo-tests.mjs'
import { guardTests } from './guard-tests.mjs'
import { keyboardTests } from './keyboard-tests.mjs'
import { lookingTests, lookTests } from './look-tests.mjs'
import { moneyTests } from './money-tests.mjs'
import { restTests } from './rest-tests.mjs'
import { startDemo, startRealServer } from './real-server.mjs'
import { realTests } from './real-tests.mjs'

async function withFixtures(mode, title, tests, options) {
  const server = await startFixtureServer({ mode })
  try {
    return await runTests(title, tests(server), options)
  } finally {
    await server.stop()
  }
}

let failed = 0
// First the real one: its code lives for a minute.
const real = await startRealServer()
if (real) {
  try {
    failed += await runTests('the real server', realTests(real))
  } finally {
    await real.stop()
  }
} else {
  console.log('the real server: not asked for (set ARGUS_BIN, or ARGUS_URL and ARGUS_CODE)')
}
const demo = await startDemo()
if (demo) {
  try {
    failed += await runTests('the demo', demoTests(demo))
    failed += await runTests('the demo, narrow and light', demoTests(demo), { screen: { width: 390, height: 844, theme: 'light' } })
  } finally {
    await demo.stop()
  }
}
failed += await withFixtures('full', 'made-up records', fullTests)
failed += await withFixtures('full', 'made-up alerts', alertTests)
failed += await withFixtures('full', 'chains of evidence', chainTests)
failed += await withFixtures('full', 'made-up sums', figureTests)
failed += await withFixtures('full', 'reported money', moneyTests)
failed += await withFixtures('full', 'search, rules, tools, settings', restTests)
failed += await withFixtures('full', 'the guard', guardTests)
failed += await withFixtures('full', 'made-up records, light', lightTests, { screen: { theme: 'light' } })
failed += await withFixtures('full', 'made-up records, narrow', narrowTests, { screen: { width: 390, height: 844 } })
failed += await withFixtures('full', 'made-up records, narrow and light', narrowLightTests, { screen: { width: 390, height: 844, theme: 'light' } })
failed += await withFixtures('full', 'by keyboard alone', keyboardTests)
failed += await withFixtures('full', 'looking', lookingTests)
for (const mode of ['full', 'empty', 'failing']) {
  failed += await withFixtures(mode, `every picture, ${mode}, wide`, lookTests(mode))
  failed += await withFixtures(mode, `every picture, ${mode}, narrow`, lookTests(mode), { screen: { width: 390, height: 844 } })
}
failed += await withFixtures('empty', 'nothing recorded', emptyTests)
failed += await withFixtures('empty', 'no alerts', emptyAlertTests)
failed += await withFixtures('empty', 'no sums', emptyFigureTests)
failed += await withFixtures('failing', 'a failing server', failingTests)
failed += await withFixtures('failing', 'every page of a failing server', failingPageTests)
console.log(failed === 0 ? 'all browser tests passed' : `${failed} browser tests failed`)
process.exit(failed === 0 ? 0 : 1)
