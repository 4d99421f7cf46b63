// A table of any length: only the rows in sight are in the page. One row can be chosen, by keyboard or pointer; rows
// that come in above it, or while one has scrolled down, move nothing that one looks at.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { counted } from '@/lib/count'
import { moveByKey } from '@/lib/grid-keys'
import { useKeys } from './keys'
import { useIsNarrow } from './media'

export interface GridColumn<T> {
  key: string
  head: string
  width: string
  isRight?: boolean
  cell: (row: T) => ReactNode
  /** Says what a press on its head sorts by. */
  isSortable?: boolean
  title?: string
}

export interface GridSort {
  key: string
  direction: 'ascending' | 'descending'
  onSort: (key: string) => void
}

interface RowGridProps<T> {
  label: string
  rows: readonly T[]
  keyOf: (row: T) => string
  columns: ReadonlyArray<GridColumn<T>>
  rowHeight?: number
  chosen: string | null
  onChoose: (key: string | null, row: T | null) => void
  /** What Enter does, and a press on the chosen row. */
  onOpen?: (row: T) => void
  /** On narrow screens a row is this instead of its cells. */
  stacked?: { height: number; renderRow: (row: T) => ReactNode }
  more?: { has: boolean; isLoading: boolean; load: () => void }
  sort?: GridSort
  footer?: ReactNode
  /** Live rows come in above: what one looks at stays in its place. */
  arrivals?: string
  className?: string
}

const ROW = 28

