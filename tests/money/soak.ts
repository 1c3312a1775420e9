/** How long the money tests run: a short form with every change, a long one with `npm run soak`, which prints its numbers. */

export const isSoak = process.env['SOAK'] === '1'

/** How often to do something, short and long. */
export const rounds = (short: number, long: number): number => (isSoak ? long : short)

/** A line for the person who watches a soak; nothing in the short form. */
export function tell(line: string): void {
  if (isSoak) process.stdout.write(`${line}\n`)
}
