/** The statements about kept responses that both databases understand. */
import type { Placeholder } from '#stores/sql/usage-queries.ts'

/** More than any limit: a database that skips rows wants to hear how many it may give. */
const everything = 2_000_000_000

export const responseStatements = (placeholder: Placeholder) => {
  const [first, second, third, fourth] = [1, 2, 3, 4].map(placeholder)
  return {
    put: `INSERT INTO stored_responses (tenant, name, sealed, kept_until_ms)
      VALUES (${first}, ${second}, ${third}, ${fourth})
      ON CONFLICT (tenant, name) DO UPDATE SET sealed = excluded.sealed, kept_until_ms = excluded.kept_until_ms`,
    forgetItems: `DELETE FROM stored_response_items WHERE tenant = ${first} AND name = ${second}`,
    addItem: `INSERT INTO stored_response_items (tenant, item, name) VALUES (${first}, ${second}, ${third})`,
    /** The newest stay. */
    dropBeyond: `DELETE FROM stored_responses WHERE tenant = ${first} AND name IN (
      SELECT name FROM stored_responses WHERE tenant = ${second}
      ORDER BY kept_until_ms DESC, name LIMIT ${everything} OFFSET ${third})`,
    get: `SELECT sealed FROM stored_responses
      WHERE tenant = ${first} AND name = ${second} AND kept_until_ms > ${third}`,
    nameOfItem: `SELECT held.name AS name FROM stored_response_items AS brought
      JOIN stored_responses AS held ON held.tenant = brought.tenant AND held.name = brought.name
      WHERE brought.tenant = ${first} AND brought.item = ${second} AND held.kept_until_ms > ${third}
      ORDER BY held.kept_until_ms DESC LIMIT 1`,
    remove: `DELETE FROM stored_responses
      WHERE tenant = ${first} AND name = ${second} AND kept_until_ms > ${third} RETURNING name`,
    prune: `DELETE FROM stored_responses WHERE kept_until_ms <= ${first}`,
  }
}
