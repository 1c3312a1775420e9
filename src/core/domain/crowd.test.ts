import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createCrowd, nowhere } from '#core/domain/crowd.ts'
import type { Member } from '#core/domain/crowd.ts'

interface Named extends Member {
  readonly name: number
}

const step = fc.record({ isComing: fc.boolean(), name: fc.nat(9) })

test('whoever comes and goes in whatever order, those are here who came and did not go', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const crowd = createCrowd<Named>()
      const all = Array.from({ length: 10 }, (_, name): Named => ({ name, place: nowhere }))
      const here = new Set<number>()
      for (const { isComing, name } of steps) {
        const one = all[name]
        if (!one) continue
        if (isComing) crowd.add(one)
        else crowd.remove(one)
        if (isComing) here.add(name)
        else here.delete(name)
      }
      const seen: number[] = []
      crowd.each(({ name }) => seen.push(name))
      assert.equal(crowd.size, here.size)
      assert.deepEqual(
        seen.toSorted((a, b) => a - b),
        [...here].toSorted((a, b) => a - b),
      )
    }),
  )
})

test('who goes while all are visited is not visited, nobody is visited twice, and who comes waits for the next time', () => {
  const crowd = createCrowd<Named>()
  const all = [0, 1, 2, 3].map((name): Named => ({ name, place: nowhere }))
  const late: Named = { name: 4, place: nowhere }
  for (const one of all) crowd.add(one)
  const seen: number[] = []
  crowd.each(({ name }) => {
    seen.push(name)
    if (name === 0 && all[2]) crowd.remove(all[2])
    crowd.add(late)
  })
  assert.deepEqual(seen, [0, 1, 3])
  assert.equal(crowd.size, 4)
})

test('a member of another crowd is not taken out by mistake', () => {
  const [one, other] = [createCrowd<Named>(), createCrowd<Named>()]
  const [mine, theirs]: [Named, Named] = [
    { name: 0, place: nowhere },
    { name: 1, place: nowhere },
  ]
  one.add(mine)
  other.add(theirs)
  one.remove(theirs)
  assert.deepEqual([one.size, other.size, theirs.place], [1, 1, 0])
})
