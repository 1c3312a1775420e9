/** Who answers whom: Gemini's function calls and responses may come without ids and are then matched by name and order. */
import { Problem } from '#core/domain/problem.ts'

export interface CallLedger {
  /** A call of the model in this turn. Returns its id in the conversation, which is unique. */
  call(call: { readonly id: string | undefined; readonly name: string; readonly path: string }): string
  /** A new turn of the model has begun. */
  beginTurn(): void
  /** The id of the call that a response answers. Throws `invalid_value` when there is none left to answer. */
  answer(response: {
    readonly id: string | undefined
    readonly name: string
    readonly path: string
    readonly isLast: boolean
  }): string
}

interface Entry {
  readonly id: string
  /** The id that the caller wrote. */
  readonly wireId: string | undefined
  readonly name: string
  readonly turn: number
  isAnswered: boolean
}

/** One for each conversation, which is read from its beginning to its end. */
export function createCallLedger(): CallLedger {
  const entries: Entry[] = []
  const ids = new Set<string>()
  let turn = 0

  return {
    beginTurn() {
      turn++
    },
    call({ id: wireId, name, path }) {
      if (wireId !== undefined && entries.some((entry) => entry.turn === turn && entry.wireId === wireId)) {
        throw new Problem('invalid_value', {
          param: `${path}.id`,
          detail: `${path}.id is the id of another function call of the same turn.`,
          mend: 'Give each function call an id of its own, or leave the ids out.',
        })
      }
      const id = wireId !== undefined && !ids.has(wireId) ? wireId : mintedId(entries.length, ids)
      ids.add(id)
      entries.push({ id, wireId, name, turn, isAnswered: false })
      return id
    },
    answer({ id: wireId, name, path, isLast }) {
      const entry =
        wireId === undefined ? openCall(entries, name) : callWithId(entries, { wireId, name, path })
      if (!entry) throw unasked(path, name)
      if (isLast) entry.isAnswered = true
      return entry.id
    },
  }
}

/** The same for the same conversation, however often it is sent: a prompt cache at the provider stays valid. */
function mintedId(position: number, ids: ReadonlySet<string>): string {
  let id = `call_${position}`
  while (ids.has(id)) id += '_'
  return id
}

/** The first unanswered call of this name; failing that the first unanswered one, for names that were written otherwise. */
function openCall(entries: readonly Entry[], name: string): Entry | undefined {
  return (
    entries.find((entry) => !entry.isAnswered && entry.name === name) ??
    entries.find((entry) => !entry.isAnswered)
  )
}

function callWithId(
  entries: readonly Entry[],
  { wireId, name, path }: { readonly wireId: string; readonly name: string; readonly path: string },
): Entry | undefined {
  const open = entries.find((entry) => !entry.isAnswered && entry.wireId === wireId)
  if (!open && entries.some((entry) => entry.wireId === wireId)) {
    throw new Problem('invalid_value', {
      param: `${path}.id`,
      detail: `${path}.id is the id of a function call that was answered before.`,
      mend: 'Send one response for each function call.',
    })
  }
  // Some applications give the response an id of their own: the name decides then.
  return open ?? entries.find((entry) => !entry.isAnswered && entry.name === name)
}

const unasked = (path: string, name: string) =>
  new Problem('invalid_value', {
    param: path,
    detail: `${path} answers the function "${name.slice(0, 128)}", which no earlier turn called.`,
    mend: "Send the model's turn with the function call before its response.",
  })
