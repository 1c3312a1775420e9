/** Vercel's `ai` with each of its provider packages, as `official-clients.test.ts` does with the official ones. */
import { describeClients } from '#tests/clients/client-tests.ts'
import { vercelClients } from '#tests/clients/clients.ts'

describeClients(vercelClients)
