// The last days as a row of counts: days without a record are zero, for whoever counted did so every day.
import { lastDays } from './day'

export function countsByDay(days: ReadonlyArray<{ day: string; count: number }>, last: string, length: number): number[] {
  const known = new Map(days.map((each) => [each.day, each.count]))
  return lastDays(last, length).map((day) => known.get(day) ?? 0)
}
