// The browser's token. `argus open` puts a one-time code into the URL's fragment (which never reaches a server or a
// log); the code is exchanged for a token that lives as long as the server's process. Who watches the token: the
// frame, which shows the sign-in page when there is none.

const KEY = 'argus.token'

let current: string | null = read()
const watchers = new Set<() => void>()

function read(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** The token, if there is one. */
export function token(): string | null {
  return current
}

/** Keeps a token, or forgets it. */
export function setToken(next: string | null): void {
  current = next
  try {
    if (next === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
  } catch {
    // Storage refused: the token lives as long as this page.
  }
  for (const watcher of watchers) watcher()
}

/** Calls `watcher` when the token changes, in this tab or another. */
export function watchToken(watcher: () => void): () => void {
  const elsewhere = (event: StorageEvent): void => {
    if (event.key !== KEY && event.key !== null) return
    current = read()
    watcher()
  }
  watchers.add(watcher)
  window.addEventListener('storage', elsewhere)
  return () => {
    watchers.delete(watcher)
    window.removeEventListener('storage', elsewhere)
  }
}

/** Takes the one-time code out of the address, at once, so that it stays in no history. */
export function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (code !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return code
}

/** Exchanges the code; false when it was used or is too old. */
export async function exchangeCode(code: string): Promise<boolean> {
  const response = await fetch('/api/v1/auth/exchange', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  if (!response.ok) return false
  const answer: unknown = await response.json()
  if (typeof answer !== 'object' || answer === null || !('token' in answer) || typeof answer.token !== 'string') return false
  setToken(answer.token)
  return true
}
