// Areas for amounts: rectangles that fill a frame, each as large as its amount, as square as can be (Bruls, Huizing,
// van Wijk: squarified treemaps). Order is kept: the largest first, from the top left.

export interface Tile {
  x: number
  y: number
  width: number
  height: number
}

/** A tile for each amount; amounts are not negative and stand in falling order. */
export function tilesOf(amounts: readonly number[], width: number, height: number): Tile[] {
  const total = amounts.reduce((sum, each) => sum + each, 0)
  if (total <= 0 || width <= 0 || height <= 0) return amounts.map(() => ({ x: 0, y: 0, width: 0, height: 0 }))
  const scale = (width * height) / total
  const areas = amounts.map((each) => each * scale)
  const tiles: Tile[] = []
  const free = { x: 0, y: 0, width, height }
  let at = 0
  while (at < areas.length) {
    const side = Math.min(free.width, free.height)
    let end = at + 1
    let sum = areas[at] ?? 0
    while (end < areas.length && worst(areas, at, end + 1, sum + (areas[end] ?? 0), side) <= worst(areas, at, end, sum, side)) {
      sum += areas[end] ?? 0
      end += 1
    }
    layRow(tiles, areas.slice(at, end), sum, free)
    at = end
  }
  return tiles
}

/** The worst ratio of sides in a row of areas. */
function worst(areas: readonly number[], from: number, to: number, sum: number, side: number): number {
  const largest = areas[from] ?? 0
  const smallest = areas[to - 1] ?? 0
  if (sum <= 0 || smallest <= 0) return Number.POSITIVE_INFINITY
  const square = side * side
  return Math.max((square * largest) / (sum * sum), (sum * sum) / (square * smallest))
}

/** Lays a row along the shorter side and takes it off the free frame. */
function layRow(tiles: Tile[], row: readonly number[], sum: number, free: Tile): void {
  const isTall = free.width >= free.height
  const side = isTall ? free.height : free.width
  const depth = side <= 0 ? 0 : Math.min(sum / side, isTall ? free.width : free.height)
  let place = 0
  for (const area of row) {
    const length = sum <= 0 ? 0 : (area / sum) * side
    tiles.push(isTall ? { x: free.x, y: free.y + place, width: depth, height: length } : { x: free.x + place, y: free.y, width: length, height: depth })
    place += length
  }
  if (isTall) {
    free.x += depth
    free.width = Math.max(0, free.width - depth)
  } else {
    free.y += depth
    free.height = Math.max(0, free.height - depth)
  }
}
