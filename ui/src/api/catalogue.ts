// Search, rules, secrets and settings: what their pages ask and change.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { get, send, withParameters } from './client'
import type { RuleList, SearchPage, SecretDetails, SecretList, SettingsRecord, SettingValues } from './types'

export function searchPages(q: string) {
  return infiniteQueryOptions({
    queryKey: ['search', q],
    queryFn: ({ pageParam, signal }) => get<SearchPage>(withParameters('/search', { q, limit: 50, cursor: pageParam }), signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}

export function ruleCatalogue() {
  return queryOptions({ queryKey: ['rules'], queryFn: ({ signal }) => get<RuleList>('/rules', signal) })
}

export function secretList() {
  return queryOptions({ queryKey: ['secrets'], queryFn: ({ signal }) => get<SecretList>('/secrets', signal), refetchInterval: 30_000 })
}

export function secret(fingerprint: string) {
  return queryOptions({ queryKey: ['secrets', fingerprint], queryFn: ({ signal }) => get<SecretDetails>(`/secrets/${encodeURIComponent(fingerprint)}`, signal) })
}

export function settings() {
  return queryOptions({ queryKey: ['settings'], queryFn: ({ signal }) => get<SettingsRecord>('/settings', signal), refetchInterval: 5000 })
}

export function putSettings(change: Partial<SettingValues>): Promise<SettingsRecord> {
  return send<SettingsRecord>('PUT', '/settings', change)
}
