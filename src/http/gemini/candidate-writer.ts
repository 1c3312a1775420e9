/** The parts of one candidate, written from events as they come. */
import type { ChatEvent, Finish, Logprobs } from '#core/domain/answer.ts'
import type { Carry, Citation, Part } from '#core/domain/chat.ts'
import { callMembers, mediaMembers, membersOf, writePart } from '#http/gemini/part-text.ts'
import type { OpenPart, TextKind } from '#http/gemini/part-text.ts'
import { isSignatureOfGemini, writeThoughtToken } from '#http/gemini/thought-token.ts'
import type { Piece } from '#http/gemini/thought-token.ts'
import { asObject } from '#core/domain/json.ts'

export type CandidateEvent = Exclude<
  ChatEvent,
  { readonly type: 'start' | 'usage' | 'extras' | 'native' | 'resumed' }
>

export interface PlacedCitation {
  readonly citation: Citation
  /** Where the text part that it belongs to begins in the candidate's text. */
  readonly textStart: number
}

export interface CandidateWriter {
  add(event: CandidateEvent): void
  /** The parts that are complete, as JSON; calls stay until something follows them or `isLast`. */
  take(isLast: boolean): readonly string[]
  readonly finish: Finish | undefined
  readonly refusal: string
  readonly logprobs: Logprobs | undefined
  readonly citations: readonly PlacedCitation[]
  readonly text: string
}

interface Call {
  readonly id: string
  readonly name: string
  argumentsText: string
  readonly carries: Carry[]
  readonly before: readonly Piece[]
}

/** Thinking that has come and whose tokens may still follow. */
interface Thought {
  text: string
  readonly carries: Carry[]
  readonly isPlan: boolean
}

/** With `showsThoughts`, thinking is written as parts too; its tokens travel on the parts after it either way. */
export function createCandidateWriter(showsThoughts: boolean): CandidateWriter {
  return new WriterState(showsThoughts)
}

class WriterState implements CandidateWriter {
  finish: Finish | undefined
  refusal = ''
  logprobs: Logprobs | undefined
  readonly citations: PlacedCitation[] = []
  text = ''
  readonly #showsThoughts: boolean
  #parts: OpenPart[] = []
  #calls = new Map<number, Call>()
  #thought: Thought | undefined
  /** What has no place of its own and waits for the next part that can carry it. */
  #before: Piece[] = []
  /** The waiting pieces travel on a text already, but a call after it must have them too. */
  #isBeforeOnText = false
  #hasVisible = false
  #textStart = 0

  constructor(showsThoughts: boolean) {
    this.#showsThoughts = showsThoughts
  }

