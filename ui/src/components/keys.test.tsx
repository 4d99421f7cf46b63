import { cleanup, fireEvent, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, it } from 'vitest'
import { KeyboardProvider, useKeys, type Binding } from './keys'

afterEach(cleanup)

function Outer({ bindings, children }: { bindings: Binding[]; children: ReactNode }) {
  useKeys(bindings, 'frame')
  return (
    <>
      <input aria-label="box" />
      {children}
    </>
  )
}

it('the page comes before the frame, typing before both, and chords are read', () => {
  const ran: string[] = []
  const bind = (press: string, name: string): Binding => ({ keys: [press], label: name, group: 'x', run: () => ran.push(name) })
  const { getByLabelText } = render(
    <KeyboardProvider>
      <Outer bindings={[bind('j', 'frame j'), bind('g s', 'frame chord'), bind('ctrl+k', 'palette')]}>
        <Inner bindings={[bind('j', 'page j')]} />
      </Outer>
    </KeyboardProvider>,
  )
  fireEvent.keyDown(document.body, { key: 'j' })
  fireEvent.keyDown(document.body, { key: 'g' })
  fireEvent.keyDown(document.body, { key: 's' })
  fireEvent.keyDown(getByLabelText('box'), { key: 'j' })
  fireEvent.keyDown(getByLabelText('box'), { key: 'k', ctrlKey: true })
  expect(ran).toEqual(['page j', 'frame chord', 'palette'])
})

function Inner({ bindings }: { bindings: Binding[] }) {
  useKeys(bindings)
  return null
}
