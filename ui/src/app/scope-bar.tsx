// The scope of what is shown: project, time range, search. All of it stands in the URL.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useRouterState, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { projectList } from '@/api/queries'
import { DEFAULT_RANGE, RANGES, rangeWords } from '@/lib/range'
import { visibleLine } from '@/lib/text'
import type { SessionsSearch } from './search'

const SELECT = 'h-7 max-w-44 shrink-0 rounded-md border border-line bg-ground px-1.5 hover:border-edge max-sm:w-20'
const TYPING_PAUSE_MS = 150

/** What of the scope a page heeds; what it does not heed is not offered. */
function scopeOf(path: string): 'project and time' | 'project' | 'none' {
  if (path === '/live') return 'project'
  return ['/sessions', '/alerts', '/cost', '/tools'].some((each) => path.startsWith(each)) ? 'project and time' : 'none'
}

export function ScopeBar({ searchRef }: { searchRef: RefObject<HTMLInputElement | null> }) {
  const search: SessionsSearch = useSearch({ strict: false })
  const navigate = useNavigate()
  const projects = useQuery(projectList())
  const range = search.range ?? DEFAULT_RANGE
  const known = projects.data?.projects ?? []
  const path = useRouterState({ select: (state) => state.location.pathname })
  const scope = scopeOf(path)
  const set = (change: SessionsSearch): void => {
    void navigate({ to: '.', search: (before) => ({ ...before, ...change }) })
  }

  return (
    <>
      {scope !== 'none' && <select
        aria-label="Project"
        className={SELECT}
        value={search.project ?? ''}
        onChange={(event) => set({ project: event.target.value || undefined })}
      >
        <option value="">all projects</option>
        {search.project !== undefined && !known.some((each) => each.project === search.project) && (
          <option value={search.project}>{visibleLine(search.project)}</option>
        )}
        {known.map((each) => (
          <option key={each.project} value={each.project} title={visibleLine(each.project)}>
            {visibleLine(each.name)}
          </option>
        ))}
      </select>}
      {scope === 'project and time' && <select
        aria-label="Time range"
        className={SELECT}
        value={range}
        onChange={(event) => set({ range: event.target.value === DEFAULT_RANGE ? undefined : event.target.value })}
      >
        {[...new Set<string>([...RANGES, range])].map((each) => (
          <option key={each} value={each}>
            {rangeWords(each)}
          </option>
        ))}
      </select>}
      {path !== '/search' && <SearchBox key={path === '/sessions' ? 'list' : 'everything'} inputRef={searchRef} path={path} text={path === '/sessions' ? (search.q ?? '') : ''} />}
    </>
  )
}

/** On the list it filters while one types; elsewhere Enter searches in everything. */
function SearchBox({ inputRef, path, text: given }: { inputRef: RefObject<HTMLInputElement | null>; path: string; text: string }) {
  const navigate = useNavigate()
  const isOnList = path === '/sessions'
  const [text, setText] = useState(given)
  const [shown, setShown] = useState(given)
  const [isTyping, setTyping] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // The URL changed by itself (back, a link): follow it, but never under someone's fingers.
  if (shown !== given) {
    setShown(given)
    if (!isTyping) setText(given)
  }
  useEffect(() => () => clearTimeout(timer.current), [])

  const go = (next: string): void => {
    clearTimeout(timer.current)
    const q = next.trim() === '' ? undefined : next
    if (isOnList) void navigate({ to: '/sessions', search: (before) => ({ ...before, q }), replace: true })
    else if (q !== undefined) void navigate({ to: '/search', search: { q: q.trim() } })
  }
  const label = isOnList ? 'Search sessions' : 'Search in everything'
  return (
    <input
      ref={inputRef}
      type="search"
      aria-label={label}
      placeholder={`${label}  /`}
      value={text}
      onFocus={() => setTyping(true)}
      onBlur={() => setTyping(false)}
      onChange={(event) => {
        const next = event.target.value
        setText(next)
        clearTimeout(timer.current)
        if (isOnList) timer.current = setTimeout(() => go(next), TYPING_PAUSE_MS)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') {
          go(text)
          event.currentTarget.blur()
        }
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
      className="h-7 w-60 min-w-0 rounded-md border border-line bg-ground px-2 placeholder:text-faint hover:border-edge max-md:w-0 max-md:flex-1 max-sm:min-w-10"
    />
  )
}
