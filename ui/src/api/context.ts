// What an agent's context was made of, and what each tool result cost for as long as it stayed in it.
import { queryOptions } from '@tanstack/react-query'
import { get, withParameters } from './client'
import type { Context } from './types'

/** `event`: a tool call of the agent, whose own figures are wanted. */
export function sessionContext(sessionId: string, agent: string, event = '') {
  return queryOptions({
    queryKey: ['session', sessionId, 'context', agent, event],
    queryFn: ({ signal }) => get<Context>(withParameters(`/sessions/${encodeURIComponent(sessionId)}/context`, { agent, event }), signal),
  })
}
