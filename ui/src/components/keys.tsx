// The keyboard: one listener, and a list of bindings that pages add to while they are shown. The same list feeds the
// palette and the help, so that every action is found, with its key, in both. Keys are bound before the first paint: what
// is seen can be pressed.
import { createContext, useContext, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { chordReader, pressName } from '@/lib/chords'

export interface Binding {
  /** Presses that run it: `j`, `ArrowDown`, `g s`. None: only in the palette. */
  keys: readonly string[]
  label: string
  group: string
  run: () => void
}

type Source = () => readonly Binding[]

/** Whose bindings: a page's come before the frame's. */
export type Layer = 'page' | 'frame'

interface Keyboard {
  add: (source: Source, layer: Layer) => () => void
  list: () => Binding[]
}

const KeyboardContext = createContext<Keyboard | null>(null)

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** Pressing Enter or Space on a control means that control. */
function isOwnKey(target: EventTarget | null, press: string): boolean {
  return (press === 'Enter' || press === ' ') && target instanceof HTMLElement && ['BUTTON', 'A', 'SUMMARY'].includes(target.tagName)
}

export function KeyboardProvider({ children }: { children: ReactNode }) {
  const [sources] = useState(() => new Map<Source, Layer>())
  const keyboard = useMemo<Keyboard>(
    () => ({
      add: (source, layer) => {
        sources.set(source, layer)
        return () => sources.delete(source)
      },
      list: () => {
        const all = [...sources].reverse()
        return ['page', 'frame'].flatMap((layer) => all.filter(([, of]) => of === layer).flatMap(([source]) => source()))
      },
    }),
    [sources],
  )

  useLayoutEffect(() => {
    const read = chordReader()
    const onPress = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || ['Shift', 'Control', 'Meta', 'Alt'].includes(event.key)) return
      const press = pressName(event)
      if (document.querySelector('dialog[open]')) return
      if (isTyping(event.target) && press !== 'ctrl+k') return
      if (isOwnKey(event.target, press)) return
      const bindings = keyboard.list()
      const found = read(press, bindings.flatMap((binding) => binding.keys), event.timeStamp)
      const binding = found === null ? undefined : bindings.find((each) => each.keys.includes(found))
      if (!binding) return
      event.preventDefault()
      binding.run()
    }
    window.addEventListener('keydown', onPress)
    return () => window.removeEventListener('keydown', onPress)
  }, [keyboard])

  return <KeyboardContext value={keyboard}>{children}</KeyboardContext>
}

/** Adds bindings while the component is shown. */
export function useKeys(bindings: readonly Binding[], layer: Layer = 'page'): void {
  const keyboard = useContext(KeyboardContext)
  const latest = useRef(bindings)
  useLayoutEffect(() => {
    latest.current = bindings
  })
  useLayoutEffect(() => keyboard?.add(() => latest.current, layer), [keyboard, layer])
}

/** All bindings as they stand now. */
export function useBindings(): () => Binding[] {
  const keyboard = useContext(KeyboardContext)
  return () => keyboard?.list() ?? []
}

const NAMES: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', 'ctrl+k': 'Ctrl K' }

/** Keys as they look on a keyboard. */
export function KeyCaps({ press }: { press: string }) {
  return (
    <span className="whitespace-nowrap">
      {press.split(' ').map((key, at) => (
        <kbd key={at} className="ml-1 rounded-sm border border-edge px-1 font-mono text-12 text-muted">
          {NAMES[key] ?? key}
        </kbd>
      ))}
    </span>
  )
}
