/** Reading an object by the members that it has: of the many that a request may carry, most are left out. */
import type { z } from 'zod'
import { parseWith } from '#http/schema-problem.ts'

/** Throws what `parseWith` throws. `prefix` says where the object stands, as in `messages[0]`. */
export type MemberReader<T> = (value: unknown, prefix?: string) => T

/** Members in their order that are remembered; clients send the same few, and whoever invents more is read the long way. */
const stepsMax = 1_024

/** Where a reader stands after some members. */
interface Step<Schema> {
  readonly next: Map<string, Step<Schema>>
  /** The schema of the members that led here, once an object had just these. */
  schema?: Schema
}

/**
 * What the schema reads, at the cost of the members that are there. A schema looks for each of its members in turn, so
 * for each set of members that comes, the schema of just these is made once. Members without which the schema says
 * something (required ones, those with a default) are always looked at. Not for schemas that compare their members.
 */
export function createMemberReader<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
): MemberReader<z.output<z.ZodObject<Shape>>> {
  type Schema = z.ZodType<z.output<z.ZodObject<Shape>>>
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape
  const always = new Set(Object.keys(shape).filter((name) => !isSilentWithout(shape[name])))
  const first: Step<Schema> = { next: new Map() }
  let steps = 0

  /** Undefined when there is no room for a way that nobody went yet. */
  const walk = (value: object) => {
    let step = first
    for (const name in value) {
      const known = step.next.get(name)
      if (known) step = known
      else if (Object.hasOwn(shape, name)) {
        if (steps >= stepsMax) return undefined
        steps += 1
        const fresh: Step<Schema> = { next: new Map() }
        step.next.set(name, fresh)
        step = fresh
      }
    }
    return step
  }

  const pick = (value: object): Schema => {
    // In the schema's order, in which complaints are found.
    const names = Object.keys(shape).filter((name) => always.has(name) || Object.hasOwn(value, name))
    const mask = Object.fromEntries(names.map((name) => [name, true as const]))
    return schema.pick(mask as Parameters<typeof schema.pick>[0])
  }

  return (value, prefix) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    const step = isObject ? walk(value) : undefined
    if (!isObject || !step) return parseWith(schema, value, prefix)
    step.schema ??= pick(value)
    return parseWith(step.schema, value, prefix)
  }
}

/** Whether leaving a member out is fine and leaves nothing behind. */
function isSilentWithout(member: z.core.$ZodType | undefined): boolean {
  const result = (member as z.ZodType).safeParse(undefined)
  return result.success && result.data === undefined
}
