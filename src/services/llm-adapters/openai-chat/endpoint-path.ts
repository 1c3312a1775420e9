/** Where an endpoint of an OpenAI-compatible server stands below its base address. */
import type { Target } from '#core/domain/target.ts'

/** `endpoint` as OpenAI has it: `/chat/completions`. Azure's classic form puts the deployment, which stands for the model, before it. */
export function endpointPath({ provider, model }: Target, endpoint: string): string {
  const form = provider.addressForm
  if (!form) return endpoint
  const version = encodeURIComponent(form.apiVersion)
  return `/openai/deployments/${encodeURIComponent(model)}${endpoint}?api-version=${version}`
}
