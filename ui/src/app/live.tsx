// The live connection of the whole dashboard. Alerts that are raised while one looks on are told in a notice; what was
// raised before, or comes from history, never is.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { followLive, type LiveState } from '@/api/live'
import { refresher } from '@/api/refresh'
import type { AlertRecord } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { useSay, type Notice } from '@/components/notices'
import { SeverityMark } from '@/components/severity'
import { chime } from '@/lib/chime'
import { counted } from '@/lib/count'
import { isAtLeast, SEVERITIES, severityRank } from '@/lib/severity'
import { tell } from '@/lib/tell'
import { LiveContext } from './live-sign'
import { router } from './router'

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const say = useSay()
  const [state, setState] = useState<LiveState>('connecting')
  useEffect(() => {
    const refresh = refresher(client)
    return followLive({
      onState: setState,
      onChange: refresh.changed,
      onGap: refresh.everything,
      onAlerts: (raised, open) => {
        refresh.alertsRaised(raised, open)
        const loud = raised.filter((alert) => isAtLeast(alert.severity, 'high')).sort((a, b) => severityRank(a.severity) - severityRank(b.severity))
        if (loud.length > 0) chime()
        tell(loud, (alert) => void router.navigate({ to: '/alerts', search: { view: 'each', alert: alert.alert_id } }))
        for (const notice of noticesOf(raised.filter((alert) => isAtLeast(alert.severity, 'medium')))) say(notice)
      },
    })
  }, [client, say])
  return <LiveContext value={state}>{children}</LiveContext>
}

const SINGLY = 2

/** One each for a few; many at once are one notice with the worst of them in words. */
function noticesOf(raised: readonly AlertRecord[]): Notice[] {
  if (raised.length > SINGLY) {
    const worst = SEVERITIES.find((each) => raised.some((alert) => alert.severity === each))
    return [
      {
        text: (
          <span className="flex gap-2">
            {worst && <SeverityMark severity={worst} />}
            {counted(raised.length, 'new alert')}
          </span>
        ),
        action: { label: 'Look', press: 'v', run: () => void router.navigate({ to: '/alerts' }) },
      },
    ]
  }
  return raised.map((alert) => ({
    text: (
      <>
        <span className="flex gap-2">
          <SeverityMark severity={alert.severity} />
          <span className="agent-text">{alert.rule}</span>
        </span>
        <span className="flex text-muted">
          <AgentLine text={alert.reason} className="!font-sans !text-13" />
        </span>
      </>
    ),
    action: { label: 'Look', press: 'v', run: () => void router.navigate({ to: '/alerts', search: { view: 'each', alert: alert.alert_id } }) },
  }))
}
