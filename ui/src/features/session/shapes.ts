// What an agent's input and output are, as far as that helps to show them. They are any JSON: nothing is relied on,
// and what has no known shape is shown as it is.

export interface FileEdit {
  before: string
  after: string
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
}

function edit(value: unknown): FileEdit | null {
  const input = record(value)
  if (typeof input?.old_string !== 'string' || typeof input.new_string !== 'string') return null
  return { before: input.old_string, after: input.new_string }
}

/** The file and the changes of an edit; null for anything else. */
export function fileEdits(tool: string | null, value: unknown): { path: string | null; edits: FileEdit[]; isWhole: boolean } | null {
  const input = record(value)
  if (!input) return null
  const path = typeof input.file_path === 'string' ? input.file_path : typeof input.notebook_path === 'string' ? input.notebook_path : null
  if (tool === 'Edit') {
    const one = edit(input)
    return one && { path, edits: [one], isWhole: false }
  }
  if (tool === 'MultiEdit' && Array.isArray(input.edits)) {
    return { path, edits: input.edits.map(edit).filter((each) => each !== null), isWhole: false }
  }
  if (tool === 'Write' && typeof input.content === 'string') return { path, edits: [{ before: '', after: input.content }], isWhole: true }
  if (tool === 'NotebookEdit' && typeof input.new_source === 'string') return { path, edits: [{ before: '', after: input.new_source }], isWhole: true }
  return null
}

/** A labelled part of a value, as text. */
export interface Part {
  name: string | null
  text: string
}

/** A value cut into the parts one would want to read: an object's fields, a list's text blocks, plain text. */
export function partsOf(value: unknown): Part[] {
  if (value === null || value === undefined) return []
  if (typeof value === 'string') return [{ name: null, text: value }]
  if (Array.isArray(value)) {
    const blocks = value.map((block) => record(block)?.text)
    if (blocks.every((text) => typeof text === 'string')) return blocks.map((text) => ({ name: null, text }))
    return [{ name: null, text: pretty(value) }]
  }
  const fields = record(value)
  if (!fields) return [{ name: null, text: pretty(value) }]
  return Object.entries(fields).map(([name, field]) => ({ name, text: typeof field === 'string' ? field : pretty(field) }))
}

export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? 'undefined'
}

/** JSON text with line breaks; other text as it is. */
export function prettyText(text: string): string {
  try {
    return pretty(JSON.parse(text))
  } catch {
    return text
  }
}
