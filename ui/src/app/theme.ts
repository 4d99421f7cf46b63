// Dark, light, or as the system has it. The choice is applied before the first paint by public/theme.js.

export type Theme = 'system' | 'dark' | 'light'

const KEY = 'argus.theme'
const ORDER: readonly Theme[] = ['system', 'dark', 'light']

export function chosenTheme(): Theme {
  const chosen = document.documentElement.dataset.theme
  return chosen === 'dark' || chosen === 'light' ? chosen : 'system'
}

/** Goes on to the next theme and gives it back. */
export function nextTheme(): Theme {
  const next = ORDER[(ORDER.indexOf(chosenTheme()) + 1) % ORDER.length] ?? 'system'
  if (next === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = next
  try {
    if (next === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
  } catch {
    // Storage refused: it holds until the page goes.
  }
  return next
}
