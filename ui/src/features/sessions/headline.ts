// The question of the sessions list, answered in words: what runs, what waits for me, what did it cost.
import type { ProjectRecord, SessionRecord } from '@/api/types'
import { addCosts, type CostPart } from '@/lib/money'

export interface Headline {
  runningCount: number
  /** More run than were asked for. */
  hasMoreRunning: boolean
  waiting: SessionRecord[]
  /** What the sessions cost; `isPartial` when more of them are not loaded yet. */
  cost: CostPart
  sessionCount: number
  isPartial: boolean
}

interface Known {
  running: readonly SessionRecord[]
  hasMoreRunning: boolean
  waiting: readonly SessionRecord[]
  loaded: readonly SessionRecord[]
  hasMore: boolean
  /** Sums over all time, by project: exact where no other filter stands. */
  projects: readonly ProjectRecord[] | null
}

export function headline({ running, hasMoreRunning, waiting, loaded, hasMore, projects }: Known): Headline {
  const answer = { runningCount: running.length, hasMoreRunning, waiting: [...waiting] }
  if (projects !== null) {
    return {
      ...answer,
      cost: addCosts(projects.filter((each) => each.cost_basis !== null)),
      sessionCount: projects.reduce((sum, each) => sum + each.session_count, 0),
      isPartial: false,
    }
  }
  // A session whose use nobody could tell of makes no lower bound of those that are known.
  const cost = addCosts(loaded.filter((each) => each.cost_basis !== null))
  const isLowerBound = hasMore && cost.cost_usd !== null
  return {
    ...answer,
    cost: isLowerBound ? { ...cost, cost_basis: 'incomplete' } : cost,
    sessionCount: loaded.length,
    isPartial: hasMore,
  }
}
