// The sessions page: what runs, what waits for me, what did it cost; then every session, to dig.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useCallback, useMemo, useState, type ReactNode } from 'react'
import { projectList, sessionPages, sessionsInState } from '@/api/queries'
import { reconciliationTotals } from '@/api/reconciliation'
import { AgentLine } from '@/components/agent-text'
import { Explained } from '@/components/explained'
import { ExactUsd } from '@/components/figure'
import { Empty, Failure, ShellCommand, SkeletonRows } from '@/components/states'
import { countText } from '@/lib/count'
import { DEFAULT_RANGE, rangeBounds, rangeWords } from '@/lib/range'
import { folderName } from '@/lib/text'
import { ColumnMenu, rememberedColumns, rememberColumns } from './column-menu'
import { headline, type Headline } from './headline'
import { SessionTable } from './table'

export interface ListFilter {
  project?: string | undefined
  range?: string | undefined
  q?: string | undefined
  status?: string | undefined
}

interface SessionsPageProps {
  filter: ListFilter
  onFilter: (change: ListFilter) => void
}

const STATES = ['running', 'waiting', 'idle', 'ended', 'lost'] as const

export function SessionsPage({ filter, onFilter }: SessionsPageProps) {
  const { project, q, status } = filter
  const range = filter.range ?? DEFAULT_RANGE
  // Counted from when the page was opened, so that the same question keeps its answer.
  const [openedAt] = useState(() => Date.now())
  const bounds = useMemo(() => rangeBounds(range, openedAt) ?? {}, [range, openedAt])
  const asked = useMemo(() => ({ project, q, status, ...bounds }), [project, q, status, bounds])
  const pages = useInfiniteQuery(sessionPages(asked))
  const running = useQuery(sessionsInState({ project, status: 'running' }))
  const waiting = useQuery(sessionsInState({ project, status: 'waiting' }))
  const projects = useQuery(projectList())
  // The words and states that one looks for here are not asked about money.
  const reported = useQuery({ ...reconciliationTotals({ project, ...bounds }), enabled: q === undefined && status === undefined })
  const [hidden, setHidden] = useState(rememberedColumns)

  const sessions = useMemo(() => pages.data?.pages.flatMap((page) => page.sessions) ?? [], [pages.data])
  const { fetchNextPage } = pages
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage])
  const isWholeStore = range === DEFAULT_RANGE && q === undefined && status === undefined
  const answer = headline({
    running: running.data?.sessions ?? [],
    hasMoreRunning: (running.data?.next_cursor ?? null) !== null,
    waiting: waiting.data?.sessions ?? [],
    loaded: sessions,
    hasMore: pages.hasNextPage,
    projects: isWholeStore && projects.data ? projects.data.projects.filter((each) => project === undefined || each.project === project) : null,
  })

  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2">
        <h1 className="sr-only">Sessions</h1>
        <div className="min-h-6 min-w-0 flex-1 basis-[420px] text-16">
          {pages.data && running.data && waiting.data && <Answer answer={answer} range={range} explained={reported.data && q === undefined && status === undefined && <Explained totals={reported.data} of="among them" project={project} range={filter.range} />} />}
        </div>
        <StateFilter chosen={status} onChoose={(next) => onFilter({ status: next })} />
        {q !== undefined && <FilterMark text={`“${q}”`} onRemove={() => onFilter({ q: undefined })} />}
        {project !== undefined && <FilterMark text={folderName(project)} onRemove={() => onFilter({ project: undefined })} />}
        <ColumnMenu
          hidden={hidden}
          onChange={(next) => {
            setHidden(next)
            rememberColumns(next)
          }}
        />
      </div>
      {pages.isError && sessions.length === 0 ? (
        <Failure error={pages.error} onRetry={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <SkeletonRows count={16} />
      ) : sessions.length === 0 ? (
        <NoSessions isFiltered={status !== undefined || q !== undefined || project !== undefined || range !== DEFAULT_RANGE} onClear={() => onFilter({ status: undefined, q: undefined, project: undefined, range: undefined })} />
      ) : (
        <SessionTable sessions={sessions} hasMore={pages.hasNextPage} isLoadingMore={pages.isFetchingNextPage} onMore={onMore} hidden={hidden} />
      )}
    </>
  )
}

