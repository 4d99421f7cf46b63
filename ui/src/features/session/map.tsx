// Where a session's money went, at a glance: agents inside the agents that started them, and in each the tools that its
// requests called. A block is as wide as its money; the exact figures stand in the table behind.
import { useQuery } from '@tanstack/react-query'
import { Fragment, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { sessionParts } from '@/api/queries'
import type { AgentRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { UsdCell } from '@/components/figure'
import { Section } from '@/components/page-head'
import { Empty, Failure, SkeletonRows } from '@/components/states'
import { usdExact, usdText } from '@/lib/money'
import { shareText } from '@/lib/share'
import { amountOf, blocksOf, moved, placesOf, wayTo, type Block, type BlockKind, type Move } from './flame'

const ROW = 30
const ROOT = 'main'
const CELL = 'h-7 px-2 text-right whitespace-nowrap first:pl-0 last:pr-0'
const KINDS: ReadonlyArray<{ kind: BlockKind; name: string }> = [
  { kind: 'agent', name: 'agent with all that it started' },
  { kind: 'tool', name: 'requests that called a tool' },
  { kind: 'text', name: 'text, thinking, and all else that no call carries' },
]
const GROUNDS: Record<BlockKind, string> = {
  agent: 'color-mix(in srgb, var(--accent) 24%, var(--ground))',
  tool: 'color-mix(in srgb, var(--part-2) 26%, var(--ground))',
  text: 'color-mix(in srgb, var(--part-3) 22%, var(--ground))',
  rest: 'var(--raised)',
}

interface MoneyMapProps {
  sessionId: string
  agents: readonly AgentRecord[]
  onPick: (agentId: string) => void
}

export function MoneyMap({ sessionId, agents, onPick }: MoneyMapProps) {
  const { data, error, isPending, refetch } = useQuery(sessionParts(sessionId))
  const [key, setKey] = useState(ROOT)
  const [isTable, setTable] = useState(false)
  const session = useMemo(() => (data ? blocksOf(agents, data.parts) : null), [agents, data])
  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />
  if (isPending || !session) return <SkeletonRows count={8} />
  if (session.cost.cost_usd === null) return <Empty title="No request of a known price was made yet." />
  const way = wayTo(session, key) ?? [session]
  const root = way.at(-1) ?? session
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 pt-2 pb-4" tabIndex={0} role="region" aria-label="Cost by agent and tool">
      <Section
        title="Cost by agent and tool"
        note={<span className="max-md:hidden">a block is as wide as its money; open an agent to see it alone</span>}
        aside={
          <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)} className="text-accent hover:underline">
            {isTable ? 'show blocks' : 'show table'}
          </button>
        }
      >
        {isTable ? (
          <PartTable session={session} onPick={onPick} />
        ) : (
          <>
            <Way way={way} onOpen={setKey} onPick={onPick} />
            <Flame key={root.key} root={root} whole={amountOf(session)} onOpen={setKey} onBack={way.length > 1 ? () => setKey(way.at(-2)?.key ?? ROOT) : null} />
            <ul aria-label="What the colours mean" className="flex flex-wrap gap-x-4 pt-2 text-12 text-muted">
              {KINDS.map(({ kind, name }) => (
                <li key={kind} className="flex items-center gap-1.5">
                  <span aria-hidden="true" className="h-2.5 w-2.5 rounded-sm border border-edge" style={{ background: GROUNDS[kind] }} />
                  {name}
                </li>
              ))}
            </ul>
          </>
        )}
      </Section>
    </div>
  )
}

/** From the session down to the agent that is looked at, each a step back. */
function Way({ way, onOpen, onPick }: { way: readonly Block[]; onOpen: (key: string) => void; onPick: (agentId: string) => void }) {
  const last = way.at(-1)
  if (way.length < 2 || !last) return null
  return (
    <p className="flex flex-wrap items-baseline gap-x-1 pt-2">
      {way.map((block, at) => (
        <Fragment key={block.key}>
          {at > 0 && <span aria-hidden="true" className="text-faint">›</span>}
          {block === last ? (
            <span className="flex max-w-80 min-w-0"><AgentLine text={block.name} className="!font-sans !text-13" /></span>
          ) : (
            <button type="button" className="flex max-w-60 min-w-0 text-accent hover:underline" onClick={() => onOpen(block.key)}>
              <AgentLine text={block.name} className="!font-sans !text-13" />
            </button>
          )}
        </Fragment>
      ))}
      <button type="button" className="ml-auto text-12 text-accent hover:underline" onClick={() => onPick(last.key)}>
        show in the trace
      </button>
    </p>
  )
}

interface FlameProps {
  root: Block
  /** The session's money: shares are of it. */
  whole: number
  onOpen: (key: string) => void
  onBack: (() => void) | null
}

