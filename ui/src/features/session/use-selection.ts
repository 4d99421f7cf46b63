// The one selection that all views of a session share. It lives in the URL: the row's place for speed, the step's own
// key for ever. When late facts move the step, the selection moves with it and never jumps to another one.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { EventRecord } from '@/api/types'
import { eventKey, parseSelection, selectionText, type Selection, type SessionPlace } from './place'
import type { StepLookup } from './use-steps'

interface SelectionState {
  sessionId: string
  place: SessionPlace
  onPlace: (change: SessionPlace) => void
  step: StepLookup
  locate: (event: EventRecord | string, hint: Selection | null) => Promise<Selection | null>
  /** The selected step moved by so many rows because others came before it. */
  onMoved: (rows: number) => void
}

export function useSelectedPlace(place: SessionPlace): Selection | null {
  return useMemo(() => parseSelection(place.at), [place.at])
}

/** Keeps the place and the key of the selection in agreement; gives back how to select. */
export function useSelecting(selection: Selection | null, { sessionId, place, onPlace, step, locate, onMoved }: SelectionState) {
  const shown = selection && selection.step !== null ? step(selection.key, selection.step) : undefined
  const shownKey = shown ? eventKey(shown.event_id) : null
  const searching = useRef<string | null>(null)
  // While a moved step is looked for, its details stay as they were.
  const isInPlace = shown !== undefined && (place.step === undefined || shownKey === place.step)
  const [kept, setKept] = useState<EventRecord | undefined>(undefined)
  if (isInPlace && kept !== shown) setKept(shown)
  const isKept = kept !== undefined && place.step !== undefined && eventKey(kept.event_id) === place.step

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
      .then((found) => {
        if (found && selection && found.key === selection.key && found.step !== null && selection.step !== null) onMoved(found.step - selection.step)
        onPlace(found ? { at: selectionText(found), step: found.step === null ? undefined : sought } : { step: undefined })
      })
      // A link to a step that is not there opens the session itself.
      .catch(() => onPlace({ step: undefined }))
      .finally(() => {
        searching.current = null
      })
  }, [place.step, shownKey, selection, sessionId, locate, onPlace, onMoved])

  const select = useCallback(
    (next: Selection | null): void => {
      const event = next && next.step !== null ? step(next.key, next.step) : undefined
      onPlace({ at: next ? selectionText(next) : undefined, step: event ? eventKey(event.event_id) : undefined })
    },
    [step, onPlace],
  )
  return { select, shown: isInPlace ? shown : isKept ? kept : undefined }
}
