// What came with old transcripts: it asks for nothing, and is dealt with at once.
import { useState } from 'react'
import { useActOnPast } from '@/api/alerts'
import type { OpenAlerts } from '@/api/types'
import { useSay } from '@/components/notices'
import { ResolveDialog } from '@/components/triage-dialogs'
import { counted } from '@/lib/count'
import { countAtLeast, severityWords } from '@/lib/severity'

const ACTION = 'whitespace-nowrap text-accent hover:underline'

export function Past({ counts, isShown, onShow }: { counts: OpenAlerts; isShown: boolean; onShow: () => void }) {
  const [isAsking, setAsking] = useState(false)
  const act = useActOnPast()
  const say = useSay()
  const run = (request: { action: 'acknowledge' } | { action: 'resolve'; reason: string }): void => {
    setAsking(false)
    act(request)
      .then(({ changed_count: count }) => say({ text: `${request.action === 'resolve' ? 'Resolved' : 'Acknowledged'}: ${counted(count, 'past alert')}` }))
      .catch((cause: unknown) => say({ tone: 'bad', text: `Not changed: ${cause instanceof Error ? cause.message : String(cause)}` }))
  }
  const count = countAtLeast(counts, 'info')
  return (
    <div role="group" aria-label="Past alerts" className="flex shrink-0 flex-wrap items-baseline gap-x-3 border-b border-line px-4 py-1 text-12 text-muted">
      <span title={severityWords(counts)}>{counted(count, 'past alert')} from before Argus watched {count === 1 ? 'is' : 'are'} open; nobody was told.</span>
      {isShown ? (
        <>
          <button type="button" className={ACTION} onClick={() => run({ action: 'acknowledge' })}>
            acknowledge all past
          </button>
          <button type="button" className={ACTION} onClick={() => setAsking(true)}>
            resolve all past
          </button>
        </>
      ) : (
        <button type="button" className={ACTION} onClick={onShow}>
          show them
        </button>
      )}
      {isAsking && <ResolveDialog subject={counted(count, 'past alert')} onResolve={(reason) => run({ action: 'resolve', reason })} onClose={() => setAsking(false)} />}
    </div>
  )
}
