// The trace: tree and waterfall in one windowed treegrid. Row heights are fixed, so the visible rows are arithmetic;
// only they are in the page. When late facts move rows, the row one looks at stays where it is.
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from 'react'
import { indexOf, rowAt, type Layout } from '@/lib/outline'
import type { Axis } from './axis'
import { ChainLines } from './chain-lines'
import type { Selection } from './place'
import { StepRow, ThreadRow } from './row'
import { COLUMNS, ROW_HEIGHT } from './row-shape'
import type { Threads } from './threads'
import type { Chains } from './use-chains'
import type { StepLookup } from './use-steps'
import { AxisTicks } from './waterfall'

const OVERSCAN = 6
const AT_END_PX = ROW_HEIGHT * 1.5

export interface GridHandle {
  /** Brings a row into sight; `center` unless it is there already. */
  reveal: (index: number) => void
  toEnd: () => void
  /** Moves what is seen by so many rows. */
  shift: (rows: number) => void
  focus: () => void
  pageRows: () => number
}

export interface VisibleRows {
  first: number
  last: number
  isAtEnd: boolean
}

interface TraceGridProps {
  ref: Ref<GridHandle>
  layout: Layout
  threads: Threads
  axis: Axis
  step: StepLookup
  selection: Selection | null
  isExpanded: (key: string) => boolean
  isLive: boolean
  root: string | null
  chains: Chains
  selectedId: string | null
  onSelect: (index: number) => void
  onGoTo: (eventId: string) => void
  onToggle: (index: number) => void
  onVisible: (rows: VisibleRows) => void
}

export function TraceGrid({ ref, layout, threads, axis, step, selection, isExpanded, isLive, root, chains, selectedId, onSelect, onGoTo, onToggle, onVisible }: TraceGridProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })
  const isAtEnd = useRef(true)
  useAnchor(scroller, layout, isAtEnd, isLive)

  const measure = useCallback((): void => {
    const element = scroller.current
    if (!element) return
    // The header is sticky: what it covers is not seen.
    const height = element.clientHeight - ROW_HEIGHT
    isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX
    setView((before) => (before.top === element.scrollTop && before.height === height ? before : { top: element.scrollTop, height }))
  }, [])
  useLayoutEffect(measure, [measure, layout])
  useEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [measure])

  const firstSeen = Math.floor(view.top / ROW_HEIGHT)
  const lastSeen = Math.min(layout.rowCount - 1, Math.ceil((view.top + view.height) / ROW_HEIGHT) - 1)
  const first = Math.max(0, firstSeen - OVERSCAN)
  const last = Math.min(layout.rowCount - 1, lastSeen + OVERSCAN)
  useEffect(() => {
    onVisible({ first: firstSeen, last: lastSeen, isAtEnd: isAtEnd.current })
  }, [firstSeen, lastSeen, layout.rowCount, onVisible])

  useImperativeHandle(ref, () => ({
    reveal: (index) => {
      const element = scroller.current
      if (!element) return
      const top = index * ROW_HEIGHT
      const height = element.clientHeight - ROW_HEIGHT
      const isNear = top >= element.scrollTop - 3 * ROW_HEIGHT && top <= element.scrollTop + height + 2 * ROW_HEIGHT
      const centred = top - Math.floor(height / 2 / ROW_HEIGHT) * ROW_HEIGHT
      if (top < element.scrollTop) element.scrollTop = isNear ? top : centred
      else if (top + ROW_HEIGHT > element.scrollTop + height) element.scrollTop = isNear ? top + ROW_HEIGHT - height : centred
    },
    toEnd: () => {
      if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
    },
    shift: (rows) => {
      if (scroller.current && scroller.current.scrollTop > 0) scroller.current.scrollTop += rows * ROW_HEIGHT
    },
    focus: () => scroller.current?.focus({ preventScroll: true }),
    pageRows: () => Math.max(1, Math.floor(view.height / ROW_HEIGHT) - 1),
  }), [view.height])

  const selectedAt = selection === null ? null : indexOf(layout, selection.key, selection.step)
  const rows = []
  for (let index = first; index <= last; index += 1) {
    const row = rowAt(layout, index)
    if (!row) continue
    const shape = { id: `row-${index}`, index, level: row.level, isSelected: index === selectedAt, scale: axis.shown }
    const about = threads.facts.get(row.thread.key)
    if (row.step !== null) {
      rows.push(<StepRow key={`${row.thread.key} ${row.step}`} {...shape} event={step(row.thread.key, row.step)} root={root} chain={chains.onRow(index)} onSelect={onSelect} onGoTo={onGoTo} />)
    } else if (about) {
      rows.push(
        <ThreadRow
          key={row.thread.key}
          {...shape}
          about={about}
          isExpanded={isExpanded(row.thread.key)}
          hasRows={row.thread.stepCount + row.thread.children.length > 0}
          isLive={isLive && about.kind === 'turn' && row.thread === threads.roots.at(-1)}
          onSelect={onSelect}
          onToggle={onToggle}
        />,
      )
    }
  }

  return (
    <div
      ref={scroller}
      role="treegrid"
      aria-label="Trace"
      aria-rowcount={layout.rowCount + 1}
      aria-colcount={5}
      aria-activedescendant={selectedAt !== null && selectedAt >= first && selectedAt <= last ? `row-${selectedAt}` : undefined}
      tabIndex={0}
      onScroll={measure}
      className="min-h-0 flex-1 overflow-x-hidden overflow-y-scroll"
    >
      <div role="row" aria-rowindex={1} className={`sticky top-0 z-10 grid ${COLUMNS} h-7 items-center gap-x-3 border-b border-line bg-ground px-4 text-12 text-muted`}>
        <span role="columnheader">step</span>
        <span role="columnheader" className="text-right">time</span>
        <span role="columnheader" className="text-right">$</span>
        <span role="columnheader" className="text-right max-md:hidden">tokens</span>
        <span role="columnheader" aria-label="waterfall" className="relative h-7 overflow-hidden max-md:hidden">
          <AxisTicks scale={axis.shown} startMs={axis.startMs} />
        </span>
      </div>
      <div role="rowgroup" className="relative" style={{ height: layout.rowCount * ROW_HEIGHT }}>
        {rows}
        <ChainLines placed={chains.placed} selectedId={selectedId} first={first} last={last} scale={axis.shown} />
      </div>
    </div>
  )
}

/** Keeps the row at the top of the view in its place when the layout changes; stays at the end when it was there. */
function useAnchor(scroller: { current: HTMLDivElement | null }, layout: Layout, isAtEnd: { current: boolean }, isLive: boolean): void {
  const before = useRef(layout)
  useLayoutEffect(() => {
    const old = before.current
    const element = scroller.current
    before.current = layout
    if (!element || old === layout) return
    if (isAtEnd.current && isLive && layout.rowCount > old.rowCount && element.scrollTop > 0) {
      element.scrollTop = element.scrollHeight
      return
    }
    const topIndex = Math.floor(element.scrollTop / ROW_HEIGHT)
    const row = rowAt(old, topIndex)
    const now = row ? indexOf(layout, row.thread.key, row.step) : null
    if (now !== null && now !== topIndex) element.scrollTop += (now - topIndex) * ROW_HEIGHT
  }, [layout, scroller, isAtEnd, isLive])
}
