// A session's money as nested blocks: an agent holds what its own requests cost, by the tools they called, and the agents
// that it started. Each block is as wide as its money, so that the blocks of a row never add up to more than the one above.
import type { AgentRecord, SessionPart } from '@/api/types'
import { addCosts, type CostPart } from '@/lib/money'

export type BlockKind = 'agent' | 'tool' | 'text' | 'rest'

export interface Block {
  key: string
  kind: BlockKind
  name: string
  /** Of an agent: with all that it started. */
  cost: CostPart
  children: Block[]
}

/** How the API calls what no tool call carries. */
const TEXT = '(model text)'
const MAIN = 'main'

/** Money as a width; what is unknown, or less than nothing, has none. */
export function amountOf(block: Block): number {
  return Math.max(0, block.cost.cost_usd ?? 0)
}

/** The session: the main agent with everything below it. Agents whose place is unknown hang on it: shown, never dropped. */
export function blocksOf(agents: readonly AgentRecord[], parts: readonly SessionPart[]): Block {
  const known = new Map(agents.map((agent) => [agent.agent_id, agent]))
  const own = new Map<string, Block[]>()
  for (const part of parts) {
    const blocks = own.get(part.agent_id) ?? []
    own.set(part.agent_id, blocks)
    const isText = part.tool_name === TEXT
    blocks.push({ key: `${part.agent_id}/${part.tool_name}`, kind: isText ? 'text' : 'tool', name: isText ? 'model text' : part.tool_name || 'unknown tool', cost: { cost_usd: part.cost_usd, cost_basis: part.cost_basis }, children: [] })
  }
  const started = new Map<string, string[]>()
  for (const id of new Set([...known.keys(), ...own.keys()])) {
    if (id === MAIN) continue
    const parent = parentOf(id, known)
    started.set(parent, [...(started.get(parent) ?? []), id])
  }
  const grow = (id: string): Block => {
    const children = [...(own.get(id) ?? []), ...(started.get(id) ?? []).map(grow)].filter((child) => child.cost.cost_basis !== null)
    children.sort((a, b) => amountOf(b) - amountOf(a))
    const cost = children.length === 0 ? { cost_usd: null, cost_basis: null } : addCosts(children.map((child) => child.cost))
    return { key: id, kind: 'agent', name: id === MAIN ? 'session' : nameOf(known.get(id), id), cost, children }
  }
  return grow(MAIN)
}

function nameOf(agent: AgentRecord | undefined, id: string): string {
  const type = agent?.agent_type ?? null
  const words = agent?.description ?? null
  return [type, words].filter((word) => word !== null && word !== '').join(': ') || `agent ${id}`
}

/** Who started an agent; the main agent where that is unknown, or where the way up leads back to itself. */
function parentOf(id: string, known: ReadonlyMap<string, AgentRecord>): string {
  const parent = known.get(id)?.parent_agent_id ?? MAIN
  const seen = new Set([id])
  for (let above: string | null = parent; above !== null && above !== MAIN; above = known.get(above)?.parent_agent_id ?? null) {
    if (seen.has(above) || !known.has(above)) return MAIN
    seen.add(above)
  }
  return parent
}

export interface Place {
  block: Block
  depth: number
  /** 0 to 1 of the whole width. */
  from: number
  width: number
}

/** Blocks narrower than this share are one, and so are those beyond so many beside each other. */
const LEAST = 0.0015
const MOST = 120

/** Where each block stands, from the top down and from left to right. */
export function placesOf(root: Block): Place[] {
  const whole = amountOf(root)
  const places: Place[] = []
  const lay = (block: Block, depth: number, from: number): void => {
    places.push({ block, depth, from, width: whole > 0 ? amountOf(block) / whole : 1 })
    const wide = block.children.filter((child) => whole > 0 && amountOf(child) / whole >= LEAST).slice(0, MOST)
    const narrow = block.children.filter((child) => whole > 0 && amountOf(child) > 0 && !wide.includes(child))
    const only = narrow.length === 1 ? narrow : []
    const rest: Block[] = narrow.length > 1 ? [{ key: `${block.key}\u0000`, kind: 'rest', name: `${narrow.length} smaller`, cost: addCosts(narrow.map((child) => child.cost)), children: [] }] : only
    let at = from
    for (const child of [...wide, ...rest]) {
      lay(child, depth + 1, at)
      at += whole > 0 ? amountOf(child) / whole : 0
    }
  }
  lay(root, 0, 0)
  return places.sort((a, b) => a.depth - b.depth || a.from - b.from)
}

export type Move = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'

/** The block that an arrow leads to; the same where there is none. */
export function moved(places: readonly Place[], at: number, move: Move): number {
  const here = places[at]
  if (!here) return 0
  const holds = (outer: Place, inner: Place): boolean => outer.from <= inner.from + 1e-9 && inner.from < outer.from + outer.width - 1e-9
  const found =
    move === 'ArrowUp'
      ? places.findIndex((each) => each.depth === here.depth - 1 && holds(each, here))
      : move === 'ArrowDown'
        ? places.findIndex((each) => each.depth === here.depth + 1 && holds(here, each))
        : at + (move === 'ArrowLeft' ? -1 : 1)
  return places[found] && (move === 'ArrowUp' || move === 'ArrowDown' || places[found].depth === here.depth) ? found : at
}

/** The blocks from the root down to one, both with it; null where it is not there any more. */
export function wayTo(root: Block, key: string): Block[] | null {
  if (root.key === key) return [root]
  for (const child of root.children) {
    const way = wayTo(child, key)
    if (way) return [root, ...way]
  }
  return null
}
