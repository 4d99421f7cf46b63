// Which columns are shown: a small menu, remembered.
import { LAYOUT } from './columns'

type Hidden = Record<string, boolean>

const KEY = 'argus.sessions.columns'
/** What has no room on a page of common width; the sum of it stands at the head. */
const HIDDEN_AT_FIRST = '["explained"]'
const FIXED = new Set(['status', 'title'])

/** Column visibility as the table takes it: false for hidden ones. */
export function rememberedColumns(): Hidden {
  try {
    const hidden: unknown = JSON.parse(localStorage.getItem(KEY) ?? HIDDEN_AT_FIRST)
    return Object.fromEntries((Array.isArray(hidden) ? hidden : []).filter((id) => typeof id === 'string').map((id) => [id, false]))
  } catch {
    return {}
  }
}

export function rememberColumns(columns: Hidden): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.keys(columns).filter((id) => columns[id] === false)))
  } catch {
    // Storage refused: it holds until the page goes.
  }
}

export function ColumnMenu({ hidden, onChange }: { hidden: Hidden; onChange: (next: Hidden) => void }) {
  return (
    <details className="relative text-12 max-md:hidden">
      <summary className="flex h-6 cursor-default list-none items-center rounded-md px-2 text-muted hover:bg-hover hover:text-ink">columns</summary>
      <div className="absolute right-0 z-20 mt-1 w-36 rounded-md border border-edge bg-raised p-2">
        {Object.keys(LAYOUT)
          .filter((id) => !FIXED.has(id))
          .map((id) => (
            <label key={id} className="flex h-6 items-center gap-2">
              <input type="checkbox" checked={hidden[id] !== false} onChange={(event) => onChange({ ...hidden, [id]: event.target.checked })} />
              {id === 'cost' ? '$' : id}
            </label>
          ))}
      </div>
    </details>
  )
}
