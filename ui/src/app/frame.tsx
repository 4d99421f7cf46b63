// The frame around every page: rail on the left (a bar at the bottom on narrow screens), scope and search on top.
import { Outlet, useNavigate } from '@tanstack/react-router'
import { useRef, useState, useSyncExternalStore } from 'react'
import { useBindings, useKeys } from '@/components/keys'
import { KeyHelp, Palette } from '@/components/palette'
import { AlertBadge } from './badge'
import { DemoSign } from './demo-sign'
import { LiveSign } from './live-sign'
import { PauseSign } from './pause-sign'
import { PAGES, Rail } from './rail'
import { ScopeBar } from './scope-bar'
import { chosenTheme, nextTheme, watchTheme } from './theme'

export function Frame() {
  const navigate = useNavigate()
  const search = useRef<HTMLInputElement>(null)
  const bindings = useBindings()
  const [over, setOver] = useState<'palette' | 'keys' | null>(null)
  const theme = useSyncExternalStore(watchTheme, chosenTheme)

  useKeys([
    ...PAGES.map((page) => ({
      keys: [page.press],
      label: `Go to ${page.label}`,
      group: 'Go',
      run: () => void navigate({ to: page.to }),
    })),
    { keys: ['/'], label: 'Search', group: 'Go', run: () => search.current?.focus() },
    { keys: ['ctrl+k'], label: 'Palette', group: 'Argus', run: () => setOver('palette') },
    { keys: ['?'], label: 'Keys of this page', group: 'Argus', run: () => setOver('keys') },
    { keys: [], label: 'Next theme: dark, light, system', group: 'Argus', run: nextTheme },
  ], 'frame')

  return (
    <div className="flex h-full flex-row max-sm:flex-col-reverse">
      <Rail theme={theme} onTheme={nextTheme} onKeys={() => setOver('keys')} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-3 max-sm:gap-2 max-sm:px-2">
          <ScopeBar searchRef={search} />
          <span className="flex-1 max-md:hidden" />
          <button
            type="button"
            onClick={() => setOver('palette')}
            className="h-6 rounded-md border border-line px-2 text-12 text-muted hover:bg-hover max-md:hidden"
          >
            Ctrl K
          </button>
          <PauseSign />
          <DemoSign />
          <AlertBadge />
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
