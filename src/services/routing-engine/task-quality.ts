/** How good an answer a kind of task needs, from 0 to 1 on the catalogue's scale: the floor for routes that choose. */

/** The floor for a request that names no task. */
export const usualQualityFloor = 0.6

/** By the canonical names of task types, which the door makes of every spelling. */
const floors: ReadonlyMap<string, number> = new Map([
  ['classification', 0.45],
  ['sentiment', 0.45],
  ['extraction', 0.5],
  ['translation', 0.5],
  ['summarization', 0.5],
  ['editing', 0.5],
  ['chat', 0.55],
  ['question_answering', 0.55],
  ['general', usualQualityFloor],
  ['vision', 0.6],
  ['multimodal', 0.6],
  ['creative', 0.65],
  ['writing', 0.65],
  ['analysis', 0.7],
  ['data_analysis', 0.75],
  ['tool_use', 0.75],
  ['code', 0.75],
  ['code_review', 0.75],
  ['math', 0.8],
  ['reasoning', 0.8],
])

/** The floor of a task type, or undefined when it says nothing about quality. */
export function qualityFloorOf(taskType: string | undefined): number | undefined {
  return taskType === undefined ? undefined : floors.get(taskType)
}
