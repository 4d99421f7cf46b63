// A strip of tabs: arrow keys move, the chosen one is underlined, and in sight where the strip is wider than the screen.
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'

export interface Tab<K extends string> {
  key: K
  label: ReactNode
}

interface TabsProps<K extends string> {
  label: string
  tabs: ReadonlyArray<Tab<K>>
  chosen: K
  onChoose: (key: K) => void
  edge?: 'top' | 'bottom'
}

export function Tabs<K extends string>({ label, tabs, chosen, onChoose, edge = 'bottom' }: TabsProps<K>) {
  const strip = useRef<HTMLDivElement>(null)
  useEffect(() => {
    strip.current?.querySelector('[aria-selected=true]')?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' })
  }, [chosen])
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    event.stopPropagation()
    const at = tabs.findIndex((tab) => tab.key === chosen)
    const next = (at + step + tabs.length) % tabs.length
    const tab = tabs[next]
    if (tab) onChoose(tab.key)
    const button = event.currentTarget.children[next]
    if (button instanceof HTMLElement) button.focus()
  }
  const line = edge === 'bottom' ? 'border-b-2' : 'border-t-2'
  return (
    <div ref={strip} role="tablist" aria-label={label} onKeyDown={onKey} className="flex h-7 shrink-0 items-stretch overflow-x-auto">
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          aria-selected={tab.key === chosen}
          tabIndex={tab.key === chosen ? 0 : -1}
          onClick={() => onChoose(tab.key)}
          className={`whitespace-nowrap px-3 ${line} ${tab.key === chosen ? 'border-accent text-ink' : 'border-transparent text-muted hover:text-ink'}`}
        >
          {tab.label}
        </button>
      ))}
    </div>
  )
}
