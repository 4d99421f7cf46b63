// The settings: budgets, rules, what is captured and how long it is kept, how it looks. Each change is saved at once and
// can be undone; what a flag or the environment gives is shown and not to be changed here.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState, type ReactNode } from 'react'
import { putSettings, settings } from '@/api/catalogue'
import { findings } from '@/api/health'
import { capture, projectList } from '@/api/queries'
import type { SettingsRecord, SettingValues } from '@/api/types'
import { AgentLine } from '@/components/agent-text'
import { Choice } from '@/components/choice'
import { useSay } from '@/components/notices'
import { PageHead, Section } from '@/components/page-head'
import { Failure, SkeletonRows } from '@/components/states'
import { counted } from '@/lib/count'
import { usdText } from '@/lib/money'
import { visibleLine } from '@/lib/text'
import { stampText } from '@/lib/time'
import { BudgetFields } from './budgets'
import { AmountField, DaysField, WholeField } from './fields'

export interface Appearance {
  theme: 'system' | 'dark' | 'light'
  onTheme: (theme: 'system' | 'dark' | 'light') => void
}

type Change = Partial<SettingValues>
type Save = (change: Change, words: string) => void

export function SettingsPage({ theme, onTheme }: Appearance) {
  const answer = useQuery(settings())
  const save = useSave(answer.data)
  const record = answer.data
  return (
    <>
      <PageHead title="Settings" answer={record ? <Answer values={record.settings} /> : 'Settings'} />
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4" tabIndex={-1}>
        <div className="flex max-w-[760px] flex-col gap-6">
          {record ? <Values record={record} save={save} /> : answer.isError ? <Failure error={answer.error} onRetry={() => void answer.refetch()} /> : <SkeletonRows count={8} />}
          <Section title="Appearance" note="of this browser">
            <Setting name="Theme" about="Dark, light, or as the system has it.">
              <Choice
                label="Theme"
                options={[
                  { key: 'system', label: 'system' },
                  { key: 'dark', label: 'dark' },
                  { key: 'light', label: 'light' },
                ]}
                chosen={theme}
                onChoose={onTheme}
              />
            </Setting>
          </Section>
        </div>
      </div>
    </>
  )
}

/** Saves a change: shown at once, told in a notice, taken back when it is refused or undone. */
function useSave(record: SettingsRecord | undefined): Save {
  const client = useQueryClient()
  const say = useSay()
  const put = async (change: Change): Promise<void> => {
    const { queryKey } = settings()
    const before = client.getQueryData<SettingsRecord>(queryKey)
    client.setQueryData<SettingsRecord>(queryKey, (old) => old && { ...old, settings: { ...old.settings, ...change } })
    try {
      client.setQueryData(queryKey, await putSettings(change))
      void client.invalidateQueries({ queryKey: ['rules'] })
      void client.invalidateQueries({ queryKey: ['budgets'] })
    } catch (cause) {
      client.setQueryData(queryKey, before)
      throw cause
    }
  }
  const refused = (cause: unknown): void => say({ tone: 'bad', text: `Not saved: ${cause instanceof Error ? cause.message : String(cause)}` })
  return (change, words) => {
    if (!record) return
    const before = Object.fromEntries(Object.keys(change).map((name) => [name, record.settings[name as keyof SettingValues]])) as Change
    put(change)
      .then(() => say({ text: `Saved: ${words}`, topic: `settings: ${Object.keys(change).sort().join()}`, action: { label: 'Undo', press: 'u', run: () => void put(before).catch(refused) } }))
      .catch(refused)
  }
}

function Answer({ values }: { values: SettingValues }) {
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <Captured values={values} />
      <span className="text-13 text-muted">
        alerts above {usdText(values.budget_event_usd, null)} a request and {usdText(values.budget_session_usd, null)} a session; {values.retention_days === null ? 'contents are kept for ever' : `contents are kept for ${counted(values.retention_days, 'day')}`}
      </span>
    </p>
  )
}

