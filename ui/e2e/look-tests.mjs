// What is wrong with a page at a glance, found without eyes: the page sticks out of the screen, text is cut off without
// a sign that there is more, or a row needs more lines than it has. Page errors fail every test anyway.
import assert from 'node:assert/strict'
import { enter, settled } from './harness.mjs'
import { PICTURES } from './pictures.mjs'

/** Runs in the page: texts of which a part is hidden sideways, although nothing says so (an ellipsis) and no one can scroll to it. */
function cutTexts() {
  const cut = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const range = document.createRange()
  while (walker.nextNode()) {
    const text = walker.currentNode
    if (!text.data.trim()) continue
    range.selectNodeContents(text)
    const box = range.getBoundingClientRect()
    if (box.width < 2 || box.height < 2) continue
    let [left, right] = [0, innerWidth]
    let mayBeCut = false
    for (let element = text.parentElement; element && element !== document.body; element = element.parentElement) {
      const style = getComputedStyle(element)
      if (style.visibility === 'hidden' || style.opacity === '0' || style.clip === 'rect(0px, 0px, 0px, 0px)' || style.clipPath !== 'none') mayBeCut = true
      if (style.textOverflow === 'ellipsis' || ['auto', 'scroll'].includes(style.overflowX) || style.position === 'fixed') mayBeCut = true
      // A preview of some lines.
      if (style.webkitLineClamp !== 'none') mayBeCut = true
      if (mayBeCut) break
      if (['hidden', 'clip'].includes(style.overflowX)) {
        const view = element.getBoundingClientRect()
        left = Math.max(left, view.left)
        right = Math.min(right, view.right)
      }
    }
    if (!mayBeCut && (box.right > right + 1.5 || box.left < left - 1.5)) cut.push(`${text.data.trim().slice(0, 60)} (${Math.round(box.left)} to ${Math.round(box.right)}, seen from ${Math.round(left)} to ${Math.round(right)})`)
  }
  // A row of a list is as high as its list says: what needs more lies over the next one.
  for (const row of document.querySelectorAll('[role=rowgroup] [role=row]')) if (row.scrollHeight > row.clientHeight + 2) cut.push(`${row.innerText.slice(0, 60)} (${row.scrollHeight} px in a row of ${row.clientHeight})`)
  return cut
}

/** Fails where a page sticks out of its screen, or cuts texts. */
export async function assertFits(page, what) {
  const [width, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.ok(width <= seen, `${what} sticks out: ${width} of ${seen} px`)
  assert.deepEqual(await page.evaluate(cutTexts), [], `${what} cuts text`)
}

const PART = 5

export const lookingTests = (server) => [
  ['what sticks out and what is cut is found', async (page) => {
    await enter(page, server, '/capture')
    await assertFits(page, 'the page as it is')
    const add = (words, style) =>
      page.evaluate(([text, look]) => {
        const box = document.querySelector('main').appendChild(document.createElement('div'))
        Object.assign(box.style, look)
        box.textContent = text
      }, [words, style])
    await add('cut without a sign', { width: '40px', overflow: 'hidden', whiteSpace: 'nowrap', flexShrink: '0' })
    await assert.rejects(assertFits(page, 'the page'), /cut without a sign/)
    await page.evaluate(() => { document.querySelector('main').lastChild.style.textOverflow = 'ellipsis' })
    await assertFits(page, 'the page with an ellipsis')
    await page.evaluate(() => Object.assign(document.querySelector('main').lastChild.style, { width: '2000px', overflow: 'visible' }))
    await assert.rejects(assertFits(page, 'the page'), /sticks out/)
  }],
  ['lists of every page need no scrolling sideways on a screen of usual width', async (page) => {
    await enter(page, server, '/sessions')
    let seen = 0
    for (const path of ['/sessions', '/alerts', '/cost?range=all', '/tools', '/rules', '/secrets']) {
      await page.goto(`${server.url}${path}`)
      await settled(page)
      const wide = await page.evaluate(() => [...document.querySelectorAll('[role=grid]')].map((grid) => [grid.getAttribute('aria-label'), grid.scrollWidth, grid.clientWidth]))
      seen += wide.length
      assert.deepEqual(wide.filter(([, needed, has]) => needed > has), [], path)
    }
    assert.ok(seen >= 5, `${seen} lists`)
  }],
]

/** A few pages a test, so that a slow machine has time for each. */
export const lookTests = (mode) => (server) => {
  const pictures = PICTURES.filter(([, of]) => of === mode)
  return Array.from({ length: Math.ceil(pictures.length / PART) }, (_, at) => pictures.slice(at * PART, (at + 1) * PART)).map((part) => [
    `nothing sticks out and no text is cut: ${part.map(([name]) => name).join(', ')}`,
    async (page) => {
      await enter(page, server, part[0][2], { shown: false })
      for (const [name, , path] of part) {
        await page.goto(`${server.url}${path}`)
        // What fails keeps its skeleton for as long as it is asked again.
        if (mode === 'failing') await page.getByRole('button', { name: 'Try again' }).waitFor()
        else await settled(page)
        await assertFits(page, name)
      }
    },
  ])
}
