// Fields that save on Enter or with their button, and say in words what is wrong before they do.
import { useId, useState } from 'react'
import { parseAmount, parseDays, parseWhole } from './parse'

const INPUT = 'h-7 w-28 rounded-md border border-edge bg-ground px-2 text-right aria-invalid:border-bad'
const BUTTON = 'h-7 rounded-md border border-edge px-3 hover:bg-hover disabled:text-faint disabled:hover:bg-transparent'

interface AmountProps {
  label: string
  value: number
  isFixed: boolean
  onSave: (amount: number) => void
}

export function AmountField({ label, value, isFixed, onSave }: AmountProps) {
  const [text, setText] = useState(value.toFixed(Math.max(2, decimals(value))))
  const problemId = useId()
  const parsed = parseAmount(text)
  const isNew = typeof parsed === 'number' && parsed !== value
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (typeof parsed === 'number' && isNew) onSave(parsed)
      }}
    >
      <span aria-hidden="true">$</span>
      <input
        aria-label={label}
        inputMode="decimal"
        disabled={isFixed}
        value={text}
        aria-invalid={typeof parsed === 'string'}
        aria-describedby={typeof parsed === 'string' ? problemId : undefined}
        onChange={(event) => setText(event.target.value)}
        className={INPUT}
      />
      <button type="submit" className={BUTTON} disabled={isFixed || !isNew}>
        Save
      </button>
      {typeof parsed === 'string' && (
        <span id={problemId} className="text-12 text-bad">
          {parsed}
        </span>
      )}
    </form>
  )
}

function decimals(value: number): number {
  return String(value).split('.')[1]?.length ?? 0
}

interface DaysProps {
  value: number | null
  isFixed: boolean
  onSave: (days: number | null) => void
}

export function DaysField({ value, isFixed, onSave }: DaysProps) {
  const [text, setText] = useState(value === null ? '' : String(value))
  const problemId = useId()
  const parsed = parseDays(text)
  const isNew = typeof parsed !== 'string' && parsed !== value
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (typeof parsed !== 'string' && isNew) onSave(parsed)
      }}
    >
      <input
        aria-label="Days to keep; empty keeps everything"
        inputMode="numeric"
        disabled={isFixed}
        value={text}
        placeholder="for ever"
        aria-invalid={typeof parsed === 'string'}
        aria-describedby={typeof parsed === 'string' ? problemId : undefined}
        onChange={(event) => setText(event.target.value)}
        className={`${INPUT} placeholder:text-faint`}
      />
      <span>days</span>
      <button type="submit" className={BUTTON} disabled={isFixed || !isNew}>
        Save
      </button>
      {typeof parsed === 'string' && (
        <span id={problemId} className="text-12 text-bad">
          {parsed}
        </span>
      )}
    </form>
  )
}

interface WholeProps {
  label: string
  unit: string
  value: number
  isFixed: boolean
  onSave: (count: number) => void
}

export function WholeField({ label, unit, value, isFixed, onSave }: WholeProps) {
  const [text, setText] = useState(String(value))
  const problemId = useId()
  const parsed = parseWhole(text)
  const isNew = typeof parsed === 'number' && parsed !== value
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (typeof parsed === 'number' && isNew) onSave(parsed)
      }}
    >
      <input
        aria-label={label}
        inputMode="numeric"
        disabled={isFixed}
        value={text}
        aria-invalid={typeof parsed === 'string'}
        aria-describedby={typeof parsed === 'string' ? problemId : undefined}
        onChange={(event) => setText(event.target.value)}
        className={`${INPUT} !w-16`}
      />
      <span>{unit}</span>
      <button type="submit" className={BUTTON} disabled={isFixed || !isNew}>
        Save
      </button>
      {typeof parsed === 'string' && (
        <span id={problemId} className="text-12 text-bad">
          {parsed}
        </span>
      )}
    </form>
  )
}
