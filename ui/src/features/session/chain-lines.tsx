// Chains of evidence on the trace: a line beside the tree from the row of a cause to the row of its consequence, and, for
// the selected one, a bow between their bars. The shapes at the ends say what is what; a row says it in words.
import { AgentLine } from '@/components/agent-text'
import { subjectName, type PlacedChain } from '@/lib/chain'
import { momentMs } from '@/lib/time'
import type { TimeScale } from '@/lib/timescale'
import { COLUMNS, ROW_HEIGHT } from './row-shape'
import type { Neighbour, RowChain } from './use-chains'

const LANE_PX = 4
const GUTTER_PX = 15

interface ChainLinesProps {
  placed: readonly PlacedChain[]
  selectedId: string | null
  first: number
  last: number
  scale: TimeScale
}

const middle = (index: number, first: number): number => (index - first) * ROW_HEIGHT + ROW_HEIGHT / 2

/** All lines over the rows `first` to `last`; what goes further is cut at their edge. */
export function ChainLines({ placed, selectedId, first, last, scale }: ChainLinesProps) {
  if (placed.length === 0) return null
  const height = (last - first + 1) * ROW_HEIGHT
  const isOf = ({ chain }: PlacedChain): boolean => selectedId !== null && chain.links.some((link) => link.eventId === selectedId)
  const bow = placed.filter(isOf)
  return (
    <div aria-hidden="true" data-testid="chains" className="pointer-events-none absolute inset-x-0 top-0" style={{ transform: `translateY(${first * ROW_HEIGHT}px)`, height }}>
      <svg width={GUTTER_PX + 3} height={height} className="absolute top-0 left-0 overflow-hidden" fill="none">
        {placed.map((each) => (
          <Line key={each.chain.alertId} placed={each} first={first} height={height} isSelected={isOf(each)} />
        ))}
      </svg>
      {bow.length > 0 && (
        <div className={`absolute inset-0 grid ${COLUMNS} gap-x-3 px-4 max-md:hidden`}>
          <svg viewBox={`0 0 1000 ${height}`} width="100%" height={height} preserveAspectRatio="none" fill="none" className="col-start-5 overflow-hidden">
            {bow.map((each) => (
              <Bows key={each.chain.alertId} placed={each} first={first} height={height} scale={scale} />
            ))}
          </svg>
        </div>
      )}
    </div>
  )
}

/** From the first to the last row, with a branch to each step: a ring for what caused, a point for what followed. */
function Line({ placed: { chain, rows, from, to, lane }, first, height, isSelected }: { placed: PlacedChain; first: number; height: number; isSelected: boolean }) {
  const x = GUTTER_PX - 4 - lane * LANE_PX
  const within = (y: number): number => Math.min(height + ROW_HEIGHT, Math.max(-ROW_HEIGHT, y))
  const lastId = chain.links.at(-1)?.eventId
  return (
    <g className={isSelected ? 'text-high' : 'text-muted'} stroke="currentColor" strokeWidth={isSelected ? 2 : 1} strokeDasharray={chain.isOpen ? undefined : '3 3'}>
      <path d={`M${x} ${within(middle(from, first))}V${within(middle(to, first))}`} />
      {rows.map(({ eventId, row }) => {
        const y = within(middle(row.index, first))
        return eventId === lastId ? (
          <path key={eventId} d={`M${x} ${y}H${GUTTER_PX}M${GUTTER_PX - 3} ${y - 3}l3 3l-3 3`} strokeDasharray="none" />
        ) : (
          <circle key={eventId} cx={x} cy={y} r="3" fill={row.isFolded ? 'currentColor' : 'var(--ground)'} strokeDasharray="none" />
        )
      })}
    </g>
  )
}

/** Between the bars in the waterfall, where both are in its time. */
function Bows({ placed: { chain, rows }, first, height, scale }: { placed: PlacedChain; first: number; height: number; scale: TimeScale }) {
  const points = rows.map(({ eventId, row }) => {
    const at = momentMs(chain.links.find((link) => link.eventId === eventId)?.at)
    return at === null ? null : { x: Math.min(1020, Math.max(-20, scale.toFraction(at) * 1000)), y: Math.min(height + ROW_HEIGHT, Math.max(-ROW_HEIGHT, middle(row.index, first))) }
  })
  return points.slice(1).map((to, at) => {
    const from = points[at]
    if (!from || !to) return null
    const half = (from.y + to.y) / 2
    return <path key={at} d={`M${from.x} ${from.y}C${from.x} ${half} ${to.x} ${half} ${to.x} ${to.y}`} className="text-high" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
  })
}

/** What a row says of its chains: the way to the cause, and to what followed. */
export function ChainMarks({ marks, onGoTo }: { marks: RowChain; onGoTo: (eventId: string) => void }) {
  return (
    <>
      {marks.cause && <Mark neighbour={marks.cause} arrow="↑" word="cause" onGoTo={onGoTo} />}
      {marks.consequence && <Mark neighbour={marks.consequence} arrow="↓" word="effect" onGoTo={onGoTo} />}
    </>
  )
}

function Mark({ neighbour: { link, chain, distance, more }, arrow, word, onGoTo }: { neighbour: Neighbour; arrow: string; word: string; onGoTo: (eventId: string) => void }) {
  const before = chain.links[chain.links.indexOf(link) - (word === 'cause' ? 0 : 1)]
  const name = subjectName(before?.subject ?? '')
  return (
    <button
      type="button"
      tabIndex={-1}
      className="flex min-w-0 items-center gap-1 rounded-sm border border-edge px-1 leading-4 text-muted hover:bg-hover hover:text-ink"
      title={word === 'cause' ? `${chain.rule}: to what came before (b)` : `${chain.rule}: to what followed (f)`}
      onClick={(event) => {
        event.stopPropagation()
        onGoTo(link.eventId)
      }}
    >
      <span className="shrink-0">
        {arrow} {word}
      </span>
      {/* Where the line shows the way there is room for what joins them; the details say it anyway. */}
      {name !== '' && distance === '' && <AgentLine text={name} className="max-w-[12ch] !text-12 max-lg:hidden" />}
      {distance !== '' && <span className="shrink-0">{distance}</span>}
      {more > 0 && <span className="shrink-0">+{more}</span>}
    </button>
  )
}
