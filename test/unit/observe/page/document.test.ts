import { describe, expect, it } from 'vitest'
import { inlineJson, pageBeginning, pageDataId, pageDocument } from '../../../../src/observe/page/document.ts'
import { eventsPageHtml } from '../../../../src/observe/page/events-page.ts'
import { escapeHtml } from '../../../../src/observe/page/markup.ts'
import type { EventsPage } from '../../../../src/observe/page/page-data.ts'

const hostile = '</script><script>alert(1)</script><!--<script>'

/** The text of each element of the name, as a browser's parser would end it: at the first closing tag. */
function elementsOf(html: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`<${name}[^>]*>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1]!)
}

describe('page document', () => {
  it('a symbol, file or type named </script> stays a string: it ends no element and comes back as it was', () => {
    const html = pageDocument({ title: hostile, styles: ['p{}'], scripts: ['run()'], data: { [hostile]: [hostile] } })
    expect(html.startsWith(pageBeginning)).toBe(true)
    const [json, ...scripts] = elementsOf(html, 'script')
    expect(JSON.parse(json!)).toEqual({ [hostile]: [hostile] })
    expect(scripts).toEqual(['\nrun()\n'])
    expect(elementsOf(html, 'title')).toEqual([escapeHtml(hostile)])
    expect(html).not.toContain('alert(1)</script>')
  })

  it('canary: plain JSON in its place would have ended the element', () => {
    const html = pageDocument({ title: '', styles: [], scripts: [], data: { symbol: hostile } })
    const planted = html.replace(inlineJson({ symbol: hostile }), JSON.stringify({ symbol: hostile }))
    expect(() => JSON.parse(elementsOf(planted, 'script')[0]!)).toThrow()
    expect(elementsOf(planted, 'script')).toContain('alert(1)')
  })

  it('text is escaped for content and quoted attributes', () => {
    expect(escapeHtml(`<a href='x' title="y">&`)).toBe('&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;')
  })

  it('a style or script of ours that would end its element is refused', () => {
    const parts = { title: '', styles: [], scripts: [], data: null }
    expect(() => pageDocument({ ...parts, scripts: ['"</script>"'] })).toThrow(/script would end/)
    expect(() => pageDocument({ ...parts, scripts: ['"<!--"'] })).toThrow(/script would end/)
    expect(() => pageDocument({ ...parts, styles: ['/* </STYLE> */'] })).toThrow(/style would end/)
  })
})

describe('page of events', () => {
  const page: EventsPage = {
    title: hostile,
    files: [hostile],
    firstMs: 0,
    lastMs: 1,
    records: 1,
    malformed: { json: 1 },
    settings: [],
    symbols: [],
    undrawn: [],
    whyNotAllDrawn: null,
    events: [],
    whyNoEvents: hostile,
  }

  it('is one file: chart library with its licence, styles, script and data, and an address of nothing to load', () => {
    const html = eventsPageHtml(page)
    expect(JSON.parse(elementsOf(html, 'script').find((text) => text.startsWith('{"title"'))!)).toEqual(page)
    expect(html).toContain(`id="${pageDataId}"`)
    expect(html).toContain('Permission is hereby granted')
    expect(html).toContain('default-src &#39;none&#39;')
    expect(html).not.toMatch(/<(link|img|iframe)\b|\bsrc=|@import|url\(/)
  })
})
