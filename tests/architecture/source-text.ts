/** Reads TypeScript as text: the code without comments and strings, and the import lines in it. */

export interface ImportLine {
  /** The words between the quotes; undefined if the target is computed while running. */
  readonly target: string | undefined
  readonly isTypeOnly: boolean
  readonly lineNumber: number
}

const lineComment = /\/\/[^\n]*/y
const blockComment = /\/\*[\s\S]*?(?:\*\/|$)/y
const quoted = /'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?/y
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/y
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y
/** What stands before a slash that opens a regular expression and does not divide. */
const beforeExpression =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield|instanceof))$/

/**
 * The same text with comments, and the insides of strings and regular expressions, turned into blanks. Every
 * character keeps its place, so that a position found here is a position in the file.
 */
export function codeOf(text: string): string {
  let code = ''
  /** For each template literal that is open around this place: how many braces are open in its expression. */
  const openBraces: number[] = []

  const take = (form: RegExp, position = code.length): string => {
    form.lastIndex = position
    return form.exec(text)?.[0] ?? ''
  }
  const takeTemplateText = (opening: string): string => {
    const inside = take(templateText, code.length + 1)
    const closing = /(?:`|\$\{)?$/.exec(inside)?.[0] ?? ''
    if (closing === '${') openBraces.push(0)
    return opening + blank(inside.slice(0, inside.length - closing.length)) + closing
  }
  const takeSlash = (): string =>
    blank(
      take(lineComment) ||
        take(blockComment) ||
        (beforeExpression.test(code.trimEnd()) ? take(regularExpression) : ''),
    ) || '/'
  const takeBrace = (brace: string): string => {
    const depth = openBraces.pop()
    if (depth === undefined) return brace
    if (brace === '}' && depth === 0) return takeTemplateText(brace)
    openBraces.push(brace === '{' ? depth + 1 : depth - 1)
    return brace
  }
  while (code.length < text.length) {
    const character = text.charAt(code.length)
    if (character === '/') code += takeSlash()
    else if (character === "'" || character === '"') code += emptied(take(quoted))
    else if (character === '`') code += takeTemplateText(character)
    else if (character === '{' || character === '}') code += takeBrace(character)
    else code += character
  }
  return code
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
const emptied = (text: string): string =>
  text.length < 2 ? text : text[0] + blank(text.slice(1, -1)) + text.at(-1)

const fromLine =
  /(?<![.\w$])(?:import|export)\b\s*(type\s)?(?:(?!\b(?:import|export)\b)[\w$*{},\s])*?\bfrom\s*["']/g
const bareLine = /(?<![.\w$])import\s*["']/g
const callLine = /(?<![.\w$])import\s*\(\s*["'`]?/g

/** Every import in a file: static, re-exporting, for its side effect, and called while running. */
export function importsOf(text: string): ImportLine[] {
  const code = codeOf(text)
  return [fromLine, bareLine, callLine]
    .flatMap((form) => [...code.matchAll(form)])
    .sort((one, other) => one.index - other.index)
    .map((match) => {
      const end = match.index + match[0].length
      const quote = /["'`]$/.exec(match[0])?.[0]
      return {
        target: quote === undefined ? undefined : text.slice(end, text.indexOf(quote, end)),
        isTypeOnly: match[1] !== undefined,
        lineNumber: lineNumberAt(text, match.index),
      }
    })
}

export function lineNumberAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

/** The words of the comment with which a file opens, or nothing. */
export function headerOf(text: string): string {
  const opening = /^(?:#![^\n]*\n)?\s*(\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n?)+)/.exec(text)?.[1] ?? ''
  return opening
    .replace(/^\s*(?:\/\*+|\*+\/|\*|\/\/)|\*+\/\s*$/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