/** Whether all is captured: as the capture page says it, and no more than is known. */
function Captured({ values }: { values: SettingValues }) {
  const health = useQuery(capture())
  if (values.is_paused) {
    return (
      <span className="text-wait">
        <span aria-hidden="true">▲ </span>
        Capture is paused{values.paused_until !== null && ` until ${stampText(values.paused_until)}`}
      </span>
    )
  }
  if (!health.data) return <span>{health.isError ? 'Whether everything is captured is not known' : 'Capture is looked at'}</span>
  const worst = findings(health.data)[0]?.grade ?? 'fine'
  if (worst !== 'fine') {
    return (
      <Link to="/capture" className={`hover:underline ${worst === 'bad' ? 'text-bad' : 'text-wait'}`}>
        <span aria-hidden="true">{worst === 'bad' ? '✕ ' : '▲ '}</span>
        {worst === 'bad' ? 'Not everything is captured' : 'Capture works, with something to look at'}
      </Link>
    )
  }
  return <span>Everything is captured{values.excluded_projects.length > 0 && ` but ${counted(values.excluded_projects.length, 'project')}`}</span>
}

function Values({ record, save }: { record: SettingsRecord; save: Save }) {
  const { settings: values, fixed, file, budget_problems } = record
  const isFixed = (name: keyof SettingValues): boolean => fixed.includes(name)
  return (
    <>
      <Section title="Budgets" note="an alert is raised when one is exceeded; what is stopped is said beside it">
        <Setting name="One model request" about="Raises budget.event. What is stored is judged by a new limit too; what was raised before stays." isFixed={isFixed('budget_event_usd')}>
          <AmountField key={values.budget_event_usd} label="Budget of one model request in US dollars" value={values.budget_event_usd} isFixed={isFixed('budget_event_usd')} onSave={(amount) => save({ budget_event_usd: amount }, `${usdText(amount, null)} for one request`)} />
        </Setting>
        <Setting name="One session" about="Raises budget.session, once a session." isFixed={isFixed('budget_session_usd')}>
          <AmountField key={values.budget_session_usd} label="Budget of one session in US dollars" value={values.budget_session_usd} isFixed={isFixed('budget_session_usd')} onSave={(amount) => save({ budget_session_usd: amount }, `${usdText(amount, null)} for one session`)} />
        </Setting>
        <Setting name="Over time" about="Told at 50, 80 and 100 %, once a period, and when more is likely. Days, weeks and months are those of this machine. In the file a budget may have other steps." isFixed={isFixed('budgets')}>
          {budget_problems.map((problem) => (
            <p key={problem} className="text-wait">
              <span aria-hidden="true">▲ </span>
              {visibleLine(problem)}
            </p>
          ))}
          <BudgetFields budgets={values.budgets} isFixed={isFixed('budgets')} onSave={(budgets, words) => save({ budgets }, words)} />
        </Setting>
        <Setting name="Burning" about="Raises budget.burn-rate when the last hour cost more than both: this amount, and so many times a usual busy hour." isFixed={isFixed('burn_floor_usd')}>
          <div className="flex flex-wrap gap-x-6 gap-y-1">
            <AmountField key={values.burn_floor_usd} label="An hour that cost less never burns, US dollars" value={values.burn_floor_usd} isFixed={isFixed('burn_floor_usd')} onSave={(amount) => save({ burn_floor_usd: amount }, `an hour burns from ${usdText(amount, null)} on`)} />
            <WholeField key={`x${values.burn_factor}`} label="Times a usual busy hour" unit="times usual" value={values.burn_factor} isFixed={isFixed('burn_factor')} onSave={(count) => save({ burn_factor: count }, `an hour burns from ${count} times a usual one on`)} />
          </div>
        </Setting>
        <Setting name="Subagents" about="Raises agent.recursion when they are nested deeper, agent.fan-out when one agent starts more." isFixed={isFixed('agent_depth')}>
          <div className="flex flex-wrap gap-x-6 gap-y-1">
            <WholeField key={`d${values.agent_depth}`} label="How deep subagents may be nested" unit="deep" value={values.agent_depth} isFixed={isFixed('agent_depth')} onSave={(count) => save({ agent_depth: count }, `subagents may be ${count} deep`)} />
            <WholeField key={`c${values.agent_children}`} label="How many subagents one agent may start" unit="from one agent" value={values.agent_children} isFixed={isFixed('agent_children')} onSave={(count) => save({ agent_children: count }, `one agent may start ${count}`)} />
          </div>
        </Setting>
      </Section>
      <Section title="Rules">
        <Setting
          name="Profile"
          about={values.rule_profile === 'graded' ? 'Graded: how bad a finding is depends on what it touches. Deleting node_modules is low, deleting your home is critical.' : 'Seed: every recursive delete is critical, whatever it deletes.'}
          isFixed={isFixed('rule_profile')}
        >
          <Choice
            label="Profile"
            options={[
              { key: 'graded', label: 'graded' },
              { key: 'seed', label: 'seed' },
            ]}
            chosen={values.rule_profile}
            onChoose={(profile) => !isFixed('rule_profile') && profile !== values.rule_profile && save({ rule_profile: profile }, `profile ${profile}`)}
          />
        </Setting>
      </Section>
      <Section title="Capture">
        <Setting name="Pause" about="What happens in a pause is not recorded, neither from hooks nor from transcripts, also when it is read later. A step that begins before it and ends in it stays without an end." isFixed={isFixed('is_paused')}>
          <button
            type="button"
            aria-pressed={values.is_paused}
            disabled={isFixed('is_paused')}
            onClick={() => save({ is_paused: !values.is_paused, paused_until: null }, values.is_paused ? 'capture goes on' : 'capture is paused')}
            className="h-7 rounded-md border border-edge px-3 hover:bg-hover disabled:text-faint"
          >
            {values.is_paused ? 'Go on with capture' : 'Pause capture'}
          </button>
        </Setting>
        <Setting name="Projects left out" about="Sessions begun in these folders or below are not recorded from now on. What was recorded stays until it is forgotten with argus forget. A folder that is taken off the list is read from where reading stopped, as far as its transcripts still lie on disk." isFixed={isFixed('excluded_projects')}>
          <Excluded projects={values.excluded_projects} isFixed={isFixed('excluded_projects')} save={save} />
        </Setting>
        <Setting name="Keep for" about="Older prompts, inputs and outputs are removed ten minutes after this is set, then once a day; sessions, steps and figures stay. Claude Code's own transcripts are never touched." isFixed={isFixed('retention_days')}>
          <DaysField key={values.retention_days ?? 'ever'} value={values.retention_days} isFixed={isFixed('retention_days')} onSave={(days) => save({ retention_days: days }, days === null ? 'contents are kept for ever' : `contents are kept for ${counted(days, 'day')}`)} />
        </Setting>
      </Section>
      <p className="text-muted">
        Kept in <span className="agent-text break-all text-ink">{file}</span>. A change by hand is taken over within seconds; a variable of the environment goes before it.
      </p>
    </>
  )
}

