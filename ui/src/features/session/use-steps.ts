// The steps that are in sight, fetched in windows of 200. Windows scrolled past before they arrive are given up.
import { useQueries, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { eventDetails, stepWindow, WINDOW_SIZE } from '@/api/queries'
import type { EventPage, EventRecord } from '@/api/types'
import { locateStep } from '@/lib/locate'
import { windowsOf, type Layout } from '@/lib/outline'
import { momentMs } from '@/lib/time'
import type { Selection } from './place'
import { addressOf, threadKeyOf, type Threads } from './threads'

/** Rows fetched beyond what is seen, so that slow scrolling never shows a gap. */
const AHEAD = 40

export type StepLookup = (key: string, step: number) => EventRecord | undefined

export interface Steps {
  step: StepLookup
  error: Error | null
}

export function useSteps(sessionId: string, layout: Layout, visible: { first: number; last: number }, selection: Selection | null): Steps {
  const wanted = useMemo(() => {
    const found = windowsOf(layout, visible.first - AHEAD, visible.last + AHEAD, WINDOW_SIZE).map(({ thread, window }) => ({ key: thread.key, window }))
    if (selection && selection.step !== null) {
      const window = Math.floor(selection.step / WINDOW_SIZE)
      if (!found.some((each) => each.key === selection.key && each.window === window)) found.push({ key: selection.key, window })
    }
    return found
  }, [layout, visible.first, visible.last, selection])

  const combine = useCallback(
    (results: Array<UseQueryResult<EventPage>>) => {
      const pages = new Map<string, readonly EventRecord[]>()
      for (const [at, result] of results.entries()) {
        const each = wanted[at]
        if (each && result.data) pages.set(`${each.key} ${each.window}`, result.data.events)
      }
      return { pages, error: results.find((result) => result.error)?.error ?? null }
    },
    [wanted],
  )
  const { pages, error } = useQueries({
    queries: wanted.map(({ key, window }) => stepWindow(sessionId, addressOf(key), window)),
    combine,
  })
  const step = useCallback<StepLookup>(
    (key, step) => pages.get(`${key} ${Math.floor(step / WINDOW_SIZE)}`)?.[step % WINDOW_SIZE],
    [pages],
  )
  return { step, error }
}

/** Finds the row of an event, or of an event's id. */
export function useLocate(sessionId: string, threads: Threads): (event: EventRecord | string, hint: Selection | null) => Promise<Selection | null> {
  const client = useQueryClient()
  return useCallback(
    async (sought, hint) => {
      const event = typeof sought === 'string' ? (await client.fetchQuery(eventDetails(sought))).event : sought
      const key = threadKeyOf(event)
      const thread = threads.byKey.get(key)
      if (!thread) return null
      const step = await locateStep(
        { id: event.event_id, atMs: momentMs(event.started_at) },
        {
          count: thread.stepCount,
          windowSize: WINDOW_SIZE,
          hint: hint?.key === key ? hint.step : null,
          load: async (window) => {
            const page = await client.fetchQuery(stepWindow(sessionId, addressOf(key), window))
            return page.events.map((each) => ({ id: each.event_id, atMs: momentMs(each.started_at) }))
          },
        },
      )
      return { key, step }
    },
    [client, sessionId, threads],
  )
}
