import { describe, expect, it } from 'vitest'
import { seeded } from '../testing/random'
import { tilesOf } from './treemap'

describe('treemap tiles', () => {
  it('have the area of their amounts, stay in the frame and cover it without overlap', () => {
    const random = seeded(7)
    for (let round = 0; round < 60; round += 1) {
      const amounts = Array.from({ length: 1 + Math.floor(random() * 40) }, () => random() ** 4 * 100 + 1e-6).sort((a, b) => b - a)
      const total = amounts.reduce((sum, each) => sum + each, 0)
      const [width, height] = [100 + random() * 900, 100 + random() * 500]
      const tiles = tilesOf(amounts, width, height)
      expect(tiles).toHaveLength(amounts.length)
      for (const [at, tile] of tiles.entries()) {
        expect((tile.width * tile.height) / (width * height)).toBeCloseTo((amounts[at] ?? 0) / total, 6)
        expect(tile.x + tile.width).toBeLessThanOrEqual(width + 1e-6)
        expect(tile.y + tile.height).toBeLessThanOrEqual(height + 1e-6)
        for (const other of tiles.slice(0, at)) {
          const apart = tile.x >= other.x + other.width - 1e-6 || other.x >= tile.x + tile.width - 1e-6 || tile.y >= other.y + other.height - 1e-6 || other.y >= tile.y + tile.height - 1e-6
          expect(apart).toBe(true)
        }
      }
    }
  })
  it('are nothing for nothing', () => {
    expect(tilesOf([], 100, 100)).toEqual([])
    expect(tilesOf([0, 0], 100, 100).every((tile) => tile.width === 0)).toBe(true)
    expect(tilesOf([3, 0], 100, 100)[0]).toEqual({ x: 0, y: 0, width: 100, height: 100 })
  })
})
