// What a page shows when it has nothing to show: loading, empty, failed. Each says what is so and what to do.
import type { ReactNode } from 'react'

/** Quiet bars in the place of rows that are on their way. */
export function SkeletonRows({ count }: { count: number }) {
  return (
    <div role="status" aria-label="loading" className="flex flex-col">
      {Array.from({ length: count }, (_, at) => (
        <div key={at} className="flex h-7 items-center gap-3 px-4">
          <div className="skeleton h-2.5 w-16" />
          <div className="skeleton h-2.5" style={{ width: `${30 + ((at * 37) % 40)}%` }} />
        </div>
      ))}
    </div>
  )
}

/** Nothing here, why, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="appear-late max-w-[560px] px-4 py-8">
      <p className="text-16 font-semibold">{title}</p>
      {children && <div className="mt-2 text-muted">{children}</div>}
    </div>
  )
}

/** It failed, why, what helps, and the way to try again. */
export function Failure({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : null
  return (
    <div role="alert" className="max-w-[560px] px-4 py-8">
      <p className="text-16 font-semibold">
        <span aria-hidden="true" className="text-bad">
          ✕{' '}
        </span>
        {error.message}
      </p>
      {hint && <p className="mt-2 text-muted">{hint}</p>}
      {onRetry && (
        <button type="button" onClick={onRetry} className="mt-4 h-7 rounded-md border border-edge px-3 hover:bg-hover">
          Try again
        </button>
      )}
    </div>
  )
}

/** A command to run in the shell. */
export function ShellCommand({ children }: { children: string }) {
  return <code className="agent-text rounded-sm border border-line bg-raised px-1.5 py-0.5 text-ink">{children}</code>
}