const WAITING_SHOWN = 2

function Answer({ answer, range, explained }: { answer: Headline; range: string; explained: ReactNode }) {
  const rest = answer.waiting.length - WAITING_SHOWN
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <span>
        {answer.runningCount === 0 ? 'Nothing runs' : `${answer.runningCount}${answer.hasMoreRunning ? ' or more' : ''} running`},{' '}
        {answer.waiting.length === 0 ? 'nothing waits for you' : (
          <span className="text-wait">
            <span aria-hidden="true">◆ </span>
            {answer.waiting.length} {answer.waiting.length === 1 ? 'waits' : 'wait'} for you
          </span>
        )}
        {answer.waiting.length > 0 ? ':' : answer.sessionCount > 0 ? ';' : '.'}
      </span>
      {answer.waiting.slice(0, WAITING_SHOWN).map((session) => (
        <Link
          key={session.session_id}
          to="/sessions/$sessionId"
          params={{ sessionId: session.session_id }}
          className="inline-flex max-w-[420px] min-w-0 items-baseline gap-1 text-13 text-accent hover:underline"
        >
          <AgentLine text={session.waiting_for?.text ?? session.title ?? session.session_id} />
          {session.project_name && <span className="shrink-0 text-muted">in {session.project_name}</span>}
        </Link>
      ))}
      {rest > 0 && <span className="text-13 text-muted">and {rest} more</span>}
      {answer.sessionCount > 0 && <span>
        <ExactUsd amount={answer.cost.cost_usd} basis={answer.cost.cost_basis} />{' '}
        <span className="text-13 text-muted">
          over {answer.isPartial ? `the newest ${answer.sessionCount}` : countText(answer.sessionCount)}{' '}
          {answer.sessionCount === 1 ? 'session' : 'sessions'}, {rangeWords(range)}
        </span>
      </span>}
      {explained}
    </p>
  )
}

function StateFilter({ chosen, onChoose }: { chosen: string | undefined; onChoose: (status: string | undefined) => void }) {
  const look = (isChosen: boolean): string =>
    `h-6 rounded-md px-2 ${isChosen ? 'bg-selected text-ink' : 'text-muted hover:bg-hover hover:text-ink'}`
  return (
    <div role="group" aria-label="State" className="flex flex-wrap text-12">
      <button type="button" aria-pressed={chosen === undefined} className={look(chosen === undefined)} onClick={() => onChoose(undefined)}>
        all
      </button>
      {STATES.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={chosen === state}
          className={look(chosen === state)}
          onClick={() => onChoose(chosen === state ? undefined : state)}
        >
          {state}
        </button>
      ))}
    </div>
  )
}

function FilterMark({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <button type="button" onClick={onRemove} title="Remove this filter" className="flex h-6 max-w-48 items-center gap-1 rounded-md border border-edge px-2 text-12 hover:bg-hover">
      <AgentLine text={text} />
      <span aria-hidden="true">✕</span>
    </button>
  )
}

function NoSessions({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered) {
    return (
      <Empty title="No session matches.">
        <button type="button" className="text-accent hover:underline" onClick={onClear}>
          Show all sessions
        </button>
      </Empty>
    )
  }
  return (
    <Empty title="No sessions yet.">
      <p>
        Start Claude Code in any project: the session shows here as it runs. Sessions from before come in with{' '}
        <ShellCommand>argus import</ShellCommand>.
      </p>
      <p className="mt-2">
        Nothing shows although Claude Code runs?{' '}
        <Link to="/capture" className="text-accent underline">
          Capture
        </Link>{' '}
        says what is missing, and so does <ShellCommand>argus doctor</ShellCommand>.
      </p>
    </Empty>
  )
}
