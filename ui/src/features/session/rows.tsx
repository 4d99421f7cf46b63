// Rows of one height, of which only those in sight are in the page: the short views of a session are made of them.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, type ReactNode } from 'react'

interface RowsProps {
  label: string
  count: number
  rowHeight: number
  head: ReactNode
  renderRow: (index: number) => ReactNode
}

export function Rows({ label, count, rowHeight, head, renderRow }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 8 })
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="table" aria-label={label} aria-rowcount={count + 1}>
      {head}
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} role="row" aria-rowindex={item.index + 2} className="absolute inset-x-0 top-0" style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}>
            {renderRow(item.index)}
          </div>
        ))}
      </div>
    </div>
  )
}
