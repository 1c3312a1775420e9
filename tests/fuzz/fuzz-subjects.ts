/** Everything that takes bytes from outside. */
import { decoderSubjects } from './decoder-subjects.ts'
import { exportSubjects } from './export-subjects.ts'
import type { FuzzSubject } from './fuzz-subject.ts'
import { requestSubjects } from './request-subjects.ts'
import { textSubjects } from './text-subjects.ts'
import { writerSubjects } from './writer-subjects.ts'

export const fuzzSubjects: readonly FuzzSubject[] = [
  ...textSubjects,
  ...decoderSubjects,
  ...requestSubjects,
  ...writerSubjects,
  ...exportSubjects,
]
