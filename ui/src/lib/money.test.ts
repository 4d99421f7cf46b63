import { describe, expect, it } from 'vitest'
import { addCosts, usdExact, usdFigure, usdText } from './money'

describe('money', () => {
  it('is short on the page and carries the mark of its basis', () => {
    expect(usdText(3.17, 'reported')).toBe('$3.17')
    expect(usdText(0.42, 'priced')).toBe('~$0.42')
    expect(usdText(0.031, 'priced')).toBe('~$0.031')
    expect(usdText(12.4, 'incomplete')).toBe('≥$12.40')
    expect(usdText(0.0000003, 'priced')).toBe('~<$0.001')
    expect(usdText(1234.5, 'reported')).toBe('$1,234.50')
    expect(usdText(0, 'priced')).toBe('~$0.00')
  })

  it('never shows an unknown amount as zero', () => {
    expect(usdText(null, 'unpriced')).toBe('–')
    expect(usdExact(null, 'unpriced')).toBe('cost unknown: no price is known for the model')
  })

  it('keeps the places of a column and says when an amount is smaller than they show', () => {
    expect(usdFigure(0.0314, 3)).toBe('0.031')
    expect(usdFigure(0.0001, 3)).toBe('<0.001')
    expect(usdFigure(0, 3)).toBe('0.000')
    expect(usdFigure(123456.7)).toBe('123,457')
  })

  it('has every digit on demand', () => {
    expect(usdExact(0.028123456789, 'priced')).toContain('$0.028123456789')
    expect(usdExact(0.1 + 0.2, 'reported')).toBe('$0.30, reported by Claude Code')
    expect(usdExact(3, 'reported')).toBe('$3.00, reported by Claude Code')
  })

  it('adds to a lower bound where a part is unknown, and to unknown where all are', () => {
    expect(addCosts([{ cost_usd: 1, cost_basis: 'reported' }, { cost_usd: null, cost_basis: 'unpriced' }])).toEqual({
      cost_usd: 1,
      cost_basis: 'incomplete',
    })
    expect(addCosts([{ cost_usd: null, cost_basis: 'unpriced' }])).toEqual({ cost_usd: null, cost_basis: 'unpriced' })
    expect(addCosts([{ cost_usd: 1, cost_basis: 'reported' }, { cost_usd: 2, cost_basis: 'priced' }])).toEqual({
      cost_usd: 3,
      cost_basis: 'priced',
    })
    expect(addCosts([])).toEqual({ cost_usd: 0, cost_basis: 'reported' })
  })
})
