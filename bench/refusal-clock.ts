/**
 * Loaded into a measured program before its own code: takes the time of every refusal with 503 inside the server, from
 * the last byte of the request's head to the last byte of the reply, and writes what it found when the program ends.
 */
import { subscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createSamples } from './samples.ts'

export type RefusalTimes = {
  count: number
  p50Ms: number
  p99Ms: number
  mostMs: number
  under5MsShare: number
}

const file = process.env['REFUSAL_TIMES_FILE']
const refusedMs = createSamples()
let quick = 0

subscribe('http.server.request.start', (message) => {
  const { response } = message as { readonly response: ServerResponse }
  const beganAt = performance.now()
  response.once('finish', () => {
    if (response.statusCode !== 503) return
    const tookMs = performance.now() - beganAt
    refusedMs.add(tookMs)
    if (tookMs < 5) quick += 1
  })
})

process.once('exit', () => {
  if (file === undefined) return
  const times: RefusalTimes = {
    count: refusedMs.count(),
    p50Ms: refusedMs.quantile(0.5),
    p99Ms: refusedMs.quantile(0.99),
    mostMs: refusedMs.quantile(1),
    under5MsShare: quick / refusedMs.count(),
  }
  writeFileSync(file, JSON.stringify(times))
})
