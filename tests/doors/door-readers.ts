/** Every door's reader. */
import { anthropicReader } from './anthropic-reader.ts'
import { chatReader } from './chat-reader.ts'
import { cohereReader } from './cohere-reader.ts'
import type { DoorReader } from './door-reader.ts'
import { geminiReader } from './gemini-reader.ts'
import { responsesReader } from './responses-reader.ts'

export const doorReaders: readonly DoorReader[] = [
  anthropicReader,
  chatReader,
  cohereReader,
  geminiReader,
  responsesReader,
]
