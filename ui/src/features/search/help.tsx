// What can be searched for, with examples that run when they are pressed.

const EXAMPLES: ReadonlyArray<readonly [example: string, meaning: string]> = [
  ['refresh token', 'both words, anywhere in a step'],
  ['"wall clock"', 'a phrase'],
  ['auth*', 'words that begin so'],
  ['timeout -test', 'the first and not the second'],
  ['tool:Bash is:error', 'commands that failed'],
  ['cost:>0.10', 'steps that cost more than so many dollars'],
  ['kind:prompt deploy', 'what you wrote yourself'],
  ['agent:main since:7d', 'of the main agent, in the last seven days'],
  ['project:/home/you/shop until:2026-11-01', 'of one project, before a day'],
]

export function QueryHelp({ onExample }: { onExample: (example: string) => void }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
      <p className="max-w-[72ch]">Searches prompts, what went into tools, what came out of them, answers, errors and titles. Secrets were masked before they were stored and are not found.</p>
      <table className="mt-3">
        <caption className="sr-only">What can be searched for</caption>
        <tbody>
          {EXAMPLES.map(([example, meaning]) => (
            <tr key={example}>
              <th scope="row" className="pr-6 text-left font-normal">
                <button type="button" className="agent-text h-7 text-accent hover:underline" onClick={() => onExample(example)}>
                  {example}
                </button>
              </th>
              <td className="text-muted">{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
