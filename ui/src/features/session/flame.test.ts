import { expect, it } from 'vitest'
import type { AgentRecord, SessionPart } from '@/api/types'
import { blocksOf, moved, placesOf, wayTo, type Block } from './flame'

const agent = (agent_id: string, parent_agent_id: string | null): AgentRecord => ({ agent_id, parent_agent_id, agent_type: 'Explore', description: agent_id }) as unknown as AgentRecord
const part = (agent_id: string, tool_name: string, cost_usd: number | null): SessionPart => ({ agent_id, tool_name, cost_usd, cost_basis: cost_usd === null ? 'unpriced' : 'priced' }) as unknown as SessionPart

const AGENTS = [agent('main', null), agent('a', 'main'), agent('b', 'a'), agent('lost', null)]
const PARTS = [part('main', '(model text)', 4), part('main', 'Bash', 2), part('a', 'Read', 1), part('b', '(model text)', 0.5), part('lost', 'Bash', 0.25), part('nobody', 'Bash', 0.25)]

const sumOf = (block: Block): number => (block.children.length === 0 ? (block.cost.cost_usd ?? 0) : block.children.reduce((sum, child) => sum + sumOf(child), 0))

it('every block is the sum of those in it, and the session has them all', () => {
  const root = blocksOf(AGENTS, PARTS)
  expect(root.cost).toEqual({ cost_usd: 8, cost_basis: 'priced' })
  expect(sumOf(root)).toBe(8)
  expect(root.children.map((child) => child.key)).toEqual(['main/(model text)', 'main/Bash', 'a', 'lost', 'nobody'])
  expect(wayTo(root, 'b')?.map((block) => block.key)).toEqual(['main', 'a', 'b'])
  expect(wayTo(root, 'gone')).toBeNull()
})

it('agents that name each other as their parents are shown once, and an unknown price makes a lower bound', () => {
  const root = blocksOf([agent('main', null), agent('x', 'y'), agent('y', 'x')], [part('main', 'Bash', 1), part('x', 'Bash', 1), part('y', 'Bash', null)])
  expect(root.cost).toEqual({ cost_usd: 2, cost_basis: 'incomplete' })
  expect(root.children.map((child) => child.key).sort()).toEqual(['main/Bash', 'x', 'y'])
})

it('blocks are as wide as their money, and narrow ones are one', () => {
  const many = Array.from({ length: 50 }, (_, at) => part('main', `tool-${at}`, 0.001))
  const places = placesOf(blocksOf([agent('main', null)], [part('main', 'Bash', 10), ...many]))
  expect(places.map((place) => [place.block.name, place.depth])).toEqual([['session', 0], ['Bash', 1], ['50 smaller', 1]])
  const row = places.filter((place) => place.depth === 1)
  expect(row.reduce((sum, place) => sum + place.width, 0)).toBeCloseTo(1)
  expect(row[1]?.from).toBeCloseTo(row[0]?.width ?? 0)
})

it('arrows go up to the block that holds one, down into it, and along its row', () => {
  const places = placesOf(blocksOf(AGENTS, PARTS))
  const at = (key: string): number => places.findIndex((place) => place.block.key === key)
  expect(moved(places, at('main'), 'ArrowDown')).toBe(at('main/(model text)'))
  expect(moved(places, at('main/(model text)'), 'ArrowRight')).toBe(at('main/Bash'))
  expect(moved(places, at('a'), 'ArrowDown')).toBe(at('a/Read'))
  expect(moved(places, at('b'), 'ArrowUp')).toBe(at('a'))
  expect(moved(places, at('main/(model text)'), 'ArrowDown')).toBe(at('main/(model text)'))
  expect(moved(places, at('main'), 'ArrowRight')).toBe(at('main'))
})
