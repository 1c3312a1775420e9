/** Whether an address leads back to this gateway, which would then ask itself until it has no place left. */
import { isLoopback } from '#config/exposure.ts'

const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]'])
const isThisMachine = (host: string) => isLoopback(host) || everywhere.has(host)

/** `server` is where the door listens. Names that only the network's own directory knows are not seen through. */
export function isOwnAddress(
  baseUrl: string,
  server: { readonly host: string; readonly port: number },
): boolean {
  if (!URL.canParse(baseUrl)) return false
  const { protocol, hostname, port } = new URL(baseUrl)
  if (protocol !== 'http:' || Number(port || 80) !== server.port) return false
  if (isThisMachine(hostname) && isThisMachine(server.host)) return true
  return hostname === server.host || hostname === `[${server.host}]`
}
