import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anchorOf, createSeam, overlapLeast } from '#core/domain/seam.ts'
import type { SeamWish } from '#core/domain/seam.ts'

const wish = (changes: Partial<SeamWish>): SeamWish => ({
  shown: '',
  anchor: undefined,
  overlapMost: 200,
  stopSequences: [],
  ...changes,
})

/** What the reader gets of a continuation that comes in these pieces. */
function read(given: Partial<SeamWish>, pieces: readonly string[]): string {
  const seam = createSeam(wish(given))
  let text = ''
  for (const piece of pieces) text += seam.push(piece)
  return text + seam.end()
}

function inPieces(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = []
  let at = 0
  for (let turn = 0; at < text.length; turn++) {
    const size = sizes.length === 0 ? text.length : (sizes[turn % sizes.length] ?? 1)
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

/** Words of which none comes twice, so that every repetition is one. */
const text = fc
  .uniqueArray(fc.stringMatching(/^[\p{Ll}]{3,9}$/u), { minLength: 12, maxLength: 80 })
  .chain((words) =>
    fc
      .array(fc.constantFrom(' ', ', ', '. ', '\n', '\n\n', ' – ', ' 1,000 ', ' 😀 '), {
        minLength: words.length,
        maxLength: words.length,
      })
      .map((gaps) =>
        words
          .map((word, at) => word + (gaps[at] ?? ' '))
          .join('')
          .trim(),
      ),
  )
const sizes = fc.array(fc.integer({ min: 1, max: 17 }), { maxLength: 5 })

test('wherever a text is cut and however much of its end is repeated, it comes out whole', () => {
  fc.assert(
    fc.property(
      text,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.oneof(fc.constant(0), fc.integer({ min: overlapLeast, max: 200 }), fc.constant(100_000)),
      sizes,
      (whole, share, overlap, pieceSizes) => {
        const cut = Math.max(4, Math.floor(whole.length * share))
        const shown = whole.slice(0, cut)
        // The model is sent what was shown without the white space at its end.
        const sent = shown.trimEnd()
        const repeated = sent.slice(Math.max(0, sent.length - overlap))
        const isKnown =
          overlap === 0 || repeated === sent ? sent.length >= 4 : repeated.length >= overlapLeast
        // An end without words is never taken for a repetition.
        const hasWords = /\p{L}{8}|\p{L}[^\p{L}]+\p{L}/u.test(repeated)
        fc.pre(isKnown && (overlap === 0 || repeated === sent || hasWords))
        const repeatedFrom = sent.length - (overlap === 0 ? 0 : repeated.length)
        assert.equal(shown + read({ shown }, inPieces(whole.slice(repeatedFrom), pieceSizes)), whole)
      },
    ),
    { numRuns: 3_000 },
  )
})

test('a model that is asked to begin with the last words yields the whole, with or without white space before them', () => {
  fc.assert(
    fc.property(
      text,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom('', ' ', '\n\n'),
      sizes,
      (whole, share, before, pieceSizes) => {
        const shown = whole.slice(0, Math.max(4, Math.floor(whole.length * share)))
        const anchor = anchorOf(shown)
        assert.ok(shown.trimEnd().endsWith(anchor) && anchor !== '')
        const answer = before + anchor + whole.slice(shown.trimEnd().length)
        assert.equal(shown + read({ shown, anchor }, inPieces(answer, pieceSizes)), whole)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a model that begins otherwise than it was asked to is refused before a word of it is shown', () => {
  fc.assert(
    fc.property(text, fc.string({ minLength: 1 }), sizes, (whole, other, pieceSizes) => {
      const shown = whole.slice(0, Math.ceil(whole.length / 2))
      const seam = createSeam(wish({ shown, anchor: anchorOf(shown) }))
      let given = ''
      for (const piece of inPieces(`Sure! ${other}`, pieceSizes)) given += seam.push(piece)
      given += seam.end()
      assert.equal(given, '')
      assert.equal(seam.isRefused, true)
    }),
  )
})

test('white space at the cut is neither lost nor doubled', () => {
  assert.equal(read({ shown: 'One two ' }, [' three']), 'three')
  assert.equal(read({ shown: 'One two ' }, ['three']), 'three')
  assert.equal(read({ shown: 'One two' }, [' three']), ' three')
  assert.equal(read({ shown: 'One two\n' }, ['\n', '\nThree']), '\nThree')
})

test('what an answer really says twice is kept: figures, lines, refrains and short words', () => {
  assert.equal(read({ shown: 'It costs 1,000' }, [',000 dollars']), ',000 dollars')
  assert.equal(read({ shown: '| --- | --- | --- ' }, ['| --- |']), '| --- |')
  assert.equal(read({ shown: 'He waved, bye ' }, ['bye and left']), 'bye and left')
  assert.equal(read({ shown: 'We will, we will rock you, rock you, ' }, ['rock you']), 'rock you')
})

test('a stop sequence that stands across the cut ends the answer there', () => {
  const seam = createSeam(wish({ shown: 'The result is 42. EN', stopSequences: ['END'] }))
  assert.equal(seam.push('D of'), '')
  assert.equal(seam.push(' everything'), '')
  assert.equal(seam.end(), '')
  assert.equal(seam.stoppedBy, 'END')
})

test('a stop sequence that only seemed to begin is no stop', () => {
  const seam = createSeam(wish({ shown: 'The word EN', stopSequences: ['ENDING'] }))
  assert.equal(seam.push('DI'), '')
  assert.equal(seam.push('VE is good.'), 'DIVE is good.')
  assert.equal(seam.stoppedBy, undefined)
})

test('wherever a stop sequence is cut, it ends the answer, and a repeated end does not hide it', () => {
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 6 }),
      sizes,
      fc.boolean(),
      (whole, into, pieceSizes, repeats) => {
        const shown = `${whole} ${'###STOP'.slice(0, into)}`
        const rest = `${'###STOP'.slice(into)} and more`
        const answer = repeats ? anchorOf(shown) + rest : rest
        const anchor = repeats ? anchorOf(shown) : undefined
        const seam = createSeam(wish({ shown, anchor, stopSequences: ['###STOP'] }))
        let given = ''
        for (const piece of inPieces(answer, pieceSizes)) given += seam.push(piece)
        assert.equal(given + seam.end(), '')
        assert.equal(seam.stoppedBy, '###STOP')
      },
    ),
  )
})
