import { expect, it } from 'vitest'
import { muteChoices } from './mute'

it('every choice lies in the future, on every weekday and hour', () => {
  for (let hour = 0; hour < 24 * 8; hour += 5) {
    const now = new Date(2026, 10, 22, hour, 59).getTime()
    for (const choice of muteChoices(now)) expect(Date.parse(choice.until)).toBeGreaterThan(now)
  }
})

it('Monday is the next one, at nine, a week away when today is one', () => {
  const monday = muteChoices(new Date(2026, 10, 23, 8).getTime())[2]
  expect(new Date(monday?.until ?? '').getDay()).toBe(1)
  expect(new Date(monday?.until ?? '').getHours()).toBe(9)
  expect(new Date(monday?.until ?? '').getDate()).toBe(30)
  expect(new Date(muteChoices(new Date(2026, 10, 22, 12).getTime())[2]?.until ?? '').getDate()).toBe(23)
})
