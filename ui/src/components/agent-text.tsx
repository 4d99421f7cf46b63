// Shows text that an agent wrote: monospace, escaped by React, hidden characters made visible.
import { useState } from 'react'
import { sizeText } from '@/lib/count'
import { markedPieces, type TextRange } from '@/lib/marks'
import { cutText, visibleLine, visiblePieces } from '@/lib/text'

function Pieces({ text }: { text: string }) {
  const pieces = visiblePieces(text)
  return pieces.map((piece, at) =>
    piece.escaped ? (
      <span key={at} className="escaped-character">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  )
}

/** The same with parts of it marked. */
function MarkedPieces({ text, marks }: { text: string; marks: readonly TextRange[] }) {
  return markedPieces(text, marks).map((piece, at) => {
    const shown = piece.escaped ? <span className="escaped-character">{piece.text}</span> : piece.text
    return piece.marked ? (
      <mark key={at} className="marked-part">
        {shown}
      </mark>
    ) : (
      <span key={at}>{shown}</span>
    )
  })
}

/** One line of it, cut by its container; the whole line (or what it is short for) stands in the title. */
export function AgentLine({ text, whole = text, className = '' }: { text: string; whole?: string; className?: string }) {
  const line = text.replace(/\s*\n\s*/g, ' ⏎ ').replaceAll('\t', ' ')
  return (
    <bdi className={`agent-text truncate ${className}`} title={visibleLine(whole.slice(0, 600))}>
      <Pieces text={line.slice(0, 600)} />
    </bdi>
  )
}

/** A line with parts of it marked, on as many lines as its container gives it. It holds no line ends. */
export function MarkedLine({ text, marks, className = '' }: { text: string; marks: readonly TextRange[]; className?: string }) {
  return (
    <bdi className={`agent-text ${className}`}>
      <MarkedPieces text={text} marks={marks} />
    </bdi>
  )
}

const FIRST_CHARACTERS = 20_000

const NO_MARKS: readonly TextRange[] = []

/** A block of it, wrapped; what is long is cut and offered whole. `marks` count UTF-16 units of the text. */
export function AgentBlock({ text, marks = NO_MARKS, className = '' }: { text: string; marks?: readonly TextRange[]; className?: string }) {
  const [isWhole, setWhole] = useState(false)
  const { shown, hidden } = cutText(text, isWhole ? Number.POSITIVE_INFINITY : FIRST_CHARACTERS)
  return (
    <div className={className}>
      <pre className="agent-text whitespace-pre-wrap break-words">
        {marks.length === 0 ? <Pieces text={shown} /> : <MarkedPieces text={shown} marks={marks} />}
      </pre>
      {hidden > 0 && (
        <button type="button" className="mt-1 text-12 text-accent hover:underline" onClick={() => setWhole(true)}>
          show all {sizeText(text.length)}
        </button>
      )}
    </div>
  )
}