export function RowGrid<T>({ label, rows, keyOf, columns, rowHeight: wideHeight = ROW, chosen, onChoose, onOpen, stacked, more, sort, footer, arrivals, className = '' }: RowGridProps<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const prefix = useId()
  const isStacked = useIsNarrow() && stacked !== undefined
  const rowHeight = isStacked ? stacked.height : wideHeight
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 8 })
  useEffect(() => virtual.measure(), [rowHeight, virtual])
  const chosenAt = chosen === null ? -1 : rows.findIndex((row) => keyOf(row) === chosen)
  const fresh = useArrivals(scroller, { rows, keyOf, rowHeight, isHeld: chosen !== null, isLive: arrivals !== undefined })

  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more?.has && !more.isLoading && lastShown >= rows.length - 30) more.load()
  }, [more, lastShown, rows.length])

  const move = (press: string): void => {
    const page = Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1
    const next = moveByKey(press, chosenAt < 0 ? null : chosenAt, rows.length, page)
    const row = next === null ? undefined : rows[next]
    if (next === null || row === undefined) return
    onChoose(keyOf(row), row)
    virtual.scrollToIndex(next)
    scroller.current?.focus({ preventScroll: true })
  }
  const openChosen = (): void => {
    const row = rows[chosenAt]
    if (row === undefined) move('j')
    else onOpen?.(row)
  }
  useKeys([
    { keys: ['j', 'ArrowDown'], label: 'Next row', group: label, run: () => move('j') },
    { keys: ['k', 'ArrowUp'], label: 'Previous row', group: label, run: () => move('k') },
    { keys: ['PageDown'], label: 'A page down', group: label, run: () => move('PageDown') },
    { keys: ['PageUp'], label: 'A page up', group: label, run: () => move('PageUp') },
    { keys: ['Home'], label: 'First row', group: label, run: () => move('Home') },
    { keys: ['End', 'G'], label: 'Last loaded row', group: label, run: () => move('End') },
    ...(onOpen ? [{ keys: ['Enter'], label: 'Open the row', group: label, run: openChosen }] : []),
    ...(chosen === null ? [] : [{ keys: ['Escape'], label: 'Choose nothing', group: label, run: () => onChoose(null, null) }]),
  ])

  const template = columns.map((each) => each.width).join(' ')
  return (
    <div className={`relative flex min-h-0 flex-col ${className}`}>
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={items.some((item) => item.index === chosenAt) ? `${prefix}-${chosenAt}` : undefined}
        tabIndex={0}
        className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto"
      >
        <div
          role="row"
          aria-rowindex={1}
          style={isStacked ? undefined : { gridTemplateColumns: template }}
          className={isStacked ? 'sr-only' : 'sticky top-0 z-10 grid h-7 items-center gap-x-3 border-b border-line bg-ground px-4 text-12 text-muted'}
        >
          {columns.map((column) => (
            <Head key={column.key} column={column} sort={sort} />
          ))}
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            const isChosen = item.index === chosenAt
            return (
              <div
                key={keyOf(row)}
                id={`${prefix}-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={isChosen}
                onClick={() => (isChosen && onOpen ? onOpen(row) : onChoose(keyOf(row), row))}
                style={{ gridTemplateColumns: isStacked ? undefined : template, transform: `translateY(${item.start}px)`, height: rowHeight }}
                className={`absolute inset-x-0 top-0 grid items-center gap-x-3 px-4 ${isChosen ? 'bg-selected' : 'hover:bg-hover'} ${isStacked ? 'border-b border-line' : ''}`}
              >
                {isStacked ? (
                  <span role="gridcell" className="min-w-0">
                    {stacked.renderRow(row)}
                  </span>
                ) : (
                  columns.map((column) => (
                    <span key={column.key} role="gridcell" className={`min-w-0 overflow-hidden whitespace-nowrap ${column.isRight ? 'text-right' : 'flex'}`}>
                      {column.cell(row)}
                    </span>
                  ))
                )}
              </div>
            )
          })}
        </div>
      </div>
      {fresh > 0 && (
        <button
          type="button"
          onClick={() => {
            if (scroller.current) scroller.current.scrollTop = 0
          }}
          className="absolute top-9 left-1/2 z-20 h-7 -translate-x-1/2 rounded-md border border-edge bg-raised px-3 hover:bg-hover"
        >
          ↑ {counted(fresh, `new ${arrivals ?? 'row'}`)}
        </button>
      )}
      {footer && <div className="shrink-0 border-t border-line px-4 py-1">{footer}</div>}
    </div>
  )
}

function Head<T>({ column, sort }: { column: GridColumn<T>; sort: GridSort | undefined }) {
  const side = column.isRight ? 'text-right' : ''
  if (!column.isSortable || !sort) {
    return (
      <span role="columnheader" className={`truncate ${side}`} title={column.title}>
        {column.head}
      </span>
    )
  }
  const isSorted = sort.key === column.key
  return (
    <span role="columnheader" aria-sort={isSorted ? sort.direction : 'none'} className={side}>
      <button type="button" title={column.title ?? `Sort by ${column.head}`} onClick={() => sort.onSort(column.key)} className={`h-7 max-w-full truncate hover:text-ink ${isSorted ? 'text-ink' : ''}`}>
        {column.isRight && isSorted && <span aria-hidden="true">{sort.direction === 'descending' ? '↓' : '↑'} </span>}
        {column.head}
        {!column.isRight && isSorted && <span aria-hidden="true"> {sort.direction === 'descending' ? '↓' : '↑'}</span>}
      </button>
    </span>
  )
}

interface ArrivalsOf<T> {
  rows: readonly T[]
  keyOf: (row: T) => string
  rowHeight: number
  /** Something is chosen, or one has scrolled: hold still. */
  isHeld: boolean
  isLive: boolean
}

/** Keeps the rows in sight where they are when others come in above; gives back how many wait up there unseen. */
function useArrivals<T>(scroller: { current: HTMLDivElement | null }, { rows, keyOf, rowHeight, isHeld, isLive }: ArrivalsOf<T>): number {
  const before = useRef(rows)
  const [fresh, setFresh] = useState(0)
  useLayoutEffect(() => {
    const old = before.current
    const element = scroller.current
    before.current = rows
    if (!element || !isLive || old === rows || (element.scrollTop === 0 && !isHeld)) return
    const topAt = Math.floor(element.scrollTop / rowHeight)
    const top = old[topAt]
    const now = top === undefined ? -1 : rows.findIndex((row) => keyOf(row) === keyOf(top))
    if (now < 0 || now === topAt) return
    element.scrollTop += (now - topAt) * rowHeight
    if (now > topAt) setFresh((count) => count + now - topAt)
  }, [rows, keyOf, rowHeight, isHeld, isLive, scroller])
  useEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const onScroll = (): void => {
      if (element.scrollTop < rowHeight) setFresh(0)
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => element.removeEventListener('scroll', onScroll)
  }, [scroller, rowHeight])
  return fresh
}
