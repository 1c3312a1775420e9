/** Reading an object by the members that it has: of the many that a request may carry, most are left out. */
import type { z } from 'zod'
import { parseWith } from '#http/schema-problem.ts'

/** Throws what `parseWith` throws. `prefix` says where the object stands, as in `messages[0]`. */
export type MemberReader<T> = (value: unknown, prefix?: string) => T

/** Sets of members that are remembered; clients send the same few, and whoever invents more is read the long way. */
const setsMax = 256

/**
 * What the schema reads, at the cost of the members that are there. A schema looks for each of its members in turn, so
 * for each set of members that comes, the schema of just these is made once. Members without which the schema says
 * something (required ones, those with a default) are always looked at. Not for schemas that compare their members.
 */
export function createMemberReader<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
): MemberReader<z.output<z.ZodObject<Shape>>> {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape
  const always = new Set(Object.keys(shape).filter((name) => !isSilentWithout(shape[name])))
  const bySet = new Map<string, z.ZodType<z.output<z.ZodObject<Shape>>>>()

  const schemaFor = (value: object) => {
    let set = ''
    for (const name in value) if (Object.hasOwn(shape, name)) set += `${name} `
    const known = bySet.get(set)
    if (known) return known
    if (bySet.size >= setsMax) return schema
    // In the schema's order, in which complaints are found.
    const names = Object.keys(shape).filter((name) => always.has(name) || Object.hasOwn(value, name))
    const mask = Object.fromEntries(names.map((name) => [name, true as const]))
    const picked = schema.pick(mask as Parameters<typeof schema.pick>[0]) as unknown as typeof schema
    bySet.set(set, picked)
    return picked
  }

  return (value, prefix) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return parseWith(isObject ? schemaFor(value) : schema, value, prefix)
  }
}

/** Whether leaving a member out is fine and leaves nothing behind. */
function isSilentWithout(member: z.core.$ZodType | undefined): boolean {
  const result = (member as z.ZodType).safeParse(undefined)
  return result.success && result.data === undefined
}
