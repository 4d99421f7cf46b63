// A made-up back-test: it takes three looks, then finds calls of every kind, the newest first.
import { HOSTILE, iso } from './fixtures.mjs'

const BASE = Date.now()
const FLAKY = 'f1a4e000-0000-4000-8000-000000000001'
const NONE = { order_no: 0, phase: 'none', done_count: 0, total_count: 0, problems: [], found: null, error: null }

/** Answers its routes; undefined for other paths. */
export function backtestRoute(path, store) {
  if (path !== '/backtest') return undefined
  const { backtest } = store
  if (backtest?.phase !== 'judging') return backtest ?? NONE
  const looks = backtest.done_count / 40 + 1
  store.backtest = looks < 4 ? { ...backtest, done_count: looks * 40 } : { ...backtest, done_count: 120, phase: 'done', found: found(backtest.request) }
  return store.backtest
}

/** Begins one. */
export function orderBacktest(request, store) {
  if ('text' in request && !request.text.includes('[')) return { refused: ['bad_setting', 'line 1, column 1: key with no value; the file is no TOML', null] }
  const problems = 'text' in request && request.text.includes('fs.write-outsied') ? [{ line: 2, column: 8, message: 'there is no rule fs.write-outsied', hint: 'did you mean fs.write-outside?' }] : []
  store.backtest = { ...NONE, order_no: (store.backtest?.order_no ?? 0) + 1, phase: 'judging', total_count: 120, problems, request }
  return store.backtest
}

function found(request) {
  const isCompared = 'text' in request
  const rule = request.rule ?? 'own.prod'
  if (rule === 'fs.chmod-world') return { call_count: 512_340, rules: [], hits: [] }
  const hits = Array.from({ length: 30 }, (_, at) => ({
    rule, severity: 'high', event_id: at === 0 ? `${FLAKY}~main.p1.3` : `${FLAKY}~main.p0.${at}`, session_id: FLAKY, agent_id: 'main', tool_name: 'Bash', at: iso(BASE - at * 5_400_000),
    reason: 'Touches production', evidence: at === 3 ? HOSTILE : `psql -h prod-${at} -c 'select 1'`, change: isCompared ? ['new', 'new', 'same', 'gone'][at % 4] : null,
  }))
  return { call_count: 512_340, rules: [{ rule, count: 1_204, new: isCompared ? 802 : 0, gone: isCompared ? 7 : 0, session_count: 88, last_at: hits[0].at }], hits }
}
