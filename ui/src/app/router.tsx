// Which page stands at which address.
import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  retainSearchParams,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { useCallback, useSyncExternalStore } from 'react'
import { Empty, Failure } from '@/components/states'
import { AlertsPage } from '@/features/alerts/page'
import { CapturePage } from '@/features/capture/page'
import { CostPage } from '@/features/cost/page'
import { CarryView } from '@/features/cost/carry'
import { ReconciliationView } from '@/features/cost/reconciliation'
import { GuardPage } from '@/features/guard/page'
import { LivePage } from '@/features/live/page'
import { OverviewPage } from '@/features/overview/page'
import { RulesPage } from '@/features/rules/page'
import { SearchPage } from '@/features/search/page'
import { SecretsPage } from '@/features/secrets/page'
import { SessionPage } from '@/features/session/page'
import { SessionsPage } from '@/features/sessions/page'
import { SettingsPage } from '@/features/settings/page'
import { ModelsView } from '@/features/tools/models'
import { ToolsPage } from '@/features/tools/page'
import { Frame } from './frame'
import { usePlace } from './place'
import {
  parseAlerts,
  parseCost,
  parseOverview,
  parseRules,
  parseScope,
  parseSearch,
  parseSecrets,
  parseSession,
  parseSessions,
  parseTools,
  readSearch,
  writeSearch,
  type AlertsSearch,
  type CostSearch,
  type OverviewSearch,
  type RulesSearch,
  type Scope,
  type SearchSearch,
  type SecretsSearch,
  type SessionSearch,
  type SessionsSearch,
  type ToolsSearch,
} from './search'
import { chooseTheme, chosenTheme, watchTheme } from './theme'

const root = createRootRoute({
  component: Frame,
  validateSearch: parseScope,
  search: { middlewares: [retainSearchParams(['project', 'range'])] },
  notFoundComponent: () => (
    <Empty title="There is no such page.">
      <Link to="/sessions" className="text-accent hover:underline">
        All sessions
      </Link>
    </Empty>
  ),
  errorComponent: ({ error, reset }: ErrorComponentProps) => <Failure error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />,
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: parseOverview,
  component: function Overview() {
    const navigate = home.useNavigate()
    const go = useCallback((change: OverviewSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    const [place, onPlace] = usePlace(home.useSearch(), go)
    return <OverviewPage place={place} onPlace={onPlace} />
  },
})

const live = createRoute({
  getParentRoute: () => root,
  path: '/live',
  component: function Live() {
    const navigate = live.useNavigate()
    const go = useCallback((change: Scope) => navigate({ search: (before) => ({ ...before, ...change }) }), [navigate])
    const [place, onPlace] = usePlace(live.useSearch(), go)
    return <LivePage place={place} onPlace={onPlace} />
  },
})

const cost = createRoute({
  getParentRoute: () => root,
  path: '/cost',
  validateSearch: parseCost,
  component: function Cost() {
    const navigate = cost.useNavigate()
    // A step down (a project, a day) is a step that "back" undoes; a choice of how to look is none.
    const go = useCallback(
      (change: CostSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: !('project' in change || 'range' in change) }),
      [navigate],
    )
    const [place, onPlace] = usePlace(cost.useSearch(), go)
    if (place.view === 'carry') return <CarryView place={place} onPlace={onPlace} />
    return place.view === 'reconciliation' ? <ReconciliationView place={place} onPlace={onPlace} /> : <CostPage place={place} onPlace={onPlace} />
  },
})

const sessions = createRoute({
  getParentRoute: () => root,
  path: '/sessions',
  validateSearch: parseSessions,
  component: function Sessions() {
    const navigate = sessions.useNavigate()
    const go = useCallback((change: SessionsSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    const [filter, onFilter] = usePlace(sessions.useSearch(), go)
    return <SessionsPage filter={filter} onFilter={onFilter} />
  },
})

const session = createRoute({
  getParentRoute: () => root,
  path: '/sessions/$sessionId',
  validateSearch: parseSession,
  component: function Session() {
    const { sessionId } = session.useParams()
    return <SessionAt key={sessionId} sessionId={sessionId} />
  },
})

function SessionAt({ sessionId }: { sessionId: string }) {
  const navigate = session.useNavigate()
  const go = useCallback((change: SessionSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
  const [place, onPlace] = usePlace(session.useSearch(), go)
  return <SessionPage sessionId={sessionId} place={place} onPlace={onPlace} />
}

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: parseAlerts,
  component: function Alerts() {
    const navigate = alerts.useNavigate()
    const go = useCallback((change: AlertsSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    const [place, onPlace] = usePlace(alerts.useSearch(), go)
    return <AlertsPage place={place} onPlace={onPlace} />
  },
})

const tools = createRoute({
  getParentRoute: () => root,
  path: '/tools',
  validateSearch: parseTools,
  component: function Tools() {
    const navigate = tools.useNavigate()
    const go = useCallback((change: ToolsSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    const [place, onPlace] = usePlace(tools.useSearch(), go)
    return place.view === 'models' ? <ModelsView place={place} onPlace={onPlace} /> : <ToolsPage place={place} onPlace={onPlace} />
  },
})

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: parseRules,
  component: function Rules() {
    const navigate = rules.useNavigate()
    const go = useCallback((change: RulesSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    const [place, onPlace] = usePlace(rules.useSearch(), go)
    return <RulesPage place={place} onPlace={onPlace} />
  },
})

const secrets = createRoute({
  getParentRoute: () => root,
  path: '/secrets',
  validateSearch: parseSecrets,
  component: function Secrets() {
    const navigate = secrets.useNavigate()
    const go = useCallback((change: SecretsSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    const [place, onPlace] = usePlace(secrets.useSearch(), go)
    return <SecretsPage place={place} onPlace={onPlace} />
  },
})

const search = createRoute({
  getParentRoute: () => root,
  path: '/search',
  validateSearch: parseSearch,
  component: function Search() {
    const navigate = search.useNavigate()
    const go = useCallback((change: SearchSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    const [place, onPlace] = usePlace(search.useSearch(), go)
    return <SearchPage place={place} onPlace={onPlace} />
  },
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: function Settings() {
    const theme = useSyncExternalStore(watchTheme, chosenTheme)
    return <SettingsPage theme={theme} onTheme={chooseTheme} />
  },
})

const guard = createRoute({ getParentRoute: () => root, path: '/guard', component: GuardPage })

const capture = createRoute({ getParentRoute: () => root, path: '/capture', component: CapturePage })

export const router = createRouter({
  routeTree: root.addChildren([home, live, sessions, session, alerts, cost, tools, rules, guard, secrets, search, capture, settings]),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
