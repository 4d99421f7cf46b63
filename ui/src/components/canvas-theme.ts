// Colours for what is drawn on a canvas: tokens as the browser resolves them in the theme of now.
import { useEffect, useState } from 'react'

/** Changes when the theme does, so that a canvas is drawn anew. */
export function useTheme(): string {
  const [theme, setTheme] = useState('')
  useEffect(() => {
    const root = document.documentElement
    const media = matchMedia('(prefers-color-scheme: light)')
    const read = (): void => setTheme(`${root.dataset.theme ?? ''} ${media.matches}`)
    read()
    const observer = new MutationObserver(read)
    observer.observe(root, { attributes: true, attributeFilter: ['data-theme'] })
    media.addEventListener('change', read)
    return () => {
      observer.disconnect()
      media.removeEventListener('change', read)
    }
  }, [])
  return theme
}

/** The browser resolves a token to the theme's colour only in a real property of a real element. */
export function tokenColour(element: HTMLElement, token: string): string {
  element.style.color = `var(--${token})`
  const colour = getComputedStyle(element).color
  element.style.color = ''
  return colour
}
