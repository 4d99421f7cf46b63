// A session: what it did, when, and what it cost. This file holds the page's state together; each view draws a part.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { ApiError } from '@/api/client'
import { trace as traceQuery } from '@/api/queries'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import type { SessionPlace } from './place'
import { SessionView } from './view'

interface SessionPageProps {
  sessionId: string
  place: SessionPlace
  onPlace: (change: SessionPlace) => void
}

export function SessionPage({ sessionId, place, onPlace }: SessionPageProps) {
  const answer = useQuery(traceQuery(sessionId))
  // A step is looked for in the background: found late, it must not bring one back who has gone on.
  const isHere = useRef(true)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])
  const placeWhileHere = useCallback(
    (change: SessionPlace): void => {
      if (isHere.current) onPlace(change)
    },
    [onPlace],
  )
  if (answer.data) return <SessionView trace={answer.data} place={place} onPlace={placeWhileHere} />
  if (answer.isPending) return <SkeletonRows count={20} />
  if (answer.error instanceof ApiError && answer.error.status === 404) {
    return (
      <Empty title="No such session is here.">
        <p className="agent-text break-all">{sessionId}</p>
        <p className="mt-2">
          If it ran on this machine, <ShellCommand>argus import</ShellCommand> brings in what its transcript holds.
        </p>
      </Empty>
    )
  }
  return <Failure error={answer.error} onRetry={() => void answer.refetch()} />
}
