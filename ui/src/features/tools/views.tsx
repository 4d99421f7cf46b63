// What takes how long: the tools that agents call, and the models that answer them.
import { Tabs } from '@/components/tabs'

export interface ToolsPlace {
  project?: string | undefined
  range?: string | undefined
  sort?: string | undefined
  kind?: string | undefined
  tool?: string | undefined
  /** `models`: how long these took, in the place of tools. */
  view?: string | undefined
}

const VIEWS = [
  { key: 'tools', label: 'Tools' },
  { key: 'models', label: 'Models' },
] as const

export function ToolViews({ chosen, onPlace }: { chosen: (typeof VIEWS)[number]['key']; onPlace: (change: ToolsPlace) => void }) {
  return (
    <div className="shrink-0 border-b border-line px-1">
      <Tabs label="Views of tools" tabs={VIEWS} chosen={chosen} onChoose={(key) => onPlace({ view: key === 'tools' ? undefined : key, tool: undefined })} />
    </div>
  )
}
