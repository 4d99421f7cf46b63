// The overview's question, is all well, answered in one sentence: what it costs against the usual, what waits, what is
// dangerous, whether capture works. The parts that are not well come with a grade.
import type { OpenAlerts, OverviewRecord } from '@/api/types'
import { countAtLeast, severityWords } from '@/lib/severity'
import { againstUsual } from '@/lib/share'

export interface Answer {
  /** Money against the usual: `3.1x a usual Sunday by this time`; null when no usual is known. */
  usual: string | null
  waitingCount: number
  alertCount: number
  alertWords: string
  isCaptureHealthy: boolean
  isAllWell: boolean
}

/** `open` is null while it is not known. */
export function answerOf(overview: OverviewRecord, open: OpenAlerts | null, weekday: string): Answer {
  const alertCount = open ? countAtLeast(open) : 0
  const against = againstUsual(overview.today.cost_usd, overview.usual.cost_usd, weekday)
  const waitingCount = overview.waiting.length
  const isCaptureHealthy = overview.capture.is_healthy
  return {
    usual: against === null ? null : `${against} by this time`,
    waitingCount,
    alertCount,
    alertWords: open ? severityWords(open, 'medium') : '',
    isCaptureHealthy,
    isAllWell: open !== null && waitingCount === 0 && alertCount === 0 && isCaptureHealthy,
  }
}
