/** LangChain's models and embeddings, as `official-clients.test.ts` does with the official clients. */
import { describeClients } from '#tests/clients/client-tests.ts'
import { langchainClients } from '#tests/clients/clients.ts'

describeClients(langchainClients)
