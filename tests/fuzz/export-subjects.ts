/** The readers of providers' exports: whatever a file holds, it is lines with days and sound numbers, or refused. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportProviders } from '#services/reconciliation/export-line.ts'
import { readExport } from '#services/reconciliation/read-export.ts'
import { mutateBytes } from './byte-mutations.ts'
import { attempt, fault } from './fuzz-subject.ts'
import type { FuzzSubject } from './fuzz-subject.ts'

const folder = join(import.meta.dirname, '..', 'money', 'exports')
const inputs = readdirSync(folder)
  .filter((name) => !name.endsWith('.md'))
  .map((name) => readFileSync(join(folder, name)))

export const exportSubjects: readonly FuzzSubject[] = exportProviders.map((provider) => ({
  name: `export of ${provider}`,
  inputs,
  mutate: mutateBytes,
  run(input) {
    const { value, problem } = attempt(() => readExport(provider, input.toString()))
    for (const { day, requests, inputTokens, outputTokens, costNanoUsd } of value ?? []) {
      if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) fault(`the day ${day}`)
      for (const count of [requests, inputTokens, outputTokens, costNanoUsd]) {
        if (count !== null && !Number.isSafeInteger(count)) fault(`the number ${count}`)
      }
    }
    return problem?.code ?? 'read'
  },
}))
