/** The output of a response as it grows: events in, items out, and every step told in the order of the stream's grammar. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Carry, Part } from '#core/domain/chat.ts'
import type { JsonObject } from '#core/domain/json.ts'
import { tokensOfLogprobs } from '#http/openai/logprob-tokens.ts'
import { writeForeignPart } from '#http/openai/foreign-part.ts'
import { writeEncrypted } from '#http/openai/responses/carried-reasoning.ts'
import { createItemShelf } from '#http/openai/responses/item-shelf.ts'
import type { ItemShelf, ItemStatus, PassedItems, Tell } from '#http/openai/responses/item-shelf.ts'
import { createOpenItems } from '#http/openai/responses/open-items.ts'
import type { OpenItems } from '#http/openai/responses/open-items.ts'
import { addVessel } from '#http/openai/responses/output-reasoning.ts'
import { addImageItem, addOwnItem } from '#http/openai/responses/output-whole.ts'

export interface OutputItems {
  add(event: ChatEvent): void
  /** Closes what is still open. */
  finish(status: ItemStatus): void
  /** The items that are done, as JSON texts in the order of the output. */
  done(): readonly string[]
}

export interface OutputOptions {
  /** What the ids of this response have in common. */
  readonly stem: string
  readonly tell?: Tell | undefined
  /** Token probabilities come last and belong to the text, which must still be open then. */
  readonly awaitsLogprobs: boolean
  readonly passed?: PassedItems | undefined
}

interface Output {
  readonly shelf: ItemShelf
  readonly open: OpenItems
  /** What a token without a call belongs to. */
  latest: 'text' | 'reasoning' | 'call' | 'other'
  latestCall: number
  latestPart: Part | undefined
}

export function createOutputItems({ stem, tell, awaitsLogprobs, passed }: OutputOptions): OutputItems {
  const shelf = createItemShelf(stem, tell, passed)
  const open = createOpenItems(shelf, awaitsLogprobs)
  const output: Output = { shelf, open, latest: 'text', latestCall: 0, latestPart: undefined }
  return {
    add: (event) => addEvent(output, event),
    finish: (status) => open.finish(status),
    done: () => shelf.done(),
  }
}

function addEvent(output: Output, event: ChatEvent): void {
  const { open } = output
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
      addWords(output, event)
      return
    case 'refusal-delta':
      output.latest = 'text'
      open.message().addRefusal(event.text)
      return
    case 'citation':
      open.message().addCitation(event.citation)
      return
    case 'tool-call-start':
      output.latest = 'call'
      output.latestCall = event.call
      open.beginCall(event)
      return
    case 'tool-call-delta':
      open.calls.addArguments(event.call, event.argumentsText)
      return
    case 'carry':
      addCarry(output, event.carry, event.call)
      return
    case 'part':
    case 'media-delta':
      addPart(output, event.type === 'part' ? event.part : event.media)
      return
    case 'logprobs':
      open.messageNow?.addLogprobs(tokensOfLogprobs(event.logprobs))
      return
    default:
  }
}

function addWords(
  output: Output,
  event: Extract<ChatEvent, { type: 'text-delta' | 'reasoning-delta' }>,
): void {
  const { open } = output
  const { text, begins } = event
  if (event.type === 'text-delta' && !event.isToolPlan) {
    output.latest = 'text'
    if (text !== '') open.message().addText(text, begins === true)
    else if (begins) open.messageNow?.endPart()
    return
  }
  output.latest = 'reasoning'
  if (begins) open.endReasoning()
  if (text !== '') open.reasoning(event.type === 'text-delta' ? { kind: 'plan' } : undefined).addText(text)
}

function addCarry({ shelf, open, latest, ...output }: Output, carry: Carry, call: number | undefined): void {
  // Members of an item of this API itself, which a translated answer cannot have.
  if (carry.origin === 'openai-responses' && carry.kind === 'item') return
  if (call !== undefined || latest === 'call') open.calls.addCarry(call ?? output.latestCall, carry)
  else if (latest === 'reasoning') open.reasoning().carries.push(carry)
  else if (latest === 'text') {
    open.endForItem()
    addVessel(shelf, writeEncrypted([carry], { kind: 'text' }))
  } else if (!output.latestPart?.carry?.includes(carry)) {
    addVessel(shelf, writeEncrypted([carry], { kind: 'before' }))
  }
}

function addPart(output: Output, part: Part): void {
  const { shelf, open } = output
  output.latest = 'other'
  output.latestPart = part
  open.endForItem()
  if (part.type === 'image') {
    addImageItem(shelf, { ...part, type: 'image' })
    addVessel(shelf, writeEncrypted(part.carry ?? [], { kind: 'before' }))
  } else if (part.type === 'server_tool' || part.type === 'opaque') {
    if (part.origin === 'openai-responses') addOwnItem(shelf, part.value as JsonObject)
    else addVessel(shelf, writeForeignPart(part))
  }
}
