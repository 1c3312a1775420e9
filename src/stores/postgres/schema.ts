/** The tables in PostgreSQL, as numbered steps: a step that was released is never changed, only followed. */

/**
 * Times are whole milliseconds since 1970 UTC, money whole nano-dollars, ids text, flags 0 or 1: the same forms as in
 * the embedded database, so that the same SQL adds them up. Usage rows lie in one partition for each UTC day, so that
 * old days are dropped and not deleted; see day-partitions.ts.
 */
export const schemaSteps: readonly string[] = [
  `
  CREATE TABLE access_keys (
    key_id text COLLATE "C" PRIMARY KEY,
    digest text NOT NULL,
    tenant_id text NOT NULL,
    created_at_ms bigint NOT NULL,
    revoked_at_ms bigint,
    record text NOT NULL
  );
  CREATE INDEX access_keys_by_tenant ON access_keys (tenant_id, key_id);

  CREATE TABLE usage_rows (
    started_at_ms bigint NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    attempt integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C",
    team_id text COLLATE "C",
    project_id text COLLATE "C",
    door text COLLATE "C" NOT NULL,
    task_type text COLLATE "C",
    model_asked text COLLATE "C" NOT NULL,
    provider text COLLATE "C",
    model text COLLATE "C",
    is_streamed smallint NOT NULL,
    is_simulated smallint NOT NULL,
    status integer NOT NULL,
    problem text COLLATE "C",
    finish text,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cached_input_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost_nano_usd bigint NOT NULL CHECK (cost_nano_usd >= 0),
    is_estimated smallint NOT NULL,
    price_version text,
    latency_ms double precision NOT NULL,
    first_token_ms double precision,
    overhead_ms double precision NOT NULL,
    tags text NOT NULL,
    PRIMARY KEY (tenant_id, request_id, attempt, kind, started_at_ms)
  ) PARTITION BY RANGE (started_at_ms);
  CREATE INDEX usage_rows_by_time ON usage_rows USING brin (started_at_ms);
  CREATE INDEX usage_rows_by_tenant ON usage_rows (tenant_id, started_at_ms);
  `,
  `
  CREATE TABLE budget_limits (
    limit_id text COLLATE "C" PRIMARY KEY,
    scope text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C",
    tenant_id text COLLATE "C",
    window_kind text COLLATE "C" NOT NULL,
    limit_nano_usd bigint NOT NULL CHECK (limit_nano_usd >= 0),
    is_hard bigint NOT NULL,
    set_at_ms bigint NOT NULL,
    set_by text COLLATE "C" NOT NULL
  );

  CREATE TABLE budget_limit_changes (changes bigint NOT NULL);
  INSERT INTO budget_limit_changes VALUES (0);
  `,
  `
  CREATE TABLE budget_alerts (
    counter text COLLATE "C" NOT NULL,
    window_id text COLLATE "C" NOT NULL,
    mark text COLLATE "C" NOT NULL,
    limit_nano_usd bigint NOT NULL,
    claims bigint NOT NULL,
    forgotten_at_ms bigint,
    PRIMARY KEY (counter, window_id, mark)
  );

  CREATE TABLE alert_deliveries (
    alert_id text COLLATE "C" NOT NULL,
    destination text COLLATE "C" NOT NULL,
    alert text NOT NULL,
    claimed_at_ms bigint NOT NULL,
    ends_at_ms bigint NOT NULL,
    due_at_ms bigint NOT NULL,
    failures bigint NOT NULL,
    failure text,
    PRIMARY KEY (destination, alert_id)
  );
  `,
  `
  ALTER TABLE budget_limits ADD COLUMN time_zone text COLLATE "C";
  `,
  // Adjustments may be below 0, charges never.
  `
  ALTER TABLE usage_rows ADD COLUMN provider_cost_nano_usd bigint;
  ALTER TABLE usage_rows ADD COLUMN service_tier text COLLATE "C";
  ALTER TABLE usage_rows ADD COLUMN billing text;
  ALTER TABLE usage_rows DROP CONSTRAINT usage_rows_cost_nano_usd_check;
  ALTER TABLE usage_rows ADD CONSTRAINT usage_rows_cost_of_charges CHECK (cost_nano_usd >= 0 OR kind = 'adjust');
  `,
  `
  CREATE TABLE prepaid_top_ups (
    top_up_id text COLLATE "C" PRIMARY KEY,
    scope text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    amount_nano_usd bigint NOT NULL CHECK (amount_nano_usd > 0),
    note text,
    added_at_ms bigint NOT NULL,
    added_by text COLLATE "C" NOT NULL
  );
  CREATE INDEX prepaid_top_ups_by_owner ON prepaid_top_ups (scope, tenant_id, subject_id);
  `,
  `
  ALTER TABLE budget_limits ADD COLUMN degrade text;
  ALTER TABLE usage_rows ADD COLUMN degraded text;
  `,
  `
  CREATE TABLE ledger_parts (
    instance text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    window_id text COLLATE "C" NOT NULL,
    settled_nano_usd bigint NOT NULL CHECK (settled_nano_usd >= 0),
    estimated_nano_usd bigint NOT NULL,
    resets_at_ms bigint,
    PRIMARY KEY (instance, scope, window_id)
  );
  CREATE INDEX ledger_parts_by_end ON ledger_parts (resets_at_ms);
  `,
  `
  ALTER TABLE usage_rows ADD COLUMN end_user_id text COLLATE "C";
  ALTER TABLE usage_rows ADD COLUMN organisation_id text COLLATE "C";
  `,
  `
  CREATE TABLE stored_responses (
    tenant text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    sealed text NOT NULL,
    kept_until_ms bigint NOT NULL,
    PRIMARY KEY (tenant, name)
  );
  CREATE INDEX stored_responses_by_end ON stored_responses (kept_until_ms);
  CREATE INDEX stored_responses_by_tenant ON stored_responses (tenant, kept_until_ms, name);

  CREATE TABLE stored_response_items (
    tenant text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, item, name),
    FOREIGN KEY (tenant, name) REFERENCES stored_responses ON DELETE CASCADE
  );
  CREATE INDEX stored_response_items_by_response ON stored_response_items (tenant, name);
  `,
  `
  CREATE TABLE idempotency_keys (
    name text COLLATE "C" PRIMARY KEY,
    fingerprint text NOT NULL,
    request_id text NOT NULL,
    lease_ends_at_ms bigint NOT NULL,
    remembered_until_ms bigint NOT NULL,
    outcome text,
    answer text,
    answer_until_ms bigint
  );
  CREATE INDEX idempotency_keys_by_end ON idempotency_keys (remembered_until_ms);
  `,
  `
  CREATE TABLE rate_rules (
    rule_id text COLLATE "C" PRIMARY KEY,
    level text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C",
    tenant_id text COLLATE "C",
    window_kind text COLLATE "C" NOT NULL,
    requests bigint,
    tokens bigint,
    concurrent_requests bigint,
    set_at_ms bigint NOT NULL,
    set_by text COLLATE "C" NOT NULL
  );

  CREATE TABLE rate_rule_changes (changes bigint NOT NULL);
  INSERT INTO rate_rule_changes VALUES (0);
  `,
  `
  ALTER TABLE idempotency_keys ADD COLUMN awaited_until_ms bigint;
  `,
]
