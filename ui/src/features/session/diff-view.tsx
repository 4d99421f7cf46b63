// A file edit, line by line: removed and added carry a sign as well as a colour.
import { useMemo } from 'react'
import { AgentLine } from '@/components/agent-text'
import { diffRows, type DiffLine } from '@/lib/difflines'
import { visiblePieces } from '@/lib/text'
import type { FileEdit } from './shapes'

const SIGNS: Record<DiffLine['kind'], string> = { kept: ' ', removed: '−', added: '+', gap: '⋯' }
const TONES: Record<DiffLine['kind'], string> = { kept: '', removed: 'bg-removed', added: 'bg-added', gap: 'text-muted' }
const MOST_ROWS = 2000

export function DiffView({ path, edits }: { path: string | null; edits: readonly FileEdit[] }) {
  return (
    <div>
      {path !== null && (
        <p className="flex pb-1 text-muted">
          <AgentLine text={path} />
        </p>
      )}
      {edits.map((edit, at) => (
        <OneEdit key={at} edit={edit} />
      ))}
    </div>
  )
}

function OneEdit({ edit }: { edit: FileEdit }) {
  const rows = useMemo(() => diffRows(edit.before, edit.after), [edit.before, edit.after])
  return (
    <div className="mb-3 overflow-x-auto border-y border-line" tabIndex={0} role="region" aria-label="Change">
      <table className="agent-text w-full border-collapse">
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row, at) => (
            <tr key={at} className={TONES[row.kind]}>
              <td className="w-8 px-1 text-right align-top text-muted select-none">{row.before}</td>
              <td className="w-8 px-1 text-right align-top text-muted select-none">{row.after}</td>
              <td className="w-4 text-center align-top select-none" aria-label={row.kind}>
                {SIGNS[row.kind]}
              </td>
              <td className="pr-2 break-words whitespace-pre-wrap">
                {visiblePieces(row.text).map((piece, index) => (
                  <span key={index} className={piece.escaped ? 'escaped-character' : ''}>
                    {piece.text}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && <p className="p-2 text-muted">and {rows.length - MOST_ROWS} more lines: see Input</p>}
    </div>
  )
}
