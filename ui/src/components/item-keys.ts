// Moving among things that are no table by the same keys as in one: j and k take the focus from one to the next, h and
// l from column to column. A thing that can be reached so carries `data-item`, a column of them `data-column`.
import type { RefObject } from 'react'
import { useKeys } from './keys'

function itemsIn(place: ParentNode): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>('[data-item]')]
}

function focus(item: HTMLElement | undefined): void {
  item?.focus()
  item?.scrollIntoView({ block: 'nearest' })
}

export function useItemKeys(place: RefObject<HTMLElement | null>, group: string): void {
  const move = (step: 1 | -1): void => {
    const items = place.current ? itemsIn(place.current) : []
    const at = items.findIndex((item) => item === document.activeElement)
    focus(items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + step))])
  }
  const toColumn = (step: 1 | -1): void => {
    const columns = [...(place.current?.querySelectorAll('[data-column]') ?? [])].filter((column) => itemsIn(column).length > 0)
    const at = columns.findIndex((column) => column.contains(document.activeElement))
    const column = columns[at < 0 ? 0 : Math.min(columns.length - 1, Math.max(0, at + step))]
    if (!column) return
    const row = at < 0 ? 0 : itemsIn(columns[at] ?? column).findIndex((item) => item === document.activeElement)
    const items = itemsIn(column)
    focus(items[Math.min(items.length - 1, Math.max(0, row))])
  }
  useKeys([
    { keys: ['j', 'ArrowDown'], label: 'Next', group, run: () => move(1) },
    { keys: ['k', 'ArrowUp'], label: 'Previous', group, run: () => move(-1) },
    { keys: ['l', 'ArrowRight'], label: 'Next column', group, run: () => toColumn(1) },
    { keys: ['h', 'ArrowLeft'], label: 'Previous column', group, run: () => toColumn(-1) },
  ])
}
