/** About how much memory the events of a stream take. */
import type { ChatEvent } from '#core/domain/answer.ts'
import type { Part } from '#core/domain/chat.ts'

const bytesPerEvent = 160
const bytesPerCharacter = 2

export function bytesOfEvents(events: readonly ChatEvent[]): number {
  let bytes = 0
  for (const event of events) bytes += bytesPerEvent + bytesOfEvent(event)
  return bytes
}

function bytesOfEvent(event: ChatEvent): number {
  switch (event.type) {
    case 'native':
      return event.bytes.byteLength
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return event.text.length * bytesPerCharacter
    case 'tool-call-delta':
      return event.argumentsText.length * bytesPerCharacter
    case 'part':
      return bytesOfPart(event.part)
    case 'media-delta':
      return bytesOfPart(event.media)
    case 'carry':
      return event.carry.value.length * bytesPerCharacter
    case 'citation':
    case 'logprobs':
    case 'extras':
    case 'resumed':
      return JSON.stringify(event).length * bytesPerCharacter
    case 'start':
    case 'tool-call-start':
    case 'finish':
    case 'usage':
      return 0
  }
}

export function bytesOfPart(part: Part): number {
  const carried = (part.carry ?? []).reduce((sum, { value }) => sum + value.length, 0)
  if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') {
    return (part.text.length + carried) * bytesPerCharacter
  }
  return JSON.stringify(part).length * bytesPerCharacter
}
