// One of few, side by side: the chosen one stands out, and pressing it again where that means "no filter" clears it.

interface ChoiceProps<K extends string> {
  label: string
  options: ReadonlyArray<{ key: K; label: string; title?: string }>
  chosen: K
  onChoose: (key: K) => void
}

export function Choice<K extends string>({ label, options, chosen, onChoose }: ChoiceProps<K>) {
  return (
    <div role="group" aria-label={label} className="flex flex-wrap text-12">
      {options.map((option) => (
        <button
          key={option.key}
          type="button"
          aria-pressed={option.key === chosen}
          title={option.title}
          className={`h-6 whitespace-nowrap rounded-md px-2 ${option.key === chosen ? 'bg-selected text-ink' : 'text-muted hover:bg-hover hover:text-ink'}`}
          onClick={() => onChoose(option.key)}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
