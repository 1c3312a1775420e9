/** A track: one way to a provider, by the address that it is reached at and the key that is shown there. */
import type { Outlet, ProviderRow } from '#core/domain/target.ts'

export interface Track {
  /** `@region#credential`, each part only where there are several; empty for a provider with one track. */
  readonly name: string
  readonly region: string | undefined
  readonly credential: string | undefined
  readonly weight: number
  /** The provider as it is asked on this track. */
  readonly row: ProviderRow
}

const tracksByRow = new WeakMap<ProviderRow, readonly Track[]>()

/** Every track of a provider, at least one. The same row always yields the same objects. */
export function tracksOf(row: ProviderRow): readonly Track[] {
  const known = tracksByRow.get(row)
  if (known) return known
  const tracks = row.outlets && row.outlets.length > 0 ? row.outlets.map(trackFrom(row)) : [onlyTrack(row)]
  tracksByRow.set(row, tracks)
  return tracks
}

const onlyTrack = (row: ProviderRow): Track => ({
  name: '',
  region: undefined,
  credential: undefined,
  weight: 1,
  row,
})

function trackFrom(row: ProviderRow): (outlet: Outlet) => Track {
  return ({ region, baseUrl, addressForm, credential, weight }) => ({
    name: `${region === undefined ? '' : `@${region}`}${credential === undefined ? '' : `#${credential}`}`,
    region,
    credential,
    weight,
    row: {
      ...row,
      baseUrl,
      addressForm,
      outlets: undefined,
      // A key that was named is the only one: the usual key must not stand in for it unseen.
      ...(credential === undefined ? {} : { vaultKeyName: credential, keyNames: [] }),
    },
  })
}
