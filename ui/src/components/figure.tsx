// Numbers as the dashboard shows them: short, tabular, with the exact value on hover and focus.
import { countExact, countText } from '@/lib/count'
import { basisMark, usdExact, usdFigure, usdText, type CostBasis, type UsdPlaces } from '@/lib/money'
import { durationExact, durationText } from '@/lib/time'

/** A figure whose exact value can be reached by keyboard too. For the few at the head of a page. */
export function Exact({ text, exact, label }: { text: string; exact: string; label?: string }) {
  return (
    <span className="exact whitespace-nowrap rounded-sm" tabIndex={0} data-exact={exact} aria-label={`${text}${label ? ` ${label}` : ''}: ${exact}`} role="note">
      {text}
      {label && <span className="text-muted"> {label}</span>}
    </span>
  )
}

export function ExactUsd({ amount, basis }: { amount: number | null; basis: CostBasis | null }) {
  return <Exact text={usdText(amount, basis)} exact={usdExact(amount, basis)} />
}

export function ExactDuration({ ms }: { ms: number | null }) {
  return <Exact text={durationText(ms)} exact={durationExact(ms)} />
}

/** Money in a column headed `$`: figures under each other, the mark before them. */
export function UsdCell({ amount, basis, places = 2 }: { amount: number | null; basis: CostBasis | null; places?: UsdPlaces }) {
  return (
    <span title={usdExact(amount, basis)}>
      {amount === null ? (
        <span className="text-faint">–</span>
      ) : (
        <>
          <span className="text-faint">{basisMark(basis)}</span>
          {usdFigure(amount, places)}
        </>
      )}
    </span>
  )
}

/** A count in a column; zero stands back, unknown says so. */
export function CountCell({ count, unit }: { count: number | null; unit: string }) {
  const tone = count === 0 || count === null ? 'text-faint' : ''
  return (
    <span className={tone} title={count === null ? `${unit} unknown` : `${countExact(count)} ${unit}`}>
      {countText(count)}
    </span>
  )
}
