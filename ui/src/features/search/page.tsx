// The search page: where was that? Every prompt, input, output and error that holds the words, newest first, each a
// step with the words marked.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiError } from '@/api/client'
import { searchPages } from '@/api/catalogue'
import type { SearchHit, SearchPage as Page } from '@/api/types'
import { useKeys } from '@/components/keys'
import { Empty, Failure, SkeletonRows } from '@/components/states'
import { countExact, sizeText } from '@/lib/count'
import { shareText } from '@/lib/share'
import { momentExact, stampText } from '@/lib/time'
import { QueryHelp } from './help'
import { HitList, keyOf } from './hits'

export interface SearchPlace {
  q?: string | undefined
  hit?: string | undefined
}

interface SearchPageProps {
  place: SearchPlace
  onPlace: (change: SearchPlace) => void
}

const TYPING_PAUSE_MS = 200

export function SearchPage({ place, onPlace }: SearchPageProps) {
  const q = place.q ?? ''
  const navigate = useNavigate()
  const input = useRef<HTMLInputElement>(null)
  const answer = useInfiniteQuery({ ...searchPages(q), enabled: q !== '' })
  const { fetchNextPage } = answer
  const load = useCallback(() => void fetchNextPage(), [fetchNextPage])
  const hits = useMemo(() => (q === '' ? [] : (answer.data?.pages.flatMap((page) => page.hits) ?? [])), [q, answer.data])
  const last = answer.data?.pages.at(-1)
  useEffect(() => {
    if (q === '') input.current?.focus()
  }, [q])
  useKeys([{ keys: ['/'], label: 'The words to search for', group: 'Search', run: () => input.current?.select() }])

  const open = (hit: SearchHit): void => {
    const id = hit.event_id
    void navigate({ to: '/sessions/$sessionId', params: { sessionId: hit.session_id }, search: { step: id === null ? undefined : id.slice(id.indexOf('~') + 1) } })
  }
  const refusal = answer.error instanceof ApiError && answer.error.status === 400 ? answer.error : null
  return (
    <>
      <div className="shrink-0 border-b border-line px-4 py-2">
        <h1 className="sr-only">Search</h1>
        <QueryBox inputRef={input} q={q} onQuery={(next) => onPlace({ q: next, hit: undefined })} />
        <div className="mt-1 min-h-5 text-muted" role="status">
          {refusal ? (
            <span className="text-bad">
              <span aria-hidden="true">✕ </span>
              {refusal.message} <span className="text-muted">{refusal.hint}</span>
            </span>
          ) : (
            q !== '' && last && !answer.isPlaceholderData && <Outcome hits={hits.length} last={last} hasMore={answer.hasNextPage} />
          )}
        </div>
      </div>
      {q === '' ? (
        <QueryHelp onExample={(example) => onPlace({ q: example, hit: undefined })} />
      ) : answer.isError && !refusal && hits.length === 0 ? (
        <Failure error={answer.error} onRetry={() => void answer.refetch()} />
      ) : refusal ? (
        <QueryHelp onExample={(example) => onPlace({ q: example, hit: undefined })} />
      ) : answer.isPending ? (
        <SkeletonRows count={10} />
      ) : hits.length === 0 ? (
        <NoHits isComplete={last?.is_complete !== false} onMore={answer.hasNextPage ? load : null} />
      ) : (
        <HitList
          hits={hits}
          chosen={place.hit ?? null}
          onChoose={(hit) => onPlace({ hit: hit ? keyOf(hit) : undefined })}
          onOpen={open}
          more={{ has: answer.hasNextPage, isLoading: answer.isFetchingNextPage || answer.isPlaceholderData, load }}
        />
      )}
    </>
  )
}

interface QueryBoxProps {
  inputRef: { current: HTMLInputElement | null }
  q: string
  onQuery: (q: string | undefined) => void
}

function QueryBox({ inputRef, q, onQuery }: QueryBoxProps) {
  const [text, setText] = useState(q)
  const [shown, setShown] = useState(q)
  const [isTyping, setTyping] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // The URL changed by itself (an example, back): follow it, but never under someone's fingers.
  if (shown !== q) {
    setShown(q)
    if (!isTyping || q.trim() !== text.trim()) setText(q)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const go = (next: string): void => {
    clearTimeout(timer.current)
    onQuery(next.trim() === '' ? undefined : next.trim())
  }
  return (
    <input
      ref={inputRef}
      type="search"
      aria-label="Search in everything"
      placeholder='Words, "a phrase", tool:Bash, is:error, cost:>0.10   /'
      spellCheck={false}
      autoCapitalize="off"
      value={text}
      onFocus={() => setTyping(true)}
      onBlur={() => setTyping(false)}
      onChange={(event) => {
        const next = event.target.value
        setText(next)
        clearTimeout(timer.current)
        timer.current = setTimeout(() => go(next), TYPING_PAUSE_MS)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') {
          go(text)
          event.currentTarget.blur()
        }
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
      className="h-9 w-full max-w-[880px] rounded-md border border-edge bg-ground px-3 font-mono text-14 placeholder:font-sans placeholder:text-faint"
    />
  )
}

function Outcome({ hits, last, hasMore }: { hits: number; last: Page; hasMore: boolean }) {
  const { index } = last
  const missing = index.total_bytes - index.indexed_bytes
  return (
    <>
      {hits === 0 ? 'Nothing found' : `${hasMore ? 'the newest ' : ''}${countExact(hits)} ${hits === 1 ? 'step' : 'steps'}`}
      {last.searched_back_to !== null && !last.is_complete && <span title={momentExact(last.searched_back_to)}>; searched back to {stampText(last.searched_back_to)}, it took too long to go on at once</span>}
      {missing > 0 && index.total_bytes > 0 && (
        <span className="text-wait" title={`${sizeText(index.indexed_bytes)} of ${sizeText(index.total_bytes)}`}>
          ; {shareText(index.indexed_bytes, index.total_bytes)} of what was captured can be searched by now, the rest is being read
        </span>
      )}
    </>
  )
}

function NoHits({ isComplete, onMore }: { isComplete: boolean; onMore: (() => void) | null }) {
  return (
    <Empty title={isComplete ? 'No step holds all of these words.' : 'Nothing among the newest.'}>
      {onMore ? (
        <button type="button" className="text-accent hover:underline" onClick={onMore}>
          Search further back
        </button>
      ) : (
        <p>Words match from their beginning with a star: auth* finds authenticate. Fewer words find more.</p>
      )}
    </Empty>
  )
}
