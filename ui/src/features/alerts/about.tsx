// What the alerts are about: one of the questions that people ask after an incident, or a family of rules.
import { useQuery } from '@tanstack/react-query'
import { ruleCatalogue } from '@/api/catalogue'
import type { AlertsPlace } from './filter'

/** The rules that answer a question, in the words of the question. */
export const QUESTIONS: ReadonlyArray<readonly [string, string]> = [
  ['what left the machine', 'net.upload,net.tunnel,secret.exfil,seq.secret-then-network,publish.registry'],
  ['outside the project', 'fs.write-outside,fs.write-system,fs.write-tmp,persist.shell-rc,persist.cron,persist.service,persist.ssh-keys,persist.path-hijack'],
]

/** The words for rules that were asked for: a question's, where they are its. */
export function rulesText(rules: string): string {
  return QUESTIONS.find(([, of]) => of === rules)?.[0] ?? rules.replaceAll(',', ', ')
}

export function About({ place, onPlace }: { place: AlertsPlace; onPlace: (change: AlertsPlace) => void }) {
  const rules = useQuery(ruleCatalogue()).data?.rules ?? []
  const families = [...new Set(rules.map((rule) => rule.family))].sort()
  const question = QUESTIONS.find(([, of]) => of === place.rule)?.[0]
  const ask = (chosen: string): void => {
    const [kind, name] = [chosen.slice(0, 2), chosen.slice(2)]
    const asked = QUESTIONS.find(([words]) => words === name)
    // Whoever asks what happened means all of it, whatever was said of it since.
    if (kind === 'q:' && asked) onPlace({ rule: asked[1], family: undefined, state: 'all', severity: 'info', age: 'both', alert: undefined })
    else onPlace({ rule: undefined, family: kind === 'f:' ? name : undefined, alert: undefined })
  }
  return (
    <select
      aria-label="What it is about"
      className="h-6 max-w-44 rounded-md border border-line bg-ground px-1 text-12 hover:border-edge"
      value={question !== undefined ? `q:${question}` : place.family !== undefined ? `f:${place.family}` : ''}
      onChange={(event) => ask(event.target.value)}
    >
      <option value="">all rules</option>
      {QUESTIONS.map(([words]) => (
        <option key={words} value={`q:${words}`}>
          {words}
        </option>
      ))}
      <optgroup label="rules of one family">
        {[...new Set([...families, ...(place.family === undefined ? [] : [place.family])])].map((family) => (
          <option key={family} value={`f:${family}`}>
            {family}
          </option>
        ))}
      </optgroup>
    </select>
  )
}
