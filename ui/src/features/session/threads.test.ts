import { expect, it } from 'vitest'
import type { AgentRecord, Sums, TurnRecord } from '@/api/types'
import { layOut, rowAt } from '@/lib/outline'
import { addressOf, agentName, buildThreads, threadKeyOf, threadName, wayTo } from './threads'

const SUMS: Sums = { requests: 0, input_tokens: 0, output_tokens: 0, cache_write_5m_tokens: 0, cache_write_1h_tokens: 0, cache_read_tokens: 0, web_search_requests: 0, cost_usd: 0, cost_basis: 'priced' }

function turn(promptId: string | null, stepCount: number): TurnRecord {
  return { prompt_id: promptId, label: null, is_human: true, started_at: null, last_at: null, step_count: stepCount, error_count: 0, wait_ms: null, hook_ms: null, totals: SUMS }
}

function agent(id: string, parent: string | null, change: Partial<AgentRecord> = {}): AgentRecord {
  return {
    agent_id: id, parent_agent_id: parent, parent_session_id: null, agent_type: null, description: null, kind: 'subagent', tool_use_id: null,
    prompt_id: 'p1', depth: null, model: null, started_at: null, last_at: null, end: null, is_orphan: false, spawn_index: 0, step_count: 1,
    tool_call_count: 0, error_count: 0, own: SUMS, subtree: SUMS, ...change,
  }
}

function rows(agents: AgentRecord[], turns = [turn(null, 1), turn('p1', 3)]): string[] {
  const threads = buildThreads({ agents, turns, session: { started_at: null, last_at: null } })
  const layout = layOut(threads.roots, () => true)
  return Array.from({ length: layout.rowCount }, (_, index) => {
    const row = rowAt(layout, index)
    return `${'  '.repeat((row?.level ?? 1) - 1)}${row?.thread.key}${row?.step === null ? '' : ` ${row?.step}`}`
  })
}

it('an agent stands below the step that spawned it, to any depth', () => {
  expect(rows([agent('main', null, { kind: 'main' }), agent('a', 'main', { spawn_index: 1 }), agent('b', 'a'), agent('c', 'b')])).toEqual([
    't:', '  t: 0', 't:p1', '  t:p1 0', '  t:p1 1', '  a:a', '    a:a 0', '    a:b', '      a:b 0', '      a:c', '        a:c 0', '  t:p1 2',
  ])
})

it('an agent whose place is unknown is shown at the end of its turn, or of the session', () => {
  const found = rows([agent('orphan', null, { spawn_index: null, is_orphan: true }), agent('stray', 'gone', { prompt_id: 'gone' })])
  expect(found.slice(-4)).toEqual(['  a:orphan', '    a:orphan 0', 'a:stray', '  a:stray 0'])
})

it('agents that claim to have spawned each other are shown too', () => {
  const found = rows([agent('x', 'y'), agent('y', 'x'), agent('z', 'z')])
  for (const key of ['a:x', 'a:y', 'a:z']) expect(found.filter((row) => row.trim() === key)).toHaveLength(1)
})

it('a thread is addressed as the API calls it', () => {
  expect(addressOf('t:p1')).toEqual({ agent_id: 'main', prompt_id: 'p1' })
  expect(addressOf('t:')).toEqual({ agent_id: 'main', prompt_id: 'none' })
  expect(addressOf('a:x:y')).toEqual({ agent_id: 'x:y' })
  expect(threadKeyOf({ agent_id: 'main', prompt_id: null })).toBe('t:')
  expect(threadKeyOf({ agent_id: 'q', prompt_id: 'p1' })).toBe('a:q')
})

it('the way to an agent names the turn and everyone who led to it', () => {
  const agents = [agent('main', null, { kind: 'main' }), agent('a', 'main', { agent_type: 'Explore' }), agent('b', 'a'), agent('x', 'y'), agent('y', 'x')]
  const threads = buildThreads({ agents, turns: [turn(null, 1), turn('p1', 3)], session: { started_at: null, last_at: null } })
  expect(wayTo(threads, 'a:b').map(({ about }) => threadName(about))).toEqual(['turn 1', 'Explore', 'subagent'])
  expect(wayTo(threads, 't:').map(({ key }) => key)).toEqual(['t:'])
  expect(wayTo(threads, 'a:x').map(({ key }) => key)).toEqual(['a:x'])
  expect(wayTo(threads, 'a:nobody')).toEqual([])
  expect([agentName(threads, 'a'), agentName(threads, 'b'), agentName(threads, 'nobody')]).toEqual(['Explore: a', 'b', 'nobody'])
})
