import { describe, expect, it } from 'vitest'
import { cutText, folderName, visibleLine, visiblePieces, visibleText, withinProject } from './text'

describe('text from an agent', () => {
  it('shows what would hide, reorder or impersonate', () => {
    const table: Array<[string, string]> = [
      ['plain text, ünïcode, 日本語', 'plain text, ünïcode, 日本語'],
      ['\u001b[31mred\u001b[0m', '\\e[31mred\\e[0m'],
      ['\u009b31m', '\\u{9b}31m'],
      ['user\u202etxt.exe', 'user\\u{202e}txt.exe'],
      ['a\u2066b\u2069', 'a\\u{2066}b\\u{2069}'],
      ['pay\u200bpal', 'pay\\u{200b}pal'],
      ['\ufeffstart', '\\u{feff}start'],
      ['tag\u{e0041}', 'tag\\u{e0041}'],
      ['half \ud83d of a pair', 'half \\u{d83d} of a pair'],
      ['join\u200der', 'join\\u{200d}er'],
      ['warn ⚠️ and 👩‍💻 stay', 'warn ⚠️ and 👩‍💻 stay'],
      ['letter a\ufe0f', 'letter a\\u{fe0f}'],
      ['whole 😀 pair', 'whole 😀 pair'],
      ['over\rwrite', 'over\\rwrite'],
      ['bell\u0007 null\u0000', 'bell\\a null\\0'],
      ['soft\u00adhyphen', 'soft\\u{ad}hyphen'],
    ]
    for (const [text, shown] of table) expect(visibleText(text)).toBe(shown)
  })

  it('keeps line ends and tabs, and takes Windows line ends for line ends', () => {
    expect(visibleText('a\n\tb\r\nc')).toBe('a\n\tb\nc')
    expect(visibleLine('a\n  b\tc')).toBe('a ⏎ b c')
  })

  it('marks what is escaped, so that an agent cannot write an escape itself', () => {
    expect(visiblePieces('\\e \u001b')).toEqual([
      { text: '\\e ', escaped: false },
      { text: '\\e', escaped: true },
    ])
    expect(visiblePieces('')).toEqual([{ text: '', escaped: false }])
  })

  it('leaves no hidden character of the whole basic plane behind', () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join(' ')
    expect(visibleText(all)).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })

  it('is cut at a line end, never within a pair, and says how much is hidden', () => {
    expect(cutText('short', 10)).toEqual({ shown: 'short', hidden: 0 })
    expect(cutText('123456789\nabcdef', 11)).toEqual({ shown: '123456789', hidden: 7 })
    const pairs = '😀'.repeat(10)
    expect(cutText(pairs, 5).shown).toBe('😀😀')
  })
})

it('a project is known by its last folder', () => {
  expect(folderName('/home/ada/web-shop/')).toBe('web-shop')
  expect(folderName('C:\\code\\shop')).toBe('shop')
  expect(folderName('/')).toBe('/')
})

it('a path inside the project loses the part that all have', () => {
  expect(withinProject('/home/ada/shop/src/a.rs', '/home/ada/shop')).toBe('src/a.rs')
  expect(withinProject('/home/ada/shopping/a.rs', '/home/ada/shop')).toBe('/home/ada/shopping/a.rs')
  expect(withinProject('/home/ada/shop/', '/home/ada/shop')).toBe('/home/ada/shop/')
  expect(withinProject('ls', null)).toBe('ls')
})
