// Brings what is shown up to date after the live stream told of changes, touching no more than what changed: rows of
// the sessions list are patched in their place, a session's own queries are asked again if someone looks at them.
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { pacer } from '@/lib/pacer'
import { get } from './client'
import { putRaised } from './raised'
import type { AlertRecord, OpenAlerts, SessionPage, SessionRecord } from './types'

const SESSION_GAP_MS = 60
const LIST_GAP_MS = 200
// Sums over many sessions: right within a second is soon enough.
const FIGURES_GAP_MS = 1000
// Forecasts look back over weeks.
const BUDGETS_GAP_MS = 5000
// With more pages than this a whole reload costs too much and would move what one looks at.
const FEW_PAGES = 2

type Pages = InfiniteData<SessionPage, string>

export interface Refresher {
  changed: (sessionIds: readonly string[]) => void
  alertsRaised: (raised: readonly AlertRecord[], open: OpenAlerts | null) => void
  everything: () => void
}

export function refresher(client: QueryClient): Refresher {
  const bySession = new Map<string, () => void>()
  const waiting = new Set<string>()
  const refreshLists = pacer(async () => {
    const ids = [...waiting]
    waiting.clear()
    await Promise.all([client.invalidateQueries({ queryKey: ['sessions', 'state'] }), patchLists(client, ids)])
  }, LIST_GAP_MS)

  const refreshFigures = pacer(() => invalidateAll(client, ['overview', 'cost', 'tools', 'alerts', 'rules', 'guard']), FIGURES_GAP_MS)
  const refreshBudgets = pacer(() => invalidateAll(client, ['budgets']), BUDGETS_GAP_MS)

  const refreshSession = (id: string): void => {
    let ask = bySession.get(id)
    if (!ask) {
      ask = pacer(() => invalidateSession(client, id), SESSION_GAP_MS)
      bySession.set(id, ask)
    }
    ask()
  }

  return {
    changed: (ids) => {
      for (const id of ids) {
        waiting.add(id)
        // Only sessions that someone looks at cost anything.
        if (client.getQueryCache().find({ queryKey: ['session', id, 'trace'] })?.isActive()) refreshSession(id)
        else void client.invalidateQueries({ queryKey: ['session', id], refetchType: 'none' })
      }
      refreshLists()
      refreshFigures()
      refreshBudgets()
    },
    // Somebody may have to stop the agent: what came is shown at once, and asked for with the other figures.
    alertsRaised: (raised, open) => {
      putRaised(client, raised, open)
      refreshFigures()
    },
    everything: () => void client.invalidateQueries(),
  }
}

async function invalidateAll(client: QueryClient, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })))
}

async function invalidateSession(client: QueryClient, id: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ['session', id] }),
    client.invalidateQueries({
      queryKey: ['event'],
      predicate: (query) => typeof query.queryKey[1] === 'string' && query.queryKey[1].startsWith(`${id}~`),
    }),
  ])
}

async function patchLists(client: QueryClient, ids: readonly string[]): Promise<void> {
  const lists = client.getQueriesData<Pages>({ queryKey: ['sessions', 'pages'], type: 'active' })
  const known = new Set(lists.flatMap(([, pages]) => pages?.pages.flatMap((page) => page.sessions.map((each) => each.session_id)) ?? []))
  const fresh = new Map<string, SessionRecord>()
  await Promise.all(
    ids
      .filter((id) => known.has(id))
      .map(async (id) => {
        const answer = await get<{ session: SessionRecord }>(`/sessions/${encodeURIComponent(id)}`)
        fresh.set(id, answer.session)
      }),
  )
  const hasNew = ids.some((id) => !known.has(id))
  for (const [key, pages] of lists) {
    if (!pages) continue
    if (hasNew && pages.pages.length <= FEW_PAGES) await client.invalidateQueries({ queryKey: key, exact: true })
    else client.setQueryData<Pages>(key, (old) => old && patchPages(old, fresh))
  }
}

function patchPages(old: Pages, fresh: ReadonlyMap<string, SessionRecord>): Pages {
  const pages = old.pages.map((page) => ({
    ...page,
    sessions: page.sessions.map((session) => fresh.get(session.session_id) ?? session),
  }))
  return { ...old, pages }
}
