// The sessions as a virtualised grid: only what one sees is in the page, however many there are.
import { flexRender, useTable } from '@tanstack/react-table'
import { useNavigate } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { SessionRecord } from '@/api/types'
import { UsdCell } from '@/components/figure'
import { useKeys } from '@/components/keys'
import { useIsNarrow } from '@/components/media'
import { useNow } from '@/components/now'
import { StatusMark } from '@/components/status'
import { countExact } from '@/lib/count'
import { moveByKey } from '@/lib/grid-keys'
import { agoText, momentExact } from '@/lib/time'
import { AlertsCell, features, LAYOUT, sessionColumns, TitleText } from './columns'

interface SessionTableProps {
  sessions: readonly SessionRecord[]
  hasMore: boolean
  isLoadingMore: boolean
  onMore: () => void
  hidden: Readonly<Record<string, boolean>>
}

const ROW = 28
const STACKED_ROW = 48

export function SessionTable({ sessions, hasMore, isLoadingMore, onMore, hidden }: SessionTableProps) {
  const now = useNow(10_000)
  const isNarrow = useIsNarrow()
  const navigate = useNavigate()
  const scroller = useRef<HTMLDivElement>(null)
  const [chosenId, setChosenId] = useState<string | null>(null)
  const columns = useMemo(() => sessionColumns(now), [now])
  const rows = useMemo(() => [...sessions], [sessions])
  const table = useTable({ features, columns, data: rows, getRowId: (session) => session.session_id, state: { columnVisibility: hidden } })
  const rowHeight = isNarrow ? STACKED_ROW : ROW
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  })
  useEffect(() => virtual.measure(), [rowHeight, virtual])

  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && !isLoadingMore && lastShown >= rows.length - 30) onMore()
  }, [hasMore, isLoadingMore, lastShown, rows.length, onMore])

  const chosenAt = chosenId === null ? -1 : rows.findIndex((session) => session.session_id === chosenId)
  const openSession = (session: SessionRecord): void => {
    void navigate({ to: '/sessions/$sessionId', params: { sessionId: session.session_id } })
  }
  const move = (press: string): void => {
    const next = moveByKey(press, chosenAt < 0 ? null : chosenAt, rows.length, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1)
    const session = next === null ? undefined : rows[next]
    if (next === null || !session) return
    setChosenId(session.session_id)
    virtual.scrollToIndex(next)
    scroller.current?.focus({ preventScroll: true })
  }
  useKeys([
    { keys: ['j', 'ArrowDown'], label: 'Next session', group: 'Sessions', run: () => move('j') },
    { keys: ['k', 'ArrowUp'], label: 'Previous session', group: 'Sessions', run: () => move('k') },
    { keys: ['PageDown'], label: 'A page down', group: 'Sessions', run: () => move('PageDown') },
    { keys: ['PageUp'], label: 'A page up', group: 'Sessions', run: () => move('PageUp') },
    { keys: ['Home'], label: 'First session', group: 'Sessions', run: () => move('Home') },
    { keys: ['End', 'G'], label: 'Last loaded session', group: 'Sessions', run: () => move('End') },
    {
      keys: ['Enter', 'l'],
      label: 'Open the session',
      group: 'Sessions',
      run: () => {
        const session = rows[chosenAt]
        if (session) openSession(session)
      },
    },
    { keys: ['Escape'], label: 'Choose none', group: 'Sessions', run: () => setChosenId(null) },
  ])

  const headers = table.getHeaderGroups()[0]?.headers ?? []
  const template = isNarrow ? '1fr' : headers.map((header) => LAYOUT[header.column.id]?.width ?? '80px').join(' ')
  const tableRows = table.getRowModel().rows

  return (
    <>
    <div
      ref={scroller}
      role="grid"
      aria-label="Sessions"
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-activedescendant={items.some((item) => item.index === chosenAt) ? `session-${chosenAt}` : undefined}
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto"
    >
      <div className="max-md:!min-w-0" style={{ minWidth: 'max-content' }}>
        <div
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns: template }}
          className="sticky top-0 z-10 grid h-7 items-center gap-x-3 border-b border-line bg-ground px-4 text-12 text-muted max-md:sr-only"
        >
          {headers.map((header) => (
            <span key={header.id} role="columnheader" className={LAYOUT[header.column.id]?.isRight ? 'text-right' : ''}>
              {flexRender(header.column.columnDef.header, header.getContext())}
            </span>
          ))}
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = tableRows[item.index]
            if (!row) return null
            return (
              <div
                key={row.id}
                id={`session-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={item.index === chosenAt}
                onClick={() => openSession(row.original)}
                style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)`, height: rowHeight }}
                className={`absolute inset-x-0 top-0 grid items-center gap-x-3 px-4 ${item.index === chosenAt ? 'bg-selected' : 'hover:bg-hover'} ${isNarrow ? 'border-b border-line' : ''}`}
              >
                {isNarrow ? (
                  <StackedCell session={row.original} now={now} />
                ) : (
                  row.getVisibleCells().map((cell) => (
                    <span
                      key={cell.id}
                      role="gridcell"
                      className={`min-w-0 overflow-hidden whitespace-nowrap ${LAYOUT[cell.column.id]?.isRight ? 'text-right' : 'flex'}`}
                    >
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </span>
                  ))
                )}
              </div>
            )
          })}
        </div>
      </div>
    </div>
    <p className="shrink-0 border-t border-line px-4 py-1 text-12 text-faint" role="status">
      {countExact(rows.length)} {rows.length === 1 ? 'session' : 'sessions'}, {hasMore ? 'older ones as you scroll' : 'no more'}
    </p>
    </>
  )
}

/** On narrow screens: two lines a session, the figures that matter. */
function StackedCell({ session, now }: { session: SessionRecord; now: number }) {
  return (
    <span role="gridcell" className="min-w-0">
      <span className="flex min-w-0">
        <TitleText session={session} />
      </span>
      <span className="flex gap-3 text-12 whitespace-nowrap text-muted">
        <StatusMark status={session.status} />
        <span className="min-w-0 truncate">{session.project_name ?? '–'}</span>
        {session.error_count > 0 && <span className="text-bad">✕ {session.error_count}</span>}
        {session.open_alert_count > 0 && <AlertsCell session={session} />}
        <span className="ml-auto">
          $ <UsdCell amount={session.cost_usd} basis={session.cost_basis} />
        </span>
        <span title={momentExact(session.started_at)}>{agoText(session.started_at, now)}</span>
      </span>
    </span>
  )
}
