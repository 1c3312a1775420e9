/** The schema of the embedded database, as numbered steps: a step that was released is never changed, only followed. */

/**
 * Times are whole milliseconds since 1970 UTC, money whole nano-dollars, ids text.
 * Usage rows lie in the order in which they are asked for, by time; each further index would cost every row.
 * `ledger_log` holds what happened since the counters were last written; see ledger.ts.
 */
export const schemaSteps: readonly string[] = [
  `
  CREATE TABLE ledger_counters (
    scope TEXT NOT NULL,
    window TEXT NOT NULL,
    settled_nano_usd INTEGER NOT NULL,
    estimated_nano_usd INTEGER NOT NULL,
    resets_at_ms INTEGER,
    PRIMARY KEY (scope, window)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE ledger_log (
    sequence INTEGER PRIMARY KEY,
    entries TEXT NOT NULL
  ) STRICT;

  CREATE TABLE access_keys (
    key_id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER,
    record TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX access_keys_by_tenant ON access_keys (tenant_id, key_id);

  CREATE TABLE usage_rows (
    started_at_ms INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key_id TEXT NOT NULL,
    user_id TEXT,
    team_id TEXT,
    project_id TEXT,
    door TEXT NOT NULL,
    task_type TEXT,
    model_asked TEXT NOT NULL,
    provider TEXT,
    model TEXT,
    is_streamed INTEGER NOT NULL,
    is_simulated INTEGER NOT NULL,
    status INTEGER NOT NULL,
    problem TEXT,
    finish TEXT,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    cost_nano_usd INTEGER NOT NULL,
    is_estimated INTEGER NOT NULL,
    price_version TEXT,
    latency_ms REAL NOT NULL,
    first_token_ms REAL,
    overhead_ms REAL NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (request_id, attempt, kind, tenant_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX usage_rows_by_time ON usage_rows (started_at_ms);
  `,
  `
  CREATE TABLE budget_limits (
    limit_id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    subject_id TEXT,
    tenant_id TEXT,
    window_kind TEXT NOT NULL,
    limit_nano_usd INTEGER NOT NULL CHECK (limit_nano_usd >= 0),
    is_hard INTEGER NOT NULL,
    set_at_ms INTEGER NOT NULL,
    set_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE budget_limit_changes (changes INTEGER NOT NULL) STRICT;
  INSERT INTO budget_limit_changes VALUES (0);
  `,
  `
  CREATE TABLE budget_alerts (
    counter TEXT NOT NULL,
    window_id TEXT NOT NULL,
    mark TEXT NOT NULL,
    limit_nano_usd INTEGER NOT NULL,
    claims INTEGER NOT NULL,
    forgotten_at_ms INTEGER,
    PRIMARY KEY (counter, window_id, mark)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alert_deliveries (
    alert_id TEXT NOT NULL,
    destination TEXT NOT NULL,
    alert TEXT NOT NULL,
    claimed_at_ms INTEGER NOT NULL,
    ends_at_ms INTEGER NOT NULL,
    due_at_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    failure TEXT,
    PRIMARY KEY (destination, alert_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE budget_limits ADD COLUMN time_zone TEXT;
  `,
  `
  ALTER TABLE usage_rows ADD COLUMN provider_cost_nano_usd INTEGER;
  ALTER TABLE usage_rows ADD COLUMN service_tier TEXT;
  ALTER TABLE usage_rows ADD COLUMN billing TEXT;
  `,
  `
  CREATE TABLE idempotency_keys (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    request_id TEXT NOT NULL,
    lease_ends_at_ms INTEGER NOT NULL,
    remembered_until_ms INTEGER NOT NULL,
    outcome TEXT,
    answer TEXT,
    answer_until_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_keys_by_end ON idempotency_keys (remembered_until_ms);
  `,
  `
  CREATE TABLE prepaid_top_ups (
    top_up_id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    amount_nano_usd INTEGER NOT NULL CHECK (amount_nano_usd > 0),
    note TEXT,
    added_at_ms INTEGER NOT NULL,
    added_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX prepaid_top_ups_by_owner ON prepaid_top_ups (scope, tenant_id, subject_id);
  `,
  `
  ALTER TABLE budget_limits ADD COLUMN degrade TEXT;
  ALTER TABLE usage_rows ADD COLUMN degraded TEXT;
  `,
  `
  CREATE TABLE instance_identity (instance TEXT NOT NULL) STRICT;
  `,
  `
  ALTER TABLE usage_rows ADD COLUMN end_user_id TEXT;
  ALTER TABLE usage_rows ADD COLUMN organisation_id TEXT;
  `,
  `
  CREATE TABLE stored_responses (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed TEXT NOT NULL,
    kept_until_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
  ) STRICT;
  CREATE INDEX stored_responses_by_end ON stored_responses (kept_until_ms);
  CREATE INDEX stored_responses_by_tenant ON stored_responses (tenant, kept_until_ms, name);

  CREATE TABLE stored_response_items (
    tenant TEXT NOT NULL,
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant, item, name),
    FOREIGN KEY (tenant, name) REFERENCES stored_responses ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stored_response_items_by_response ON stored_response_items (tenant, name);
  `,
  `
  CREATE TABLE rate_rules (
    rule_id TEXT PRIMARY KEY,
    level TEXT NOT NULL,
    subject_id TEXT,
    tenant_id TEXT,
    window_kind TEXT NOT NULL,
    requests INTEGER,
    tokens INTEGER,
    concurrent_requests INTEGER,
    set_at_ms INTEGER NOT NULL,
    set_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE rate_rule_changes (changes INTEGER NOT NULL) STRICT;
  INSERT INTO rate_rule_changes VALUES (0);
  `,
  `
  ALTER TABLE idempotency_keys ADD COLUMN awaited_until_ms INTEGER;
  `,
  `
  CREATE TABLE usage_rows_in_order (
    started_at_ms INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key_id TEXT NOT NULL,
    user_id TEXT,
    team_id TEXT,
    project_id TEXT,
    door TEXT NOT NULL,
    task_type TEXT,
    model_asked TEXT NOT NULL,
    provider TEXT,
    model TEXT,
    is_streamed INTEGER NOT NULL,
    is_simulated INTEGER NOT NULL,
    status INTEGER NOT NULL,
    problem TEXT,
    finish TEXT,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    cost_nano_usd INTEGER NOT NULL,
    is_estimated INTEGER NOT NULL,
    price_version TEXT,
    latency_ms REAL NOT NULL,
    first_token_ms REAL,
    overhead_ms REAL NOT NULL,
    tags TEXT NOT NULL,
    provider_cost_nano_usd INTEGER,
    service_tier TEXT,
    billing TEXT,
    degraded TEXT,
    end_user_id TEXT,
    organisation_id TEXT,
    PRIMARY KEY (started_at_ms, tenant_id, request_id, attempt, kind)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO usage_rows_in_order
  SELECT
    started_at_ms, tenant_id, request_id, attempt, kind, key_id, user_id, team_id, project_id, door,
    task_type, model_asked, provider, model, is_streamed, is_simulated, status, problem, finish,
    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens,
    cost_nano_usd, is_estimated, price_version, latency_ms, first_token_ms, overhead_ms, tags,
    provider_cost_nano_usd, service_tier, billing, degraded, end_user_id, organisation_id
  FROM usage_rows;
  DROP TABLE usage_rows;
  ALTER TABLE usage_rows_in_order RENAME TO usage_rows;
  `,
]
