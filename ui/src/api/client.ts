// One door to the API: adds the token, turns every failure into one kind of error with a hint what to do.
import { setToken, token } from './token'

/** Why a request failed, in words a person can act on. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string | null

  constructor(status: number, code: string, message: string, hint: string | null) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.hint = hint
  }
}

type Parameters = Record<string, string | number | boolean | null | undefined>

/** The path with those parameters that have a value. */
export function withParameters(path: string, parameters: Parameters): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Opens a response; throws an [`ApiError`] unless it is good. */
export function open(path: string, signal?: AbortSignal): Promise<Response> {
  return request(path, { signal: signal ?? null })
}

async function request(path: string, { signal, headers, ...rest }: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, { ...rest, headers: { authorization: `Bearer ${token() ?? ''}`, ...headers }, signal: signal ?? null })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiError(0, 'unreachable', 'The Argus server does not answer.', 'Start it with: argus up')
  }
  if (response.ok) return response
  if (response.status === 401) setToken(null)
  throw await failure(response)
}

async function failure(response: Response): Promise<ApiError> {
  let error: { code?: unknown; message?: unknown; hint?: unknown } = {}
  try {
    const body: unknown = await response.json()
    if (typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object') error = body.error ?? {}
  } catch {
    // Not JSON: the status has to do.
  }
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
  return new ApiError(
    response.status,
    text(error.code) ?? `http_${response.status}`,
    text(error.message) ?? `The server answered ${response.status}.`,
    text(error.hint),
  )
}

/** Gets a record. The shape is the server's promise (openapi.json); nothing is checked again here. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await open(path, signal)
  return (await response.json()) as T
}

/** Sends a change and gets the record as it stands after it. */
export async function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown): Promise<T> {
  const response = await request(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return (await response.json()) as T
}
