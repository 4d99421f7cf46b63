// The palette: every action of the page and the frame by name, with its key.
import { useState, type KeyboardEvent } from 'react'
import { Dialog } from './dialog'
import { KeyCaps, type Binding } from './keys'

function matches(binding: Binding, words: readonly string[]): boolean {
  const text = `${binding.group} ${binding.label}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

export function Palette({ bindings, onClose }: { bindings: readonly Binding[]; onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = bindings.filter((binding) => matches(binding, words))
  const chosen = Math.min(at, found.length - 1)

  const run = (binding: Binding | undefined): void => {
    if (!binding) return
    onClose()
    // After the dialog has given the focus back.
    requestAnimationFrame(binding.run)
  }
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setAt((chosen + step + found.length) % Math.max(1, found.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(found[chosen])
    }
  }

  return (
    <Dialog label="Palette" onClose={onClose}>
      <input
        aria-label="Action"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-actions"
        aria-activedescendant={found[chosen] ? `palette-${chosen}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKey}
        placeholder="Do what?"
        className="h-9 w-full border-b border-line bg-transparent px-3 text-14 placeholder:text-faint focus-visible:outline-none"
      />
      <ul id="palette-actions" role="listbox" aria-label="Actions" className="max-h-[50vh] overflow-y-auto py-1">
        {found.map((binding, index) => (
          <li
            key={`${binding.group} ${binding.label}`}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => run(binding)}
            onPointerMove={() => setAt(index)}
            className={`flex h-7 items-center gap-2 px-3 ${index === chosen ? 'bg-selected' : ''}`}
          >
            <span className="w-20 shrink-0 text-muted">{binding.group}</span>
            <span className="min-w-0 flex-1 truncate">{binding.label}</span>
            {binding.keys[0] && <KeyCaps press={binding.keys[0]} />}
          </li>
        ))}
        {found.length === 0 && <li className="px-3 py-1 text-muted">No action is called that.</li>}
      </ul>
    </Dialog>
  )
}

/** The keys of the page, by group. */
export function KeyHelp({ bindings, onClose }: { bindings: readonly Binding[]; onClose: () => void }) {
  const groups = [...new Set(bindings.map((binding) => binding.group))]
  return (
    <Dialog label="Keys of this page" onClose={onClose}>
      <div className="max-h-[70vh] overflow-y-auto px-4 py-3 sm:columns-2">
        {groups.map((group) => (
          <section key={group} className="mb-3 break-inside-avoid">
            <h2>{group}</h2>
            <dl>
              {bindings
                .filter((binding) => binding.group === group && binding.keys.length > 0)
                .map((binding) => (
                  <div key={binding.label} className="flex min-h-6 items-baseline justify-between gap-3">
                    <dt className="text-muted">{binding.label}</dt>
                    <dd>
                      {binding.keys.map((press) => (
                        <KeyCaps key={press} press={press} />
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
