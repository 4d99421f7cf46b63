// A real Argus server for the walk: a running one named by ARGUS_URL and ARGUS_CODE, or the binary ARGUS_BIN, started
// here on a home of its own that holds a recording of testdata/ as Claude Code would have written it.
import { execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
// One alone: recorded apart with the same message ids, several on one home would be taken for copies of one another.
const RECORDING = fileURLToPath(new URL('../../testdata/recordings/subagents/transcripts', import.meta.url))
const READY_MS = 30_000
/** It writes and imports its sessions first. */
const DEMO_READY_MS = 120_000

/** The server, with `code()` for a fresh one-time code; null when none was asked for. */
export async function startRealServer() {
  const { ARGUS_URL: url, ARGUS_CODE: code, ARGUS_BIN: binary } = process.env
  if (url && code) return { url, code, runHook: null, stop: async () => undefined }
  return binary ? startBinary(binary) : null
}

async function startBinary(binary) {
  const home = await mkdtemp(join(tmpdir(), 'argus-walk-'))
  await cp(RECORDING, join(home, '.claude/projects'), { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { PATH: process.env.PATH, HOME: home, ARGUS_DATA_DIR: join(home, 'argus') }
  const server = spawn(binary, ['serve', '--listen', `127.0.0.1:${port}`], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const stop = async () => {
    server.kill('SIGTERM')
    const timer = setTimeout(() => server.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
    await rm(home, { recursive: true, force: true })
  }
  try {
    await until(`${url} answers`, async () => (await fetch(`${url}/healthz`)).ok)
    const { stdout } = await run(binary, ['token'], { env })
    const headers = { authorization: `Bearer ${stdout.trim()}`, 'content-type': 'application/json' }
    await until('everything is imported', async () => {
      const capture = await (await fetch(`${url}/api/v1/capture`, { headers })).json()
      const { sessions } = await (await fetch(`${url}/api/v1/sessions`, { headers })).json()
      return capture.importing === null && sessions.length > 0
    })
    const newCode = async () => {
      const answer = await (await fetch(`${url}/api/v1/auth/code`, { method: 'POST', headers, body: '{}' })).json()
      if (typeof answer.code !== 'string') throw new Error(`no one-time code: ${JSON.stringify(answer)}`)
      return answer.code
    }
    return { url, code: await newCode(), newCode, runHook: (payload) => runHook(join(dirname(binary), 'argus-hook'), env, payload), stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

/** `argus demo`, made small and served until it is stopped; null without a binary. */
export async function startDemo() {
  const { ARGUS_BIN: binary } = process.env
  if (!binary) return null
  const home = await mkdtemp(join(tmpdir(), 'argus-demo-'))
  const data = join(home, 'argus')
  const url = `http://127.0.0.1:${await freePort()}`
  const env = { PATH: process.env.PATH, HOME: home, ARGUS_DATA_DIR: data, TZ: 'UTC' }
  const server = spawn(binary, ['demo', '--no-open', '--port', new URL(url).port, '--steps', '600'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const stop = async () => {
    server.kill('SIGINT')
    const timer = setTimeout(() => server.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
    await rm(home, { recursive: true, force: true })
  }
  try {
    await until(`${url} answers`, async () => (await fetch(`${url}/healthz`)).ok, DEMO_READY_MS)
    const { stdout } = await run(binary, ['token', '--data-dir', join(data, 'demo')], { env })
    const headers = { authorization: `Bearer ${stdout.trim()}`, 'content-type': 'application/json' }
    const get = async (path) => {
      const answer = await fetch(`${url}/api/v1${path}`, { headers })
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
      return answer.json()
    }
    await until('the hooks of the demo are drained', async () => (await get('/capture')).spool.pending_files === 0 && (await get('/sessions?status=waiting')).sessions.length > 0)
    const newCode = async () => (await (await fetch(`${url}/api/v1/auth/code`, { method: 'POST', headers, body: '{}' })).json()).code
    return { url, newCode, get, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

/** As Claude Code runs it: the payload on stdin. Resolves when the process has ended. */
function runHook(binary, env, payload) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, { env, stdio: ['pipe', 'ignore', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${binary} ended with ${code}`))))
    child.stdin.end(JSON.stringify(payload))
  })
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

async function until(what, isSo, mostMs = READY_MS) {
  const end = Date.now() + mostMs
  while (Date.now() < end) {
    if (await isSo().catch(() => false)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`waited ${mostMs / 1000} s in vain until ${what}`)
}