function Flame({ root, whole, onOpen, onBack }: FlameProps) {
  const places = useMemo(() => placesOf(root), [root])
  const [at, setAt] = useState(0)
  const frame = useRef<HTMLUListElement>(null)
  const here = places[at] ?? places[0]
  const depth = Math.max(...places.map((place) => place.depth))
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key.startsWith('Arrow')) {
      const next = moved(places, at, event.key as Move)
      event.preventDefault()
      setAt(next)
      frame.current?.querySelectorAll('button')[next]?.focus()
    } else if ((event.key === 'Escape' || event.key === 'Backspace') && onBack) {
      event.preventDefault()
      onBack()
    }
  }
  return (
    <>
      <p className="flex min-w-0 gap-2 py-1.5" role="status">
        {here && (
          <>
            <span className="flex min-w-0 max-w-[60%]"><AgentLine text={here.block.name} className="!font-sans !text-13" /></span>
            <span className="whitespace-nowrap text-muted">
              {usdText(here.block.cost.cost_usd, here.block.cost.cost_basis)}, {shareText(here.block.cost.cost_usd, whole)} of the session
            </span>
          </>
        )}
      </p>
      <ul ref={frame} aria-label="Cost by agent and tool, as nested blocks" className="relative w-full" style={{ height: (depth + 1) * ROW }} onKeyDown={onKeyDown}>
        {places.map(({ block, depth: row, from, width }, index) => {
          const text = `${usdText(block.cost.cost_usd, block.cost.cost_basis)}, ${shareText(block.cost.cost_usd, whole)}`
          const isOpen = block.kind === 'agent' && block !== root
          return (
            <li key={block.key} className="absolute pr-px pb-px" style={{ left: `${from * 100}%`, width: `${width * 100}%`, top: row * ROW, height: ROW }}>
              <button
                type="button"
                tabIndex={index === at ? 0 : -1}
                title={`${usdExact(block.cost.cost_usd, block.cost.cost_basis)}; ${shareText(block.cost.cost_usd, whole)} of the session`}
                style={{ background: GROUNDS[block.kind] }}
                onPointerEnter={() => setAt(index)}
                onFocus={() => setAt(index)}
                onClick={() => (isOpen ? onOpen(block.key) : undefined)}
                className={`flex h-full w-full min-w-0 items-center gap-2 overflow-hidden rounded-sm px-1.5 text-left text-12 text-ink [&_.escaped-character]:bg-transparent [&_.escaped-character]:text-ink [&_.escaped-character]:underline ${isOpen ? 'hover:outline-1 hover:outline-accent' : 'cursor-default'}`}
              >
                <span className={width > 0.05 ? 'flex min-w-0' : 'sr-only'}><AgentLine text={block.name} className={block.kind === 'tool' ? '' : '!font-sans'} /></span>
                <span className={width > 0.14 ? 'whitespace-nowrap max-md:hidden' : 'sr-only'}>{text}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </>
  )
}

interface TableRow {
  block: Block
  depth: number
}

/** Everything that the blocks show and what is too narrow for them; the leaves add up to the session. */
function PartTable({ session, onPick }: { session: Block; onPick: (agentId: string) => void }) {
  const rows = useMemo(() => rowsOf(session, 0), [session])
  const whole = session.cost.cost_usd
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Table of cost by agent and tool">
      <table className="w-full">
        <thead className="text-12 text-muted">
          <tr>
            {['agent, and tools of its requests', 'share', '$'].map((head, at) => (
              <th key={head} scope="col" className={`${CELL} font-normal ${at === 0 ? '!text-left' : ''}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ block, depth }) => (
            <tr key={block.key} className="border-t border-line">
              <th scope="row" className={`${CELL} w-full max-w-0 min-w-40 !text-left ${block.kind === 'agent' ? '' : 'font-normal'}`}>
                <span className="flex min-w-0" style={{ paddingLeft: Math.min(depth, 8) * 16 }}>
                  {block.kind === 'agent' && depth > 0 ? (
                    <button type="button" className="flex min-w-0 text-accent hover:underline" title="Show in the trace" onClick={() => onPick(block.key)}>
                      <AgentLine text={block.name} className="!font-sans !text-13" />
                    </button>
                  ) : (
                    <AgentLine text={block.name} className={block.kind === 'tool' ? '' : '!font-sans !text-13'} />
                  )}
                </span>
              </th>
              <td className={`${CELL} text-muted`}>{shareText(block.cost.cost_usd, whole)}</td>
              <td className={CELL}><UsdCell amount={block.cost.cost_usd} basis={block.cost.cost_basis} places={3} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function rowsOf(block: Block, depth: number): TableRow[] {
  return [{ block, depth }, ...block.children.flatMap((child) => rowsOf(child, depth + 1))]
}
