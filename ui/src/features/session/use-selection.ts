// The one selection that all views of a session share. It lives in the URL: the row's place for speed, the step's own
// key for ever. When late facts move the step, the selection moves with it and never jumps to another one.
import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { EventRecord } from '@/api/types'
import { eventKey, parseSelection, selectionText, type Selection, type SessionPlace } from './place'
import type { StepLookup } from './use-steps'

interface SelectionState {
  sessionId: string
  place: SessionPlace
  onPlace: (change: SessionPlace) => void
  step: StepLookup
  locate: (event: EventRecord | string, hint: Selection | null) => Promise<Selection | null>
}

export function useSelectedPlace(place: SessionPlace): Selection | null {
  return useMemo(() => parseSelection(place.at), [place.at])
}

/** Keeps the place and the key of the selection in agreement; gives back how to select. */
export function useSelecting(selection: Selection | null, { sessionId, place, onPlace, step, locate }: SelectionState) {
  const shown = selection && selection.step !== null ? step(selection.key, selection.step) : undefined
  const shownKey = shown ? eventKey(shown.event_id) : null
  const searching = useRef<string | null>(null)

  useEffect(() => {
    if (place.step === undefined) {
      // Selected before it was loaded: now its key is known.
      if (shownKey !== null) onPlace({ step: shownKey })
      return
    }
    const isElsewhere = shownKey !== null && shownKey !== place.step
    const isUnplaced = selection === null
    if (!(isElsewhere || isUnplaced) || searching.current === place.step) return
    const sought = place.step
    searching.current = sought
    void locate(`${sessionId}~${sought}`, selection)
      .then((found) => onPlace(found ? { at: selectionText(found), step: found.step === null ? undefined : sought } : { step: undefined }))
      // A link to a step that is not there opens the session itself.
      .catch(() => onPlace({ step: undefined }))
      .finally(() => {
        searching.current = null
      })
  }, [place.step, shownKey, selection, sessionId, locate, onPlace])

  const select = useCallback(
    (next: Selection | null): void => {
      const event = next && next.step !== null ? step(next.key, next.step) : undefined
      onPlace({ at: next ? selectionText(next) : undefined, step: event ? eventKey(event.event_id) : undefined })
    },
    [step, onPlace],
  )
  return { select, shown }
}
