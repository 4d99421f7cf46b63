// The top of a page: its question answered in words and numbers, then what narrows it down.
import type { ReactNode } from 'react'
import { AgentLine } from './agent-text'

export function PageHead({ title, answer, children }: { title: string; answer: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2">
      <h1 className="sr-only">{title}</h1>
      <div className="min-h-6 min-w-0 flex-1 basis-[420px] text-16">{answer}</div>
      {children}
    </div>
  )
}

/** A filter that stands in the URL, with the way to remove it. */
export function FilterMark({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <button type="button" onClick={onRemove} title="Remove this filter" className="flex h-6 max-w-48 items-center gap-1 rounded-md border border-edge px-2 text-12 hover:bg-hover">
      <AgentLine text={text} />
      <span aria-hidden="true">✕</span>
    </button>
  )
}

/** A part of a page with a title that says what it shows. */
export function Section({ title, note, aside, children, className = '' }: { title: string; note?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section aria-label={title} className={`min-w-0 ${className}`}>
      <div className="flex items-baseline gap-2 border-b border-line pb-1">
        <h2 className="whitespace-nowrap">{title}</h2>
        {note && <span className="min-w-0 text-muted">{note}</span>}
        {aside && <span className="ml-auto shrink-0 text-12">{aside}</span>}
      </div>
      {children}
    </section>
  )
}
