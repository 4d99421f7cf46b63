// The pages: a rail on the left, folded to icons or not; on narrow screens a bar at the bottom with the four that one
// needs on the way, and the rest under "more".
import { Link, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { Dialog } from '@/components/dialog'
import { severityTone } from '@/components/severity'
import { countText } from '@/lib/count'
import { useOpenAlerts } from './badge'
import { Icon, ICONS } from './icons'

export const PAGES = [
  { to: '/', label: 'Overview', icon: ICONS.overview, press: 'g o', isFirst: true },
  { to: '/live', label: 'Live', icon: ICONS.live, press: 'g l', isFirst: true },
  { to: '/sessions', label: 'Sessions', icon: ICONS.sessions, press: 'g s', isFirst: true },
  { to: '/alerts', label: 'Alerts', icon: ICONS.alerts, press: 'g a', isFirst: true },
  { to: '/cost', label: 'Cost', icon: ICONS.cost, press: 'g m', isFirst: false },
  { to: '/tools', label: 'Tools', icon: ICONS.tools, press: 'g t', isFirst: false },
  { to: '/rules', label: 'Rules', icon: ICONS.rules, press: 'g r', isFirst: false },
  { to: '/guard', label: 'Guard', icon: ICONS.guard, press: 'g u', isFirst: false },
  { to: '/secrets', label: 'Secrets', icon: ICONS.secrets, press: 'g k', isFirst: false },
  { to: '/search', label: 'Search', icon: ICONS.search, press: 'g f', isFirst: false },
  { to: '/capture', label: 'Capture', icon: ICONS.capture, press: 'g c', isFirst: false },
  { to: '/settings', label: 'Settings', icon: ICONS.settings, press: 'g ,', isFirst: false },
] as const

type Page = (typeof PAGES)[number]

const RAIL_KEY = 'argus.rail'
const ROOMY_PX = 1200

function isRailWide(): boolean {
  try {
    const chosen = localStorage.getItem(RAIL_KEY)
    return chosen === null ? innerWidth >= ROOMY_PX : chosen === 'wide'
  } catch {
    return innerWidth >= ROOMY_PX
  }
}

interface RailProps {
  theme: string
  onTheme: () => void
  onKeys: () => void
}

const ITEM = 'flex h-8 items-center gap-2 px-3 text-muted hover:bg-hover hover:text-ink'

export function Rail({ theme, onTheme, onKeys }: RailProps) {
  const [isWide, setWide] = useState(isRailWide)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const fold = (): void => {
    setWide(!isWide)
    try {
      localStorage.setItem(RAIL_KEY, isWide ? 'narrow' : 'wide')
    } catch {
      // Storage refused: it holds until the page goes.
    }
  }
  const label = isWide ? '' : 'sr-only'
  return (
    <nav
      aria-label="Pages"
      className={`flex shrink-0 flex-col overflow-y-auto border-r border-line bg-raised py-1 max-sm:w-full max-sm:flex-row max-sm:overflow-visible max-sm:border-t max-sm:border-r-0 max-sm:py-0 ${isWide ? 'w-38' : 'w-10'}`}
    >
      <p className={`flex h-8 shrink-0 items-center px-3 font-semibold max-sm:hidden ${isWide ? '' : 'justify-center px-0'}`}>{isWide ? 'Argus' : 'A'}</p>
      {PAGES.map((page) => (
        <PageLink key={page.to} page={page} path={path} label={label} className={`${ITEM} ${page.isFirst ? 'max-sm:h-12 max-sm:flex-1 max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:px-0 max-sm:text-12' : 'max-sm:hidden'}`} />
      ))}
      <span className="flex-1 max-sm:hidden" />
      <button type="button" className={`${ITEM} max-sm:hidden`} onClick={onTheme} title={`Theme: ${theme}`}>
        <Icon path={ICONS.theme} />
        <span className={`${label} whitespace-nowrap`}>Theme: {theme}</span>
      </button>
      <button type="button" className={`${ITEM} max-sm:hidden`} onClick={onKeys} title="Keys of this page (?)">
        <Icon path={ICONS.keys} />
        <span className={label}>Keys</span>
      </button>
      <button type="button" className={`${ITEM} max-sm:hidden`} onClick={fold} title={isWide ? 'Fold the rail' : 'Unfold the rail'}>
        <Icon path={isWide ? ICONS.fold : ICONS.unfold} />
        <span className={label}>{isWide ? 'Fold' : 'Unfold'}</span>
      </button>
      <More path={path} theme={theme} onTheme={onTheme} />
    </nav>
  )
}

interface PageLinkProps {
  page: Page
  path: string
  label: string
  className: string
  onGo?: () => void
}

function isOn(page: Page, path: string): boolean {
  return page.to === '/' ? path === '/' : path.startsWith(page.to)
}

function PageLink({ page, path, label, className, onGo }: PageLinkProps) {
  const isHere = isOn(page, path)
  return (
    <Link
      to={page.to}
      title={`${page.label} (${page.press})`}
      aria-current={isHere ? 'page' : undefined}
      onClick={onGo}
      className={`relative shrink-0 ${className} ${isHere ? 'bg-selected !text-ink' : ''}`}
    >
      <Icon path={page.icon} />
      <span className={`${label} max-sm:not-sr-only`}>{page.label}</span>
      {page.to === '/alerts' && <Badge isFolded={label !== ''} />}
    </Link>
  )
}

function Badge({ isFolded }: { isFolded: boolean }) {
  const open = useOpenAlerts()
  if (!open?.worst) return null
  return (
    <span
      title={open.words}
      className={`text-12 font-semibold ${severityTone(open.worst)} ${isFolded ? 'absolute top-0 right-0.5 rounded-sm bg-raised px-0.5 leading-[12px] text-[10px]' : 'ml-auto'} max-sm:absolute max-sm:top-0.5 max-sm:right-1/2 max-sm:ml-0 max-sm:translate-x-6`}
    >
      {open.count > 99 && isFolded ? '99+' : countText(open.count)}
    </span>
  )
}

/** The rest of the pages, on narrow screens. */
function More({ path, theme, onTheme }: { path: string; theme: string; onTheme: () => void }) {
  const [isOpen, setOpen] = useState(false)
  const rest = PAGES.filter((page) => !page.isFirst)
  const isHere = rest.some((page) => isOn(page, path))
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
        className={`h-12 flex-1 flex-col items-center justify-center gap-0.5 text-12 sm:hidden max-sm:flex ${isHere ? 'bg-selected text-ink' : 'text-muted'}`}
      >
        <Icon path={ICONS.more} />
        More
      </button>
      {isOpen && (
        <Dialog label="More pages" onClose={() => setOpen(false)}>
          <div className="grid grid-cols-2 gap-1 p-2">
            {rest.map((page) => (
              <PageLink key={page.to} page={page} path={path} label="" className="flex h-11 items-center gap-3 rounded-md px-3" onGo={() => setOpen(false)} />
            ))}
            <button type="button" className="flex h-11 items-center gap-3 rounded-md px-3 text-left hover:bg-hover" onClick={onTheme}>
              <Icon path={ICONS.theme} />
              Theme: {theme}
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}
