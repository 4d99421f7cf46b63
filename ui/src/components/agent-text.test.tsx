import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { AgentBlock, AgentLine } from './agent-text'

afterEach(cleanup)

it('markup of an agent makes no element', () => {
  const { container } = render(<AgentBlock text={'<img src=x onerror=alert(1)><script>1</script>'} />)
  expect(container.querySelector('img, script')).toBeNull()
  expect(container.textContent).toContain('<img src=x')
})

it('an escape that Argus made looks unlike one that the agent wrote', () => {
  const { container } = render(<AgentLine text={'\\e and \u001b'} />)
  const escapes = [...container.querySelectorAll('.escaped-character')].map((element) => element.textContent)
  expect(escapes).toEqual(['\\e'])
  expect(container.textContent).toBe('\\e and \\e')
})

it('long text is cut and shown whole on demand, with its size', () => {
  const { container } = render(<AgentBlock text={'line\n'.repeat(240_000)} />)
  expect(container.textContent?.length).toBeLessThan(30_000)
  fireEvent.click(screen.getByRole('button', { name: 'show all 1.2 MB' }))
  expect(container.textContent?.length).toBe(1_200_000)
  expect(screen.queryByRole('button')).toBeNull()
})
