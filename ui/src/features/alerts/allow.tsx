// The narrowest exception that would have allowed this: to be copied, held against all that is stored, and added to
// rules.toml by a person, with a reason and an end.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { addExceptions } from '@/api/alerts'
import { backtestStatus, orderBacktest } from '@/api/backtest'
import type { Allowance, BacktestStatus } from '@/api/types'
import { useSay } from '@/components/notices'
import { counted, countExact } from '@/lib/count'

const BUTTON = 'h-7 rounded-md border border-edge px-2 text-12 hover:bg-hover disabled:text-faint disabled:hover:bg-transparent'

export function Allow({ allowance }: { allowance: Allowance }) {
  const [text, setText] = useState(allowance.text)
  const [reason, setReason] = useState('')
  const [isOpen, setOpen] = useState(false)
  const say = useSay()
  const client = useQueryClient()
  const trial = useTrial()
  const written = withReason(text, reason)
  const add = useMutation({
    mutationFn: addExceptions,
    onSuccess: () => {
      say({ text: 'Added to rules.toml: calls from now on go by it. What was raised stays.' })
      void client.invalidateQueries({ queryKey: ['rules'] })
      setOpen(false)
    },
  })
  return (
    <section aria-label="Allow this" className="mb-4">
      <h3 className="border-b border-line pb-0.5 text-12 font-normal text-muted">allow exactly this from now on</h3>
      {!isOpen ? (
        <p className="mt-1.5">
          <button type="button" className={BUTTON} aria-expanded={false} onClick={() => setOpen(true)}>
            Write an exception
          </button>
        </p>
      ) : (
        <div className="mt-1.5 flex max-w-[72ch] flex-col gap-2">
          {!allowance.is_exact && <p className="text-medium">△ A part of it was masked: a * stands there and fits any text. Narrow it if you can.</p>}
          <label className="flex items-center gap-2">
            <span className="shrink-0 text-muted">because</span>
            <input value={reason} maxLength={500} placeholder="why this is fine, for whoever reads it later" onChange={(event) => setReason(event.target.value)} className="h-7 min-w-0 flex-1 rounded-md border border-edge bg-ground px-2 placeholder:text-faint" />
          </label>
          <textarea
            aria-label="Entry of rules.toml"
            spellCheck={false}
            autoCapitalize="off"
            rows={Math.min(12, written.split('\n').length)}
            value={written}
            onChange={(event) => {
              setText(event.target.value)
              setReason('')
            }}
            className="block w-full resize-y rounded-md border border-edge bg-ground p-2 font-mono text-12"
          />
          <div className="flex flex-wrap gap-1.5">
            <button type="button" className={`${BUTTON} border-accent`} disabled={!hasReason(written) || add.isPending} title={hasReason(written) ? undefined : 'Say why first'} onClick={() => add.mutate(written)}>
              Add to rules.toml
            </button>
            <button type="button" className={BUTTON} disabled={trial.status?.phase === 'judging'} onClick={() => trial.begin(hasReason(written) ? written : withReason(written, 'tried out'))}>
              Try on all that is stored
            </button>
            <button type="button" className={BUTTON} onClick={() => void navigator.clipboard.writeText(written).then(() => say({ text: 'Copied' }))}>
              Copy
            </button>
          </div>
          {add.error && (
            <p className="text-bad" role="alert">
              ✕ {add.error.message}
            </p>
          )}
          <Outcome trial={trial} />
        </div>
      )}
    </section>
  )
}

const REASON = /^reason = .*$/m

/** The entry with this reason in the place of the one that stands there. */
function withReason(text: string, reason: string): string {
  return reason === '' ? text : text.replace(REASON, () => `reason = ${JSON.stringify(reason)}`)
}

function hasReason(text: string): boolean {
  return !/^reason = ""/m.test(text)
}

interface Trial {
  status: BacktestStatus | null
  error: Error | null
  begin: (text: string) => void
}

/** A back-test of the entry; another one that was begun since takes its place. */
function useTrial(): Trial {
  const client = useQueryClient()
  const [orderNo, setOrderNo] = useState<number | null>(null)
  const answer = useQuery({ ...backtestStatus(), enabled: orderNo !== null })
  const order = useMutation({
    mutationFn: (text: string) => orderBacktest({ text }),
    onSuccess: (status) => {
      setOrderNo(status.order_no)
      client.setQueryData(backtestStatus().queryKey, status)
    },
  })
  const last = orderNo === null || answer.data?.order_no !== orderNo ? null : answer.data
  return { status: last, error: order.error ?? answer.error, begin: (text) => order.mutate(text) }
}

function Outcome({ trial: { status, error } }: { trial: Trial }) {
  if (error) return <p className="text-bad">✕ {error.message}</p>
  if (!status) return null
  const gone = status.found?.rules.reduce((sum, rule) => sum + rule.gone, 0) ?? 0
  const stays = status.found?.rules.reduce((sum, rule) => sum + rule.count, 0) ?? 0
  return (
    <p role="status" aria-label="Back-test">
      {status.problems.map((problem) => `Line ${problem.line}: ${problem.message}; ${problem.hint}. `)}
      {status.phase === 'judging' && <span className="text-muted">Judging all that is stored …</span>}
      {status.phase === 'failed' && <span className="text-bad">✕ What is stored cannot be judged: {status.error}</span>}
      {status.phase === 'done' && status.found && (
        <>
          {counted(gone, 'call')} of {countExact(status.found.call_count)} would be raised no more, {countExact(stays)} of the rule would be as before.
        </>
      )}
    </p>
  )
}
