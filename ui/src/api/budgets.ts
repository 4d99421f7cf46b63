// Budgets as they stand: what was spent on each account in the period that runs, and what it will come to.
import { queryOptions } from '@tanstack/react-query'
import { get } from './client'
import type { BudgetList } from './types'

export function budgets() {
  return queryOptions({
    queryKey: ['budgets'],
    queryFn: ({ signal }) => get<BudgetList>('/budgets', signal),
    // Periods end, and forecasts move on, even when nothing happens.
    refetchInterval: 60_000,
  })
}