  add(event: CandidateEvent): void {
    switch (event.type) {
      case 'text-delta':
        if (event.isToolPlan === true) this.#think(event.text, event.begins === true, true)
        else this.#say(event.text, event.begins === true)
        return
      case 'reasoning-delta':
        this.#think(event.text, event.begins === true, false)
        return
      case 'refusal-delta':
        this.#endThought()
        this.#endCalls()
        this.refusal += event.text
        this.#write('refusal', event.text, false)
        return
      case 'carry':
        this.#carry(event.carry, event.call)
        return
      case 'tool-call-start':
        this.#beginCall(event)
        return
      case 'tool-call-delta': {
        const call = this.#calls.get(event.call)
        if (call) call.argumentsText += event.argumentsText
        return
      }
      case 'part':
        this.#addPart(event.part)
        return
      case 'media-delta':
        this.#addPart(event.media)
        return
      case 'citation':
        this.citations.push({ citation: event.citation, textStart: this.#textStart })
        return
      case 'logprobs':
        this.logprobs = event.logprobs
        return
      case 'finish':
        this.finish = event.finish
    }
  }

  take(isLast: boolean): readonly string[] {
    if (isLast) {
      this.#endThought()
      this.#endCalls()
      if (this.#before.length > 0 && !this.#isBeforeOnText) {
        this.#open({ kind: 'text', text: '', signature: this.#tokenOf([]) })
      }
    }
    const parts = this.#parts.map(writePart)
    this.#parts = []
    return parts
  }

  #open(part: OpenPart): void {
    this.#parts.push(part)
  }

  /** The token of a part with its own carries and everything that waits. */
  #tokenOf(own: readonly Carry[]): string | undefined {
    return writeThoughtToken({ before: this.#before, own })
  }

  #say(text: string, begins: boolean): void {
    this.#endThought()
    this.#endCalls()
    if (begins || !this.#hasVisible) this.#textStart = this.text.length
    this.text += text
    this.#write('text', text, begins)
    if (text !== '') this.#hasVisible = true
  }

  /** Goes on with the last part where that is of the same kind; a new one takes along what waits. */
  #write(kind: TextKind, text: string, begins: boolean): void {
    const last = this.#parts.at(-1)
    if (!begins && last?.kind === kind && last.signature === undefined) {
      last.text += text
      return
    }
    const isCarrying = kind === 'text' && text !== '' && this.#before.length > 0 && !this.#isBeforeOnText
    if (isCarrying) this.#isBeforeOnText = true
    this.#open({ kind, text, signature: isCarrying ? this.#tokenOf([]) : undefined })
  }

  #think(text: string, begins: boolean, isPlan: boolean): void {
    this.#endCalls()
    if (begins || this.#thought?.isPlan !== isPlan) this.#endThought()
    this.#thought ??= { text: '', carries: [], isPlan }
    this.#thought.text += text
    if (this.#showsThoughts) this.#write('thought', text, begins)
  }

  /** Thinking without a token goes nowhere again, except a plan, which its provider wants back. */
  #endThought(): void {
    const thought = this.#thought
    if (!thought) return
    this.#thought = undefined
    const { text, carries, isPlan } = thought
    const carry = carries.length > 0 ? { carry: carries } : {}
    if (isPlan) this.#wait({ type: 'text', text, isToolPlan: true, ...carry })
    else if (carries.length > 0) this.#wait({ type: 'reasoning', text, ...carry })
  }

  #wait(part: Piece['part']): void {
    if (this.#isBeforeOnText) {
      // The text before took the earlier pieces along; a call after this one must have them all the same.
      this.#isBeforeOnText = false
    }
    this.#before.push({ part, isLeading: !this.#hasVisible })
  }

  #carry(carry: Carry, number: number | undefined): void {
    const call = number === undefined ? undefined : this.#calls.get(number)
    if (call) {
      call.carries.push(carry)
      return
    }
    if (this.#thought) {
      if (!isSignatureOfGemini(carry)) this.#thought.carries.push(carry)
      else this.#sign(carry.value, true)
      return
    }
    this.#sign(writeThoughtToken({ before: [], own: [carry] }) ?? '', false)
  }

  /** On the part that was written last; a part of its own when that has gone out already. */
  #sign(signature: string, isThought: boolean): void {
    const last = this.#parts.at(-1)
    if (last && last.signature === undefined) last.signature = signature
    else this.#open({ kind: isThought && this.#showsThoughts ? 'thought' : 'text', text: '', signature })
  }

  #beginCall({ call, id, name }: Extract<CandidateEvent, { type: 'tool-call-start' }>): void {
    this.#endThought()
    this.#calls.set(call, { id, name, argumentsText: '', carries: [], before: this.#before })
    this.#before = []
    this.#isBeforeOnText = false
    this.#hasVisible = true
  }

  #endCalls(): void {
    if (this.#calls.size === 0) return
    for (const call of this.#calls.values()) {
      // Gemini's own id of a call is the id that stands in it already.
      const own = call.carries.filter(({ origin, kind }) => origin !== 'gemini-generate' || kind !== 'item')
      const signature = writeThoughtToken({ before: call.before, own })
      this.#open({ kind: 'data', members: callMembers(call), signature })
    }
    this.#calls.clear()
  }

  #addPart(part: Part): void {
    this.#endThought()
    this.#endCalls()
    switch (part.type) {
      case 'image':
      case 'document':
      case 'audio':
      case 'video':
        this.#addData(mediaMembers(part), part.carry)
        return
      case 'server_tool':
      case 'opaque': {
        const value = part.origin === 'gemini-generate' ? asObject(part.value) : undefined
        if (value) this.#addData(membersOf(value), part.carry)
        else this.#wait(part)
        return
      }
      case 'text':
      case 'reasoning':
      case 'tool_call':
      case 'tool_result':
      case 'refusal':
        return
    }
  }

  #addData(members: string | undefined, carries: readonly Carry[] = []): void {
    if (members === undefined) return
    this.#open({ kind: 'data', members, signature: writeThoughtToken({ before: [], own: carries }) })
    this.#hasVisible = true
  }
}
