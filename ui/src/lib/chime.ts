// A short sound for alerts of at least high severity, for who wants it: two notes, made here and loaded from nowhere. The wish
// is this browser's own and stays in it. A browser plays nothing before one has touched the page.
import { useSyncExternalStore } from 'react'

const KEY = 'argus.sound'
const NOTES_HZ = [880, 660]
const NOTE_S = 0.12
const LOUDNESS = 0.08

const watchers = new Set<() => void>()
let context: AudioContext | undefined

function isWanted(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on'
  } catch {
    return false
  }
}

export function useChiming(): boolean {
  return useSyncExternalStore((onChange) => {
    watchers.add(onChange)
    return () => watchers.delete(onChange)
  }, isWanted)
}

export function setChiming(wish: 'on' | 'off'): void {
  try {
    localStorage.setItem(KEY, wish)
  } catch {
    // Storage refused: then there is no wish.
  }
  for (const changed of watchers) changed()
  // Whoever switches it on hears what it is.
  chime()
}

/** Plays it where it is wanted and can be. */
export function chime(): void {
  if (!isWanted() || !('AudioContext' in globalThis)) return
  context ??= new AudioContext()
  const { currentTime, destination } = context
  void context.resume().catch(() => undefined)
  NOTES_HZ.forEach((hz, at) => {
    const [note, volume] = [new OscillatorNode(context as AudioContext, { frequency: hz }), new GainNode(context as AudioContext, { gain: LOUDNESS })]
    note.connect(volume).connect(destination)
    note.start(currentTime + at * NOTE_S)
    note.stop(currentTime + (at + 1) * NOTE_S)
  })
}
