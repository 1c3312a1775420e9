/** An alert ready to be sent in every form; what the alert book keeps until it is delivered. */
import { alertBody } from '#services/alerts/alert-body.ts'
import { wordsOf } from '#services/alerts/alert-words.ts'
import type { AlertWords } from '#services/alerts/alert-words.ts'
import type { Alert } from '#services/alerts/alert.ts'

export interface Letter {
  readonly id: string
  /** The body of a webhook. */
  readonly body: string
  readonly words: AlertWords
}

export const letterOf = (alert: Alert): Letter => ({
  id: alert.id,
  body: alertBody(alert),
  words: wordsOf(alert),
})

export const writeLetter = (letter: Letter): string => JSON.stringify(letter)

/** Written by this program alone, so its words are taken as they are. */
export const readLetter = (text: string): Letter => JSON.parse(text) as Letter
