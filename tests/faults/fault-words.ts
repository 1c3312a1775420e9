/** The faults and their right behaviour in words, for the page that lists them. */
import { expectationOf } from '#tests/faults/fault-mode.ts'
import type { Expectation, FaultMode, Outcome } from '#tests/faults/fault-mode.ts'
import { faultModes } from '#tests/faults/fault-modes.ts'
import { wires } from '#tests/faults/wires/wires.ts'
import { dialects } from '#tests/support/adapters.ts'

const words: Readonly<Record<Outcome, readonly [alone: string, armed: string]>> = {
  passes: ['answered', 'answered'],
  spared: ['answered by another key or region', 'answered by another key or region'],
  fails: ['refused', 'rescued'],
  refused: ['refused', 'refused'],
  breaks: ['told as broken', 'told as broken'],
}

/** What a mode must come to, over its dialects: usually one thing. */
function expectationsOf(mode: FaultMode): readonly Expectation[] {
  const seen = new Map<string, Expectation>()
  for (const kind of mode.kinds ?? (['whole', 'stream'] as const)) {
    for (const dialect of mode.dialects ?? dialects) {
      const expectation = expectationOf(mode, { kind, wire: wires[dialect] })
      seen.set(JSON.stringify(expectation), expectation)
    }
  }
  return [...seen.values()]
}

const told = (values: readonly string[]): string => [...new Set(values)].join(', or ')

/** A table of every fault, in the order in which it strikes. */
export function faultTable(): string {
  const rows = faultModes.map((mode) => {
    const expectations = expectationsOf(mode)
    const codes = [...new Set(expectations.flatMap(({ codes: own }) => own))].map((code) => `\`${code}\``)
    const cells = [
      mode.name,
      mode.phase,
      (mode.kinds ?? ['whole', 'stream']).join(', '),
      told(expectations.map(({ outcome }) => words[outcome][0])),
      told(expectations.map(({ outcome }) => words[outcome][1])),
      codes.join(' '),
      mode.because ?? '',
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '| fault | strikes | of replies | alone | with a fallback | the attempt is called | why |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
