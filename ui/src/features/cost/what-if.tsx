// What the same tokens would have cost at another model's rates: two choices and one sentence. An estimate, and said so.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { whatIf, type FigureFilter } from '@/api/figures'
import type { WhatIfRow } from '@/api/types'
import { ExactUsd } from '@/components/figure'
import { Section } from '@/components/page-head'
import { counted } from '@/lib/count'
import { lessText } from '@/lib/share'
import { modelText } from '@/lib/words'

const SELECT = 'h-6 max-w-full rounded-md border border-edge bg-ground px-1 text-12'

export function WhatIfChoice({ filter }: { filter: FigureFilter }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Section
      title="What if"
      note={isOpen ? undefined : 'another model had used the same tokens'}
      aside={
        <button type="button" aria-expanded={isOpen} className="text-accent hover:underline" onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Close' : 'Try'}
        </button>
      }
      className="shrink-0 px-4 py-2"
    >
      {isOpen && <Choices filter={filter} />}
    </Section>
  )
}

function Choices({ filter }: { filter: FigureFilter }) {
  const [chosen, setFrom] = useState<string | null>(null)
  const [to, setTo] = useState('')
  // The models that there are come with the first answer, before anything is chosen.
  const models = useQuery(whatIf(filter, '', ''))
  const rows = models.data?.rows.filter((row) => row.model !== '' && !row.model.startsWith('<')) ?? []
  const from = rows.find((row) => row.model === chosen)?.model ?? rows[0]?.model ?? ''
  const answer = useQuery({ ...whatIf(filter, from, to), enabled: from !== '' && to !== '' })
  if (models.isError) return <p className="py-1.5 text-bad" role="alert">✕ {models.error.message}</p>
  if (!models.data) return <p className="h-9" />
  if (rows.length === 0) return <p className="py-1.5 text-muted">No model has answered in that time.</p>
  const row = answer.data?.rows.find((each) => each.model === from)
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1.5">
      <label className="flex min-w-0 items-center gap-2">
        What
        <select className={SELECT} aria-label="The model that answered" value={from} onChange={(event) => setFrom(event.target.value)}>
          {rows.map((each) => (
            <option key={each.model} value={each.model}>
              {modelText(each.model)}
            </option>
          ))}
        </select>
      </label>
      <label className="flex min-w-0 items-center gap-2">
        did, at the rates of
        <select className={SELECT} aria-label="The model at whose rates" value={to} onChange={(event) => setTo(event.target.value)}>
          <option value="">choose a model</option>
          {models.data.priced_models.filter((model) => model !== from).map((model) => (
            <option key={model} value={model}>
              {modelText(model)}
            </option>
          ))}
        </select>
      </label>
      <p role="status" className="min-w-0">
        {answer.isError ? <span className="text-bad">✕ {answer.error.message}</span> : to !== '' && row?.at_rates_of === to && <Would row={row} />}
      </p>
    </div>
  )
}

function Would({ row }: { row: WhatIfRow }) {
  if (row.would_usd === null) return <span className="text-wait">No price is known for it at that time: nothing can be said.</span>
  return (
    <>
      <ExactUsd amount={row.would_usd} basis={row.would_basis} /> instead of <ExactUsd amount={row.cost_usd} basis={row.cost_basis} />
      {row.cost_usd !== null && row.difference_usd !== null && <span className="font-semibold">, {lessText(row.would_usd, row.cost_usd)}</span>}
      <span className="text-muted"> over {counted(row.request_count, 'request')}. An estimate: another model would have used other tokens.</span>
    </>
  )
}
