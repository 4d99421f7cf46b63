// A chain of evidence as a picture: its steps under one another, first cause to last consequence, joined by a line that
// says how long after and by what. Each step is a link to it.
import type { ReactNode } from 'react'
import type { Chain, ChainLink } from '@/lib/chain'
import { clockText, durationText, momentExact, momentMs, stampText } from '@/lib/time'
import { AgentLine } from './agent-text'

interface ChainPictureProps {
  chain: Chain
  /** The step that is looked at, if one is. */
  hereId?: string | undefined
  /** A link to a step, around its words. */
  renderLink: (link: ChainLink, words: ReactNode) => ReactNode
  /** Days are told where they may differ from today. */
  withDay?: boolean
}

export function ChainPicture({ chain, hereId, renderLink, withDay = false }: ChainPictureProps) {
  const last = chain.links.length - 1
  return (
    <ol aria-label="Chain of evidence" className="grid grid-cols-[12px_minmax(0,1fr)] gap-x-2">
      {chain.links.map((link, at) => (
        <li key={link.eventId} className="contents" aria-current={link.eventId === hereId ? 'step' : undefined}>
          <span aria-hidden="true" className="flex flex-col items-center">
            <span className={`h-5 leading-5 ${at === last ? 'text-high' : 'text-ink'}`}>{at === last ? '▲' : '○'}</span>
            {at < last && <span className="w-0 flex-1 border-l-2 border-edge" />}
          </span>
          <div className={`min-w-0 ${at < last ? 'pb-1.5' : ''}`}>
            <p className="flex min-w-0 flex-wrap gap-x-2">
              <span className={at === last ? 'font-semibold text-high' : 'font-semibold'}>{at === last ? 'consequence' : at === 0 ? 'cause' : 'carried on'}</span>
              <span className="text-muted" title={momentExact(link.at)}>{withDay ? stampText(link.at) : clockText(link.at)}</span>
              <span className="text-muted">{link.agentId === 'main' ? 'main agent' : 'agent'}</span>
              {link.agentId !== 'main' && <AgentLine text={link.agentId} className="text-muted" />}
              {link.tool !== null && <AgentLine text={link.tool} className="text-muted" />}
              {link.eventId === hereId && <span className="text-muted">(this step)</span>}
            </p>
            <p className="flex min-w-0">
              {link.eventId === hereId || link.eventId === '' ? <AgentLine text={link.text} /> : renderLink(link, <AgentLine text={link.text} />)}
            </p>
            {at < last && <Between link={link} next={chain.links[at + 1]} />}
          </div>
        </li>
      ))}
    </ol>
  )
}

function Between({ link, next }: { link: ChainLink; next: ChainLink | undefined }) {
  const [from, to] = [momentMs(link.at), momentMs(next?.at)]
  return (
    <p className="flex min-w-0 gap-2 text-12 text-muted">
      <span className="shrink-0">{from !== null && to !== null && to >= from ? `↓ ${durationText(to - from)} later` : '↓ later'}</span>
      {link.subject !== '' && (
        <>
          <span className="shrink-0">by</span>
          <AgentLine text={link.subject} />
        </>
      )}
    </p>
  )
}
