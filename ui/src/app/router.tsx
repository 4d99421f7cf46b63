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
import { LivePage } from '@/features/live/page'
import { OverviewPage } from '@/features/overview/page'
import { RulesPage } from '@/features/rules/page'
import { SearchPage } from '@/features/search/page'
import { SessionPage } from '@/features/session/page'
import { SessionsPage } from '@/features/sessions/page'
import { SettingsPage } from '@/features/settings/page'
import { ToolsPage } from '@/features/tools/page'
import { Frame } from './frame'
import { parseAlerts, parseCost, parseOverview, parseRules, parseScope, parseSearch, parseSession, parseSessions, parseTools, readSearch, writeSearch, type AlertsSearch, type CostSearch } from './search'
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
    const search = home.useSearch()
    const navigate = home.useNavigate()
    return <OverviewPage place={search} onPlace={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
  },
})

const live = createRoute({
  getParentRoute: () => root,
  path: '/live',
  component: function Live() {
    const search = live.useSearch()
    const navigate = live.useNavigate()
    return <LivePage place={search} onPlace={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })} />
  },
})

const cost = createRoute({
  getParentRoute: () => root,
  path: '/cost',
  validateSearch: parseCost,
  component: function Cost() {
    const search = cost.useSearch()
    const navigate = cost.useNavigate()
    // A step down (a project, a day) is a step that "back" undoes; a choice of how to look is none.
    const onPlace = useCallback(
      (change: CostSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: !('project' in change || 'range' in change) }),
      [navigate],
    )
    return <CostPage place={search} onPlace={onPlace} />
  },
})

const sessions = createRoute({
  getParentRoute: () => root,
  path: '/sessions',
  validateSearch: parseSessions,
  component: function Sessions() {
    const search = sessions.useSearch()
    const navigate = sessions.useNavigate()
    return (
      <SessionsPage
        filter={search}
        onFilter={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
    )
  },
})

const session = createRoute({
  getParentRoute: () => root,
  path: '/sessions/$sessionId',
  validateSearch: parseSession,
  component: function Session() {
    const { sessionId } = session.useParams()
    const search = session.useSearch()
    const navigate = session.useNavigate()
    return (
      <SessionPage
        key={sessionId}
        sessionId={sessionId}
        place={search}
        onPlace={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
    )
  },
})

const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  validateSearch: parseAlerts,
  component: function Alerts() {
    const search = alerts.useSearch()
    const navigate = alerts.useNavigate()
    const onPlace = useCallback((change: AlertsSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true }), [navigate])
    return <AlertsPage place={search} onPlace={onPlace} />
  },
})

const tools = createRoute({
  getParentRoute: () => root,
  path: '/tools',
  validateSearch: parseTools,
  component: function Tools() {
    const search = tools.useSearch()
    const navigate = tools.useNavigate()
    return <ToolsPage place={search} onPlace={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
  },
})

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: parseRules,
  component: function Rules() {
    const search = rules.useSearch()
    const navigate = rules.useNavigate()
    return <RulesPage place={search} onPlace={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
  },
})

const search = createRoute({
  getParentRoute: () => root,
  path: '/search',
  validateSearch: parseSearch,
  component: function Search() {
    const place = search.useSearch()
    const navigate = search.useNavigate()
    return <SearchPage place={place} onPlace={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
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

const capture = createRoute({ getParentRoute: () => root, path: '/capture', component: CapturePage })

export const router = createRouter({
  routeTree: root.addChildren([home, live, sessions, session, alerts, cost, tools, rules, search, capture, settings]),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
