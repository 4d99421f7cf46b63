// Reported money as one bar: what explains it, what is hidden, what is left. Widths are money; the figures stand below.
import { driftText, exactly, PART_WORDS, type MoneyParts } from '@/lib/drift'
import { usdText } from '@/lib/money'

interface Part {
  name: string
  amount: number
  text: string
  says: string
  tone: string
}

function partsOf(money: MoneyParts): Part[] {
  const alone = money.explained_usd - money.told_by_telemetry_usd
  return [
    { name: 'explained by transcripts', amount: alone, text: usdText(alone, money.explained_basis), says: PART_WORDS.explained, tone: 'bg-part-1' },
    { name: 'told by telemetry alone', amount: money.told_by_telemetry_usd, text: usdText(money.told_by_telemetry_usd, 'reported'), says: PART_WORDS.told, tone: 'bg-part-2' },
    { name: 'hidden', amount: money.hidden_usd ?? 0, text: driftText(money.hidden_usd), says: PART_WORDS.hidden, tone: 'bg-part-4' },
    { name: 'unexplained', amount: money.unexplained_usd ?? 0, text: driftText(money.unexplained_usd), says: PART_WORDS.unexplained, tone: 'bg-bad' },
  ]
}

export function MoneyPartsBar({ money }: { money: MoneyParts }) {
  const parts = partsOf(money)
  const whole = parts.reduce((sum, part) => sum + Math.abs(part.amount), 0)
  return (
    <div>
      <div aria-hidden="true" className="flex h-4 w-full gap-px overflow-hidden rounded-sm bg-line">
        {whole > 0 && parts.filter((part) => part.amount !== 0).map((part) => <span key={part.name} className={part.tone} style={{ width: `${Math.max(0.4, (Math.abs(part.amount) / whole) * 100)}%` }} />)}
      </div>
      <dl className="mt-2 flex flex-wrap gap-x-6 gap-y-1">
        {parts.map((part) => (
          <div key={part.name} className="flex items-baseline gap-1.5" title={exactly(part.amount, part.says)}>
            <dt className="flex items-baseline gap-1.5 text-muted">
              <span aria-hidden="true" className={`inline-block h-2 w-2 rounded-sm ${part.tone}`} />
              {part.name}
            </dt>
            <dd>{part.text}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
