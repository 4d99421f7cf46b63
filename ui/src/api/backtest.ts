// Back-tests: what rules would raise over all that is stored. The order is answered at once; how far it is, is asked for.
import { queryOptions } from '@tanstack/react-query'
import { get, send } from './client'
import type { BacktestRequest, BacktestStatus } from './types'

/** How often a back-test that runs is looked at. */
const LOOK_MS = 400

export function backtestStatus() {
  return queryOptions({
    queryKey: ['backtest'],
    queryFn: ({ signal }) => get<BacktestStatus>('/backtest', signal),
    refetchInterval: (query) => (query.state.data?.phase === 'judging' ? LOOK_MS : false),
  })
}

export function orderBacktest(request: BacktestRequest): Promise<BacktestStatus> {
  return send<BacktestStatus>('POST', '/backtest', request)
}
