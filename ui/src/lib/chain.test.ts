import { describe, expect, it } from 'vitest'
import { chainOf, distanceText, neighbour, placeChains, rowOf, subjectName, type Chain, type ChainedAlert } from './chain'
import { layOut, type Thread } from './outline'

const cause = (id: string, origin: ChainedAlert['cause'] = null): NonNullable<ChainedAlert['cause']> => ({ event_id: id, agent_id: 'a1', at: '2026-11-22T07:00:00.000000Z', tool_name: 'Bash', text: `did ${id}`, subject: '/tmp/x.sh', origin })
const alert = (change: Partial<ChainedAlert>): ChainedAlert => ({ alert_id: 'al', rule: 'seq.download-then-exec', reason: 'because', state: 'open', event_id: 's~run', agent_id: 'main', raised_at: null, tool_name: 'Bash', evidence: { text: 'sh /tmp/x.sh' }, cause: null, ...change })
const chain = (...ids: string[]): Chain => ({ alertId: ids.join(), rule: 'seq.x', reason: '', isOpen: true, links: ids.map((eventId) => ({ eventId, agentId: 'main', at: null, tool: null, text: '', subject: '' })) })

describe('chains of evidence', () => {
  it('are made of alerts that name a cause, whether their own step is known or not, and of no others', () => {
    expect(chainOf(alert({}))).toBeNull()
    expect(chainOf(alert({ cause: cause('s~get'), event_id: null }))?.links.map((link) => link.eventId)).toEqual(['s~get', ''])
    expect(chainOf(alert({ cause: cause('s~get') }))?.links.map((link) => link.eventId)).toEqual(['s~get', 's~run'])
    expect(chainOf(alert({ cause: cause('s~move', cause('s~get')) }))?.links.map((link) => link.text)).toEqual(['did s~get', 'did s~move', 'sh /tmp/x.sh'])
  })

  it('know what comes before and after a step', () => {
    const three = chain('a', 'b', 'c')
    expect(neighbour(three, 'b', -1)?.eventId).toBe('a')
    expect(neighbour(three, 'b', 1)?.eventId).toBe('c')
    expect(neighbour(three, 'c', 1)).toBeNull()
    expect(neighbour(three, 'elsewhere', -1)).toBeNull()
  })

  it('name a file by its last part', () => {
    expect(['/tmp/x.sh', '/tmp/tools/', 'git', ''].map(subjectName)).toEqual(['x.sh', 'tools', 'git', ''])
  })
})

const agent: Thread = { key: 'a:1', stepCount: 50, children: [] }
const turns: Thread[] = [
  { key: 't:1', stepCount: 3, children: [{ at: 1, thread: agent }] },
  { key: 't:2', stepCount: 2000, children: [] },
]

describe('the rows of a chain', () => {
  it('are the steps themselves, or the innermost thread that is folded over them', () => {
    const open = layOut(turns, () => true)
    expect(rowOf(open, { key: 'a:1', step: 4 })).toEqual({ index: 7, isFolded: false })
    const folded = layOut(turns, (key) => key !== 'a:1')
    expect(rowOf(folded, { key: 'a:1', step: 4 })).toEqual({ index: 2, isFolded: true })
    const closed = layOut(turns, () => false)
    expect(rowOf(closed, { key: 'a:1', step: 4 })).toEqual({ index: 0, isFolded: true })
    expect(rowOf(closed, { key: 'a:2', step: 4 })).toBeNull()
  })

  it('say how far away a step is that is not drawn', () => {
    expect(distanceText(1300, { index: 96, isFolded: false }, false)).toBe('1,204 rows up')
    expect(distanceText(4, { index: 5, isFolded: false }, false)).toBe('1 row down')
    expect(distanceText(4, { index: 5, isFolded: false }, true)).toBe('')
    expect(distanceText(4, { index: 5, isFolded: true }, true)).toBe('folded')
    expect(distanceText(4, null, false)).toBe('')
  })

  it('are drawn in lanes of their own where they pass each other, and only those that pass what is seen', () => {
    const at = new Map([['a', 2], ['b', 9], ['c', 4], ['d', 30], ['e', 12], ['f', 15], ['g', 5000], ['h', 6000]])
    const rowOfLink = (id: string) => (at.has(id) ? { index: at.get(id) ?? 0, isFolded: false } : null)
    const placed = placeChains([chain('a', 'b'), chain('c', 'd'), chain('e', 'f'), chain('g', 'h'), chain('a', 'unknown')], rowOfLink, 0, 20, 2)
    expect(placed.map((each) => [each.chain.alertId, each.from, each.to, each.lane])).toEqual([['e,f', 12, 15, 0], ['a,b', 2, 9, 0], ['c,d', 4, 30, 1]])
    expect(placeChains([chain('a', 'g')], rowOfLink, 900, 920, 2)).toHaveLength(1)
  })
})
