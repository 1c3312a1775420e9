/** The official clients, over real sockets, through every door to every provider: one test for each cell of the page. */
import { describeClients } from '#tests/clients/client-tests.ts'
import { officialClients } from '#tests/clients/clients.ts'

describeClients(officialClients)
