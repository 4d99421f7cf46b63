// Made-up answers of the guard: one budget that stops, what was denied, asked and let pass, and releases that are kept.
import { HOSTILE, iso } from './fixtures.mjs'

const BASE = Date.now()
const FLAKY = 'f1a4e000-0000-4000-8000-000000000001'

export function makeGuard() {
  return {
    is_placed: true,
    settings: [
      { path: '/home/ada/.claude/settings.json', is_registered: true, is_closed: false },
      { path: `/home/ada/${HOSTILE}/settings.json`, is_registered: false, is_closed: false },
    ],
    releases: [],
    stops: [
      { budget: 'team', said: 'Budget team, 2026-11: $40.12 of $40.00 are spent.', until: iso(BASE + 9 * 86_400_000), is_for_all: true, session_ids: [], is_released: false },
      { budget: 'each branch', said: `Budget each branch for ${HOSTILE}, 2026-11-29: $2.10 of $2.00 are spent.`, until: iso(BASE + 3_600_000), is_for_all: false, session_ids: [FLAKY], is_released: false },
    ],
  }
}

const decision = (answer, rules, released, reason, ago) => ({ answer, rules, released, reason, decided_at: iso(BASE - ago) })

/** What the guard said of the made-up steps: on their details, and in its list. */
const SAID = new Map([
  [`${FLAKY}~main.p1.5`, decision('deny', ['fs.rm-rf', 'fs.write-outside'], [], `fs.rm-rf: The target is the home folder. Name each folder in full.\n${HOSTILE}`, 60_000)],
  [`${FLAKY}~main.p1.3`, decision('released', [], ['priv.sudo'], null, 600_000)],
  [`${FLAKY}~main.p2.9`, decision('ask', ['git.push-force'], [], 'git.push-force: It rewrites what others have.', 3_600_000)],
])

export const stepWithGuard = (event) => ({ ...event, guard: SAID.get(event.event_id) ?? null })

/** Answers GET routes of the guard; undefined for other paths. */
export function guardRoute(path, { guard, mode, stories }) {
  if (path === '/guard') return mode === 'empty' ? { is_placed: false, settings: [{ path: '/home/ada/.claude/settings.json', is_registered: false, is_closed: false }], releases: [], stops: [] } : guard
  if (path !== '/guard/decisions') return undefined
  const story = stories.find((each) => each.record.session_id === FLAKY)
  if (!story) return { events: [], next_cursor: null }
  const steps = [['main p1', 5], ['main p1', 3], ['main p2', 9]]
  return { events: steps.map(([thread, at]) => stepWithGuard(story.step(thread, at))), next_cursor: null }
}

/** A release, or taking it back; null for other paths. */
export function changeGuard(method, path, body, { guard }) {
  if (!path.startsWith('/guard/releases')) return null
  const id = path.slice('/guard/releases/'.length)
  if (method === 'DELETE') guard.releases = id === '' ? [] : guard.releases.filter((each) => each.release_id !== id)
  else guard.releases = [...guard.releases, { release_id: String(guard.releases.length + 1), session_id: body.session_id, rule: body.budget === null ? body.rule : 'budget.stop', budget: body.budget, until: iso(Date.now() + body.minutes * 60_000) }]
  guard.stops = guard.stops.map((stop) => ({ ...stop, is_released: guard.releases.some((each) => each.session_id === null && (each.budget ?? stop.budget) === stop.budget && (each.rule ?? 'budget.stop') === 'budget.stop') }))
  return guard
}
