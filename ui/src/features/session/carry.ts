// What a tool result cost on its way through the context, and why the cache missed, in words.
import type { CarriedOutput, Miss } from '@/api/types'
import { counted, countExact, countText } from '@/lib/count'
import { usdText } from '@/lib/money'
import { durationText } from '@/lib/time'

const REASONS: Record<Miss['reason'], (idle: string) => string> = {
  expired: (idle) => `the cache had run out after ${idle}`,
  model_changed: () => 'another model was asked',
  prompt_changed: () => 'an earlier part of the prompt had changed',
}

export function missWords(miss: Miss): string {
  const cost = miss.cost_usd === null ? 'of unknown price' : `${usdText(miss.cost_usd, 'priced')} more`
  return `cache miss, ${REASONS[miss.reason](durationText(miss.idle_ms))}: ${countText(miss.tokens)} tokens, ${cost}`
}

export function carryWords(result: CarriedOutput): string {
  if (result.tokens === null) return 'How many tokens the result has cannot be told, so neither what it cost.'
  const first = result.entry_usd === null ? 'at an unknown price' : `for ${usdText(result.entry_usd, 'priced')}`
  const later =
    result.later_requests + result.missing_requests === 0
      ? 'No later request carried it.'
      : `Carried through ${counted(result.later_requests + result.missing_requests, 'later request')}: ${usdText(result.carried_usd, result.cost_basis)}.`
  return `${countExact(result.tokens)} tokens came into the context ${first}. ${later}`
}
