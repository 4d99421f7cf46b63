import { expect, it } from 'vitest'
import { streamParser } from './sse'

it('events are found however the stream is cut', () => {
  const stream = 'event: hello\ndata: {"instance":"a"}\n\n: heartbeat\n\nevent: change\r\ndata: {"seq":1}\r\n\r\ndata: x\ndata: y\n\n'
  for (let size = 1; size <= stream.length; size += 1) {
    const parse = streamParser()
    const events = []
    for (let at = 0; at < stream.length; at += size) events.push(...parse(stream.slice(at, at + size)))
    expect(events, `cut every ${size}`).toEqual([
      { event: 'hello', text: '{"instance":"a"}' },
      { event: 'change', text: '{"seq":1}' },
      { event: 'message', text: 'x\ny' },
    ])
  }
})

it('an event that is not whole yet waits', () => {
  const parse = streamParser()
  expect(parse('event: change\ndata: {}')).toEqual([])
  expect(parse('\n\n')).toEqual([{ event: 'change', text: '{}' }])
})
