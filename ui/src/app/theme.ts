// Dark, light, or as the system has it. The choice is applied before the first paint by public/theme.js.

export type Theme = 'system' | 'dark' | 'light'

const KEY = 'argus.theme'
const ORDER: readonly Theme[] = ['system', 'dark', 'light']
const watchers = new Set<() => void>()

export function chosenTheme(): Theme {
  const chosen = document.documentElement.dataset.theme
  return chosen === 'dark' || chosen === 'light' ? chosen : 'system'
}

export function watchTheme(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export function chooseTheme(next: Theme): void {
  if (next === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = next
  try {
    if (next === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
  } catch {
    // Storage refused: it holds until the page goes.
  }
  for (const watcher of watchers) watcher()
}

/** Goes on to the next theme. */
export function nextTheme(): void {
  chooseTheme(ORDER[(ORDER.indexOf(chosenTheme()) + 1) % ORDER.length] ?? 'system')
}
