/** What a target calls the caller's tools, and how to call them by their own names again in its answer. */
import { asObject, asString, parseJson } from '#core/domain/json.ts'

export interface ToolWords {
  /** The caller's name of each tool that was sent under another. */
  readonly ownNames: ReadonlyMap<string, string>
  /** Tools of free text, by the caller's name, that were sent as functions with one argument. */
  readonly textTools: ReadonlySet<string>
}

/** The one argument of a function that stands for a tool of free text. */
export const textArgument = 'input'

/** The text in the arguments of such a function; arguments of any other form are the text as they are. */
export function textOfArguments(argumentsText: string): string {
  if (/^\s*\{\s*\}\s*$/.test(argumentsText)) return ''
  return asString(asObject(parseJson(argumentsText))?.[textArgument]) ?? argumentsText
}

export function argumentsOfText(text: string): string {
  return JSON.stringify({ [textArgument]: text })
}
