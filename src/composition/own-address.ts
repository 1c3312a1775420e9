/** Whether an address leads back to this gateway, which would then ask itself until it has no place left. */

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|\[::\]|0\.0\.0\.0)$/

/** `server` is where the door listens. Names that only the network's own directory knows are not seen through. */
export function isOwnAddress(
  baseUrl: string,
  server: { readonly host: string; readonly port: number },
): boolean {
  if (!URL.canParse(baseUrl)) return false
  const { protocol, hostname, port } = new URL(baseUrl)
  if (protocol !== 'http:' || Number(port || 80) !== server.port) return false
  const ownName = server.host.includes(':') ? `[${server.host}]` : server.host
  if (hostname === ownName) return true
  return loopback.test(hostname) && loopback.test(ownName)
}
