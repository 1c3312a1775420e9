/** Settings of the key vault: where secrets are read, how often, and how a secret server is spoken to. */
import { z } from 'zod'
import { line, milliseconds, plainName } from '#config/schema/value-forms.ts'

/** A path or a mount of the server: segments, none of them empty, `.` or `..`. */
const serverPath = z
  .string()
  .max(512)
  .regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._@:-]+(?:\/[A-Za-z0-9._@:-]+)*$/, {
    error: 'must be a path like team/llm: letters, digits and . _ @ : - between single slashes',
  })

const loginSettings = z
  .strictObject({
    method: z
      .enum(['token', 'approle', 'kubernetes'])
      .default('token')
      .describe(
        'How to log in: token (VAULT_TOKEN), approle (VAULT_ROLE_ID and VAULT_SECRET_ID) or kubernetes (the service account of the pod). Each variable may be NAME_FILE, the file that holds it, read anew at each login.',
      ),
    mount: serverPath
      .optional()
      .describe('Where the login method is mounted; left out, approle or kubernetes, as the method says.'),
    role: plainName.optional().describe('The role to log in as; needed by kubernetes.'),
    service_account_file: line
      .default('/var/run/secrets/kubernetes.io/serviceaccount/token')
      .describe('The token of the service account, for kubernetes; read anew at each login.'),
  })
  .describe('How Signalbox logs in at the secret server.')

const hashicorpSettings = z
  .strictObject({
    mount: serverPath.default('secret').describe('Where the KV secrets engine is mounted.'),
    kv_version: z
      .union([z.literal(1), z.literal(2)])
      .default(2)
      .describe('The version of that KV secrets engine.'),
    path: serverPath
      .optional()
      .describe('What stands before the path of every secret, so that names in this file can be short.'),
    field: plainName
      .default('value')
      .describe('The field of a secret that is read when its name has no #field.'),
    common_secret: serverPath
      .optional()
      .describe(
        'The path of one secret whose fields are the usual names, like OPENAI_API_KEY; left out, the server is not asked for these.',
      ),
    namespace: serverPath
      .optional()
      .describe('The namespace of mounts and login. Environment: VAULT_NAMESPACE.'),
    login: loginSettings.prefault({}),
    ca_file: line
      .optional()
      .describe(
        'Certificates (PEM) of who may vouch for the server, in place of the usual ones. Environment: VAULT_CACERT.',
      ),
    allow_unencrypted: z
      .boolean()
      .default(false)
      .describe('Whether the server may be reached without TLS beyond this machine.'),
    timeout_ms: milliseconds(50)
      .default(2_000)
      .describe('How long the server may take for one secret, login included.'),
  })
  .describe('The secret server, with provider hashicorp: HashiCorp Vault or OpenBao.')

export const keyVaultSettings = z
  .strictObject({
    provider: z
      .enum(['env', 'file', 'azure', 'aws', 'hashicorp'])
      .default('env')
      .describe(
        'Where provider keys come from: env (environment variables), file, or hashicorp (a HashiCorp Vault or OpenBao server); azure and aws are accepted, and not live in this version. What is not found there is looked for in the environment.',
      ),
    vault_url: line
      .optional()
      .describe(
        'Address of the secret server; file:///path names a folder or file of secrets. Environment: KEY_VAULT_URL; for hashicorp VAULT_ADDR too, when neither is set.',
      ),
    file: line
      .optional()
      .describe(
        'For provider file: a folder with one file per secret, or one YAML or JSON file of names and secrets.',
      ),
    refresh_ms: milliseconds(1000)
      .default(300_000)
      .describe('How long a key is used before it is read again, so that it can be rotated.'),
    retry_ms: milliseconds(100)
      .default(10_000)
      .describe('How long after a reading that failed, or found nothing, the next one waits.'),
    stale_ms: milliseconds(0)
      .default(3_600_000)
      .describe(
        'How long a key that is due and cannot be read again stays in use; after half of that the operator is told.',
      ),
    hashicorp: hashicorpSettings.prefault({}),
  })
  .describe('Where the keys of the providers come from.')