function Setting({ name, about, isFixed = false, children }: { name: string; about: string; isFixed?: boolean; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[152px_minmax(0,1fr)] gap-x-4 gap-y-1 border-b border-line py-2 max-sm:grid-cols-1">
      <h3 className="font-normal">{name}</h3>
      <div className="min-w-0">
        {children}
        <p className="mt-1 text-12 text-muted">{about}</p>
        {isFixed && <p className="text-12 text-wait">The server’s environment gives it, so it cannot be changed here.</p>}
      </div>
    </div>
  )
}

function Excluded({ projects, isFixed, save }: { projects: readonly string[]; isFixed: boolean; save: Save }) {
  const [text, setText] = useState('')
  const listId = useId()
  const known = useQuery(projectList()).data?.projects ?? []
  const add = (): void => {
    const path = text.trim()
    if (path === '' || projects.includes(path)) return
    setText('')
    save({ excluded_projects: [...projects, path] }, 'one project more is left out')
  }
  return (
    <div>
      {projects.length === 0 && <p className="flex h-7 items-center text-muted">none</p>}
      <ul>
        {projects.map((project) => (
          <li key={project} className="flex h-7 min-w-0 items-center gap-3">
            <AgentLine text={project} />
            <button type="button" disabled={isFixed} className="shrink-0 text-12 text-accent hover:underline disabled:text-faint" onClick={() => save({ excluded_projects: projects.filter((each) => each !== project) }, 'the project is captured again')}>
              capture it again
            </button>
          </li>
        ))}
      </ul>
      <form
        className="mt-1 flex gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <input
          aria-label="Path of a project to leave out"
          list={listId}
          disabled={isFixed}
          value={text}
          placeholder="/path/of/a/folder or ~/folder"
          onChange={(event) => setText(event.target.value)}
          className="h-7 min-w-0 flex-1 rounded-md border border-edge bg-ground px-2 font-mono text-12 placeholder:text-faint"
        />
        <datalist id={listId}>
          {known.map((each) => (
            <option key={each.project} value={each.project}>{visibleLine(each.name)}</option>
          ))}
        </datalist>
        <button type="submit" disabled={isFixed || text.trim() === ''} className="h-7 rounded-md border border-edge px-3 hover:bg-hover disabled:text-faint">
          Leave out
        </button>
      </form>
    </div>
  )
}
