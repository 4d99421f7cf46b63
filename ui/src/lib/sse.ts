// Server-sent events out of a byte stream. `EventSource` cannot send a token, so the stream is read by fetch and cut
// into events here.

export interface StreamEvent {
  event: string
  text: string
}

/** Takes chunks of text as they come and gives back the events that are whole. */
export function streamParser(): (chunk: string) => StreamEvent[] {
  let rest = ''
  return (chunk) => {
    const blocks = (rest + chunk).replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop() ?? ''
    return blocks.map(parseBlock).filter((event) => event !== null)
  }
}

function parseBlock(block: string): StreamEvent | null {
  let event = 'message'
  const lines: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const text = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = text
    else if (field === 'data') lines.push(text)
  }
  return lines.length === 0 ? null : { event, text: lines.join('\n') }
}
