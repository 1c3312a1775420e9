/** The page of compatibility as a whole: every client is on it, and nothing was written into it by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clients } from '#tests/clients/clients.ts'
import { pageWith, readPage, sectionIn } from '#tests/clients/page.ts'

const page = readPage() ?? ''

test('every client from Node is on the page, in order', () => {
  const section = sectionIn(page, 'javascript') ?? ''
  const titles = [...section.matchAll(/^### (.+)$/gm)].map(([, title]) => title)
  assert.deepEqual(
    titles,
    clients.map(({ title }) => title),
  )
})

test('around what the runs found the page says what the code says', () => {
  for (const language of ['javascript', 'python'] as const) {
    const section = sectionIn(page, language)
    assert.ok(section, `nothing is said of ${language}`)
    assert.ok(pageWith(page, language, section) === page, 'it is stale: npm run clients -- --write')
  }
})

test('a run in one language leaves what was found in the other', () => {
  const written = pageWith(page, 'javascript', '## Nothing')
  assert.equal(sectionIn(written, 'javascript'), '## Nothing')
  assert.equal(sectionIn(written, 'python'), sectionIn(page, 'python'))
})
