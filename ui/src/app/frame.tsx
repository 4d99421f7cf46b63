// The frame around every page: rail on the left (a bar at the bottom on narrow screens), scope and search on top.
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useBindings, useKeys } from '@/components/keys'
import { KeyHelp, Palette } from '@/components/palette'
import { Icon, ICONS } from './icons'
import { LiveSign } from './live'
import { ScopeBar } from './scope-bar'
import { chosenTheme, nextTheme } from './theme'

const PAGES = [
  { to: '/sessions', label: 'Sessions', icon: ICONS.sessions, press: 'g s' },
  { to: '/capture', label: 'Capture', icon: ICONS.capture, press: 'g c' },
] as const

const RAIL_KEY = 'argus.rail'

function isRailWide(): boolean {
  try {
    return localStorage.getItem(RAIL_KEY) === 'wide'
  } catch {
    return false
  }
}

export function Frame() {
  const navigate = useNavigate()
  const search = useRef<HTMLInputElement>(null)
  const bindings = useBindings()
  const [over, setOver] = useState<'palette' | 'keys' | null>(null)
  const [theme, setTheme] = useState(chosenTheme)
  const changeTheme = (): void => setTheme(nextTheme())

  useKeys([
    ...PAGES.map((page) => ({
      keys: [page.press],
      label: `Go to ${page.label}`,
      group: 'Go',
      run: () => void navigate({ to: page.to }),
    })),
    { keys: ['/'], label: 'Search sessions', group: 'Go', run: () => search.current?.focus() },
    { keys: ['ctrl+k'], label: 'Palette', group: 'Argus', run: () => setOver('palette') },
    { keys: ['?'], label: 'Keys of this page', group: 'Argus', run: () => setOver('keys') },
    { keys: [], label: 'Next theme: dark, light, system', group: 'Argus', run: changeTheme },
  ], 'frame')

  return (
    <div className="flex h-full flex-row max-sm:flex-col-reverse">
      <Rail theme={theme} onTheme={changeTheme} onKeys={() => setOver('keys')} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-3">
          <ScopeBar searchRef={search} />
          <button
            type="button"
            onClick={() => setOver('palette')}
            className="ml-auto h-6 rounded-md border border-line px-2 text-12 text-muted hover:bg-hover max-md:hidden"
          >
            Ctrl K
          </button>
          <LiveSign />
        </header>
        <main className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Outlet />
        </main>
      </div>
      {over === 'palette' && <Palette bindings={bindings()} onClose={() => setOver(null)} />}
      {over === 'keys' && <KeyHelp bindings={bindings()} onClose={() => setOver(null)} />}
    </div>
  )
}

interface RailProps {
  theme: string
  onTheme: () => void
  onKeys: () => void
}

function Rail({ theme, onTheme, onKeys }: RailProps) {
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
  const label = isWide ? '' : 'sr-only max-sm:not-sr-only'
  const item = `flex h-8 items-center gap-2 px-3 text-muted hover:bg-hover hover:text-ink max-sm:h-11 max-sm:flex-1 max-sm:justify-center`
  return (
    <nav
      aria-label="Pages"
      className={`flex shrink-0 flex-col border-r border-line bg-raised py-1 max-sm:w-full max-sm:flex-row max-sm:border-t max-sm:border-r-0 max-sm:py-0 ${isWide ? 'w-36' : 'w-10'}`}
    >
      <p className={`flex h-8 items-center px-3 font-semibold max-sm:hidden ${isWide ? '' : 'justify-center px-0'}`}>
        {isWide ? 'Argus' : 'A'}
      </p>
      {PAGES.map((page) => {
        const isHere = path.startsWith(page.to)
        return (
          <Link
            key={page.to}
            to={page.to}
            title={`${page.label} (${page.press})`}
            aria-current={isHere ? 'page' : undefined}
            className={`${item} ${isHere ? 'bg-selected !text-ink' : ''}`}
          >
            <Icon path={page.icon} />
            <span className={label}>{page.label}</span>
          </Link>
        )
      })}
      <span className="flex-1 max-sm:hidden" />
      <button type="button" className={item} onClick={onTheme} title={`Theme: ${theme}`}>
        <Icon path={ICONS.theme} />
        <span className={isWide ? 'max-sm:sr-only' : 'sr-only'}>Theme: {theme}</span>
      </button>
      <button type="button" className={`${item} max-sm:hidden`} onClick={onKeys} title="Keys of this page (?)">
        <Icon path={ICONS.keys} />
        <span className={label}>Keys</span>
      </button>
      <button type="button" className={`${item} max-sm:hidden`} onClick={fold} title={isWide ? 'Fold the rail' : 'Unfold the rail'}>
        <Icon path={isWide ? ICONS.fold : ICONS.unfold} />
        <span className={label}>{isWide ? 'Fold' : 'Unfold'}</span>
      </button>
    </nav>
  )
}
