/** The contract of the buckets, over every store that keeps them. */
import { createMemoryBuckets } from '#stores/memory/buckets.ts'
import { bucketsContract } from './buckets-contract.ts'

bucketsContract('memory', createMemoryBuckets)
