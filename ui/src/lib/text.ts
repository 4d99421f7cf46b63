// Text that came from an agent, made safe to look at. React escapes it; here what the eye would miss is made visible:
// control characters, direction overrides, zero-width and tag characters, lone surrogates. Nothing an agent wrote can
// hide, reorder or impersonate what stands around it.

/** A piece of text; `escaped` pieces stand for one character that could not be shown as itself. */
export interface TextPiece {
  text: string
  escaped: boolean
}

// Emoji may keep what makes them one: a presentation selector after, a joiner between.
const HIDDEN = new RegExp(
  [
    '(?![\\n\\t\\u200d])[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]', // controls, format characters, separators
    '[\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u2065\\u3164\\uffa0\\ufff0-\\ufff8]', // blank letters
    '(?<!\\p{Emoji})[\\ufe0e\\ufe0f]|[\\ufe00-\\ufe0d\\u{e0000}-\\u{e0fff}]', // selectors and tags
    '(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d|\\u200d(?!\\p{Extended_Pictographic})',
    '[\\ud800-\\udfff]', // with the u flag: only surrogates without their other half
  ].join('|'),
  'gu',
)

const SHORT: Record<string, string> = { '\r': '\\r', '\u001b': '\\e', '\u0000': '\\0', '\u0007': '\\a', '\b': '\\b' }

function escapeCharacter(character: string): string {
  return SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/** Splits text into what can be shown and escapes for what cannot. Line ends of Windows count as line ends. */
export function visiblePieces(text: string): TextPiece[] {
  const unified = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text
  const pieces: TextPiece[] = []
  let from = 0
  for (const match of unified.matchAll(HIDDEN)) {
    if (match.index > from) pieces.push({ text: unified.slice(from, match.index), escaped: false })
    pieces.push({ text: escapeCharacter(match[0]), escaped: true })
    from = match.index + match[0].length
  }
  if (from < unified.length || pieces.length === 0) pieces.push({ text: unified.slice(from), escaped: false })
  return pieces
}

/** The same as one string, for places that take no markup (titles, labels for screen readers). */
export function visibleText(text: string): string {
  return visiblePieces(text)
    .map((piece) => piece.text)
    .join('')
}

/** The same on one line: line ends and tabs become a space each. */
export function visibleLine(text: string): string {
  return visibleText(text.replace(/\s*\n\s*/g, ' ⏎ ').replaceAll('\t', ' '))
}

/** Cuts long text at a line's end near `limit` characters; `hidden` counts what is not shown. */
export function cutText(text: string, limit: number): { shown: string; hidden: number } {
  if (text.length <= limit) return { shown: text, hidden: 0 }
  const lineEnd = text.lastIndexOf('\n', limit)
  let end = lineEnd > limit * 0.8 ? lineEnd : limit
  // Never between the halves of a pair.
  const last = text.charCodeAt(end - 1)
  if (last >= 0xd800 && last <= 0xdbff) end -= 1
  return { shown: text.slice(0, end), hidden: text.length - end }
}

/** The last folder of a path: enough to recognise a project by. */
export function folderName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '')
  return parts.at(-1) ?? path
}

/** A path inside the project without the project's own; other text as it is. */
export function withinProject(text: string, root: string | null): string {
  return root !== null && root !== '' && text.startsWith(`${root}/`) && text.length > root.length + 1 ? text.slice(root.length + 1) : text
}
