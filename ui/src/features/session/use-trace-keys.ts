// The keyboard of a session's page: two hands, no mouse.
import { useNavigate } from '@tanstack/react-router'
import type { RefObject } from 'react'
import type { EventRecord } from '@/api/types'
import { useKeys } from '@/components/keys'
import { moveByKey } from '@/lib/grid-keys'
import { neighbour } from '@/lib/chain'
import { indexOf, rowAt, type Layout } from '@/lib/outline'
import { momentMs } from '@/lib/time'
import type { Span } from '@/lib/timescale'
import type { GridHandle } from './grid'
import type { Selection } from './place'
import type { Chains } from './use-chains'
import { spanOf, type Threads } from './threads'

interface TraceKeys {
  layout: Layout
  threads: Threads
  selection: Selection | null
  shown: EventRecord | undefined
  chains: Chains
  loadErrors: () => Promise<readonly EventRecord[]>
  isTrace: boolean
  isExpanded: (key: string) => boolean
  setExpanded: (keys: readonly string[], open: 'open' | 'closed') => void
  select: (selection: Selection | null) => void
  goTo: (selection: Selection) => void
  goToEvent: (event: EventRecord | string) => Promise<void>
  setView: (view: 'trace' | 'transcript' | 'errors' | 'alerts' | 'agents' | 'context' | 'map') => void
  zoomTo: (span: Span | null) => void
  isZoomed: boolean
  toggleGaps: (() => void) | null
  grid: RefObject<GridHandle | null>
}

export function useTraceKeys(page: TraceKeys): void {
  const navigate = useNavigate()
  const { layout, threads, selection, select, isExpanded, setExpanded, grid } = page
  const at = selection ? indexOf(layout, selection.key, selection.step) : null

  const move = (press: string): void => {
    if (!page.isTrace) return
    const next = moveByKey(press, at, layout.rowCount, grid.current?.pageRows() ?? 20)
    const row = next === null ? undefined : rowAt(layout, next)
    if (!row) return
    select({ key: row.thread.key, step: row.step })
    grid.current?.focus()
  }
  const collapse = (): void => {
    if (!selection) return
    if (selection.step !== null) return select({ key: selection.key, step: null })
    if (isExpanded(selection.key)) return setExpanded([selection.key], 'closed')
    const parent = layout.parents.get(selection.key)
    if (parent) select({ key: parent.key, step: null })
  }
  const expand = (): void => {
    if (!selection || selection.step !== null) return
    if (isExpanded(selection.key)) move('j')
    else setExpanded([selection.key], 'open')
  }
  const toError = async (step: 1 | -1): Promise<void> => {
    const { shown } = page
    const errors = await page.loadErrors()
    const known = errors.findIndex((event) => event.event_id === shown?.event_id)
    const now = shown ? momentMs(shown.started_at) : null
    let next = known < 0 ? (step > 0 ? 0 : errors.length - 1) : known + step
    if (known < 0 && now !== null) {
      const after = errors.findIndex((event) => (momentMs(event.started_at) ?? 0) > now)
      next = step > 0 ? after : (after < 0 ? errors.length : after) - 1
    }
    const event = errors[next]
    if (event) await page.goToEvent(event)
  }
  /** Along the chain of the selected step; from elsewhere, to the next chain. */
  const follow = (side: -1 | 1): void => {
    const { shown, chains } = page
    const own = shown ? chains.of(shown.event_id) : []
    const beside = own.map((chain) => shown && neighbour(chain, shown.event_id, side)).find((link) => link)
    if (beside) return void page.goToEvent(beside.eventId)
    const now = momentMs(shown?.started_at) ?? 0
    const link = own.length > 0 ? undefined : (chains.all.find((chain) => (momentMs(chain.links[0]?.at) ?? 0) > now) ?? chains.all[0])?.links[0]
    if (link) void page.goToEvent(link.eventId)
  }
  const zoomToSelection = (): void => {
    const about = selection ? threads.facts.get(selection.key) : undefined
    const span = about ? spanOf(about) : null
    if (span && span.to > span.from) page.zoomTo(span)
  }
  const back = (): void => {
    if (selection) select(null)
    else if (page.isZoomed) page.zoomTo(null)
    else void navigate({ to: '/sessions' })
  }
  const all = [...threads.byKey.keys()]

  useKeys([
    { keys: ['j', 'ArrowDown'], label: 'Next row', group: 'Trace', run: () => move('j') },
    { keys: ['k', 'ArrowUp'], label: 'Previous row', group: 'Trace', run: () => move('k') },
    { keys: ['l', 'ArrowRight'], label: 'Expand', group: 'Trace', run: expand },
    { keys: ['h', 'ArrowLeft'], label: 'Collapse, then to the parent', group: 'Trace', run: collapse },
    { keys: ['PageDown'], label: 'A page down', group: 'Trace', run: () => move('PageDown') },
    { keys: ['PageUp'], label: 'A page up', group: 'Trace', run: () => move('PageUp') },
    { keys: ['Home'], label: 'First row', group: 'Trace', run: () => move('Home') },
    { keys: ['End', 'G'], label: 'Last row', group: 'Trace', run: () => move('End') },
    { keys: ['n'], label: 'Next error', group: 'Jump', run: () => void toError(1) },
    { keys: ['p'], label: 'Previous error', group: 'Jump', run: () => void toError(-1) },
    ...(page.chains.all.length > 0
      ? [
          { keys: ['f'], label: 'Forward along the chain of evidence', group: 'Jump', run: () => follow(1) },
          { keys: ['b'], label: 'Back to the cause', group: 'Jump', run: () => follow(-1) },
        ]
      : []),
    {
      keys: ['Enter'],
      label: 'Into the details, or expand',
      group: 'Trace',
      run: () => {
        if (selection?.step === null) setExpanded([selection.key], isExpanded(selection.key) ? 'closed' : 'open')
        else document.querySelector<HTMLElement>('aside [role=tab][aria-selected=true]')?.focus()
      },
    },
    { keys: ['Escape'], label: 'A step back', group: 'Trace', run: back },
    { keys: ['e'], label: 'Expand everything', group: 'Trace', run: () => setExpanded(all, 'open') },
    { keys: ['c'], label: 'Collapse everything', group: 'Trace', run: () => setExpanded(all, 'closed') },
    { keys: ['z'], label: 'Zoom to the turn or agent', group: 'Time', run: zoomToSelection },
    { keys: ['0'], label: 'All of the time', group: 'Time', run: () => page.zoomTo(null) },
    ...(page.toggleGaps ? [{ keys: ['i'], label: 'Fold idle time, or not', group: 'Time', run: page.toggleGaps }] : []),
    { keys: ['1'], label: 'Trace', group: 'View', run: () => page.setView('trace') },
    { keys: ['2'], label: 'Transcript', group: 'View', run: () => page.setView('transcript') },
    { keys: ['3'], label: 'Errors', group: 'View', run: () => page.setView('errors') },
    { keys: ['4'], label: 'Alerts', group: 'View', run: () => page.setView('alerts') },
    { keys: ['5'], label: 'Agents', group: 'View', run: () => page.setView('agents') },
    { keys: ['6'], label: 'Context', group: 'View', run: () => page.setView('context') },
    { keys: ['7'], label: 'Map', group: 'View', run: () => page.setView('map') },
  ])
}
