/** Settings of the door: where it listens, how much it takes, who may come in. */
import { z } from 'zod'
import { count, line, milliseconds, plainName } from '#config/schema/value-forms.ts'

const mebibyte = 1_048_576

const peer = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'must be an IP address or a range like 10.0.0.0/8',
})

const origin = z.string().refine((text) => text === '*' || URL.parse(text)?.origin === text, {
  error: 'must be an origin like https://app.example.com, or "*"',
})

export const modeSetting = z
  .enum(['auto', 'development', 'production'])
  .default('auto')
  .describe(
    'How careful to be: development lets requests without a key in; auto is development on a loopback address unless keys are required, else production.',
  )

export const serverSettings = z
  .strictObject({
    host: line
      .default('127.0.0.1')
      .describe('Address to listen on; 0.0.0.0 or :: is every address of the machine. Environment: HOST.'),
    port: count(0, 65_535)
      .default(8000)
      .describe('Port to listen on; 0 takes any free port. Environment: PORT.'),
    body_bytes_max: count(1024, 512 * mebibyte)
      .default(20 * mebibyte)
      .describe('Largest request body, in bytes.'),
    body_depth_max: count(8, 512).default(64).describe('Deepest nesting of a request body.'),
    connections_max: count(1, 1_000_000).default(10_000).describe('Most connections open at once.'),
    requests_in_flight_max: count(1, 1_000_000)
      .default(2000)
      .describe('Most requests being answered at once; more are refused with 503 and retry-after.'),
    headers_timeout_ms: milliseconds(100)
      .default(10_000)
      .describe('How long a caller may take to send the headers of a request.'),
    request_timeout_ms: milliseconds(100)
      .default(60_000)
      .describe('How long a caller may take to send a whole request, its body included.'),
    keep_alive_timeout_ms: milliseconds(0)
      .default(75_000)
      .describe('How long an idle connection is kept open for the next request.'),
    heartbeat_ms: milliseconds(1000)
      .default(15_000)
      .describe('How often a silent event stream shows that it is alive.'),
    reader_stall_ms: milliseconds(100)
      .default(30_000)
      .describe('A reader who takes nothing of its answer for this long is cut, and what passed is settled.'),
    stream_buffer_bytes_max: count(16_384, 64 * mebibyte)
      .default(32_768)
      .describe(
        'How much of one stream is read from its provider ahead of its reader; above it the provider is made to wait.',
      ),
    leave_notice_ms: z
      .union([milliseconds(0), z.literal('auto')])
      .default('auto')
      .describe(
        'How long new requests are still taken after the order to stop, while /readyz already says draining, so that balancers can look elsewhere; auto is 5000 in production, else 0.',
      ),
    drain_ms: milliseconds(0)
      .default(25_000)
      .describe(
        'How long running requests may still take once no new ones are taken; then they are ended, told why, and settled.',
      ),
    trusted_peers: z
      .array(peer)
      .default([])
      .describe('Addresses or CIDR ranges of reverse proxies whose x-forwarded-for is believed.'),
    allowed_origins: z
      .array(origin)
      .default([])
      .describe('Origins of web pages that may call from a browser (CORS); "*" allows every page.'),
  })
  .describe('Where Signalbox listens and how much it takes.')

export const storageSettings = z
  .strictObject({
    data_dir: line
      .default('data')
      .describe('Folder of the embedded database, made when missing. Environment: DATA_DIR.'),
    redis: z
      .strictObject({
        url: line
          .optional()
          .describe(
            'Redis or Valkey for limits and budgets that several instances share: redis://host:6379, rediss:// for TLS, redis+sentinel://host:26379,host:26379/primary or redis+cluster://host:6379,host:6379. Left out, both live in this instance. Environment: REDIS_URL.',
          ),
        key_prefix: plainName
          .default('signalbox')
          .describe('Stands before every key; gateways with the same prefix share their counts.'),
        command_timeout_ms: milliseconds(10)
          .default(150)
          .describe('A step that takes longer counts as failed, and Redis as away until it answers.'),
        rebuild_wait_ms: milliseconds(100)
          .default(3_000)
          .describe(
            'When Redis may have forgotten something, how long counters wait for the instances that lived before; it must be longer than a pause of any of them.',
          ),
        connect_timeout_ms: milliseconds(10).default(5_000).describe('The longest wait for a connection.'),
      })
      .prefault({})
      .describe('What several instances share. Its server must not evict keys: maxmemory-policy noeviction.'),
    postgres: z
      .strictObject({
        url: line
          .optional()
          .describe(
            'PostgreSQL for API keys and usage rows that several instances share: postgres://user:password@host:5432/database?sslmode=verify-full; of several, host:5432,host:5432, the one that can be written to is asked. Left out, both live in the embedded database. Needs KEY_PEPPER. Environment: DATABASE_URL.',
          ),
        read_url: line.optional().describe('A replica that answers reports. Environment: DATABASE_READ_URL.'),
        connections_max: count(1, 1_000).default(10).describe('Connections of one instance at most.'),
        connect_timeout_ms: milliseconds(10).default(5_000).describe('The longest wait for a connection.'),
        statement_timeout_ms: milliseconds(10)
          .default(20_000)
          .describe('A statement that takes longer is given up.'),
      })
      .prefault({})
      .describe('Records that several instances share.'),
  })
  .describe('Where records are kept.')

export const accessSettings = z
  .strictObject({
    require_key: z
      .union([z.boolean(), z.literal('auto')])
      .default('auto')
      .describe('Whether every request needs a key; auto requires one in production.'),
    development_tenant: plainName
      .default('default')
      .describe('The tenant for which requests without a key act in development mode.'),
    failed_keys_per_minute: count(1, 1_000_000)
      .default(60)
      .describe('Wrong keys from one address in a minute before that address must wait.'),
  })
  .describe('Who may come in. The operator key comes from the environment: ADMIN_API_KEY.')

export const logSettings = z
  .strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('The least important line that is still logged. Environment: LOG_LEVEL.'),
    waiting_bytes_max: count(65_536, 1_073_741_824)
      .default(mebibyte)
      .describe(
        'What may wait in memory for a slow reader of standard output; lines beyond it are dropped, and their number is told.',
      ),
  })
  .describe('What is logged, as JSON lines on standard output. Prompts and answers never are.')
