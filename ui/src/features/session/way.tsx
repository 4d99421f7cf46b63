// Who led to a step or an agent: the turn, then each agent down to it.
import { AgentLine } from '@/components/agent-text'
import { threadName, threadWords, type Place } from './threads'

/** The last one with what it was asked for; each leads to its row. */
export function Way({ way, onThread }: { way: readonly Place[]; onThread: (key: string) => void }) {
  const last = way.at(-1)
  return (
    <>
      <span className="flex flex-wrap items-baseline gap-x-1">
        {way.map(({ key, about }, at) => (
          <span key={key} className="flex min-w-0 items-baseline gap-x-1">
            {at > 0 && <span className="text-faint" aria-label="started">›</span>}
            <button type="button" className="flex min-w-0 text-left text-accent hover:underline" title={threadWords(about)} onClick={() => onThread(key)}>
              <AgentLine text={threadName(about)} className="!font-sans !text-12" />
            </button>
          </span>
        ))}
      </span>
      {last?.about.kind === 'agent' && <AgentLine text={threadWords(last.about)} className="!font-sans !text-12 text-muted" />}
    </>
  )
}
