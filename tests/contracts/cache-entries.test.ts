/** The contract of the cache's entries, over every store that keeps them. */
import { createMemoryEntries } from '#stores/memory/entries.ts'
import { entriesContract } from './cache-entries-contract.ts'

entriesContract('memory', createMemoryEntries)
