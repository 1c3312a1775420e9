/** Where a method of a Gemini model stands below the provider's base address. */

/** The name may come as the API lists it (`models/gemini-2.5-flash`) and stays one path segment whatever it holds. */
export function methodPath(model: string, method: string): string {
  return `/models/${encodeURIComponent(bareName(model))}:${method}`
}

/** `models/<name>`, as requests repeat it in their bodies. */
export const resourceName = (model: string): string => `models/${bareName(model)}`

const bareName = (model: string): string =>
  model.startsWith('models/') ? model.slice('models/'.length) : model
