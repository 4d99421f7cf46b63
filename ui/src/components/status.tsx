// The state of a session: a glyph and a word, so that colour is never the only signal.

export type StatusWord = 'running' | 'waiting' | 'idle' | 'ended' | 'lost'

const LOOKS: Record<StatusWord, { glyph: string; tone: string; meaning: string }> = {
  running: { glyph: '▶', tone: 'text-good', meaning: 'a turn runs, or background work does' },
  waiting: { glyph: '◆', tone: 'text-wait', meaning: 'it waits for you' },
  idle: { glyph: '○', tone: 'text-muted', meaning: 'its turn is over; it waits for the next prompt' },
  ended: { glyph: '▪', tone: 'text-faint', meaning: 'it is over' },
  lost: { glyph: '✕', tone: 'text-bad', meaning: 'its process is gone without an end' },
}

export function StatusMark({ status }: { status: StatusWord }) {
  const look = LOOKS[status]
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${look.tone}`} title={look.meaning}>
      <span aria-hidden="true" className="w-3 text-center text-12">
        {look.glyph}
      </span>
      {status}
    </span>
  )
}
