/** What `signalbox --help` prints. */

export const helpText = `Signalbox: one gateway between applications and every LLM provider.

  signalbox [start]                      serve until Ctrl-C
  signalbox keys create --tenant NAME    make an API key; it is printed once and stored only as a hash
      --name TEXT        what people call it
      --user ID          the key belongs to one user
      --team ID, --project ID
      --permissions LIST comma-separated: inference, analytics, metrics, admin (default: inference)
      --models LIST      comma-separated patterns of models it may use, such as gpt-*
      --expires-days N
  signalbox keys list [--tenant NAME]    every key, never its secret
  signalbox keys revoke KEY_ID           end a key for good; a Signalbox that runs refuses it within ten seconds
  signalbox budgets set --scope SCOPE --limit AMOUNT
                                         the most that may be spent; one with the same scope, subject and window
                                         is replaced
      --subject ID       whose budget; left out, each one of the scope for itself
      --tenant NAME      the tenant of a team, project, user, key, end user or tag
      --window WINDOW    hour, day, week, month, total, rolling-hour, rolling-day, rolling-week or rolling-month
                         (default: month)
      --time-zone NAME   by whose clocks the window begins, such as Europe/Berlin (default: UTC)
      --limit AMOUNT     US dollars, or "250 EUR" in the currency of the configuration
      --soft             counted and told of; refuses nobody
      --degrade STEPS    what is done before it refuses, from which percentage on, comma-separated: 60:pace,
                         80:cheaper_models=MODEL+MODEL, 90:lower_output_cap=TOKENS; none takes the steps away
  signalbox budgets list                 budgets set beside those of the configuration
  signalbox budgets remove ID            take a budget back
  signalbox budgets instances            what each instance that shares Redis holds ahead for an outage of it
  signalbox budgets release-instance ID  give back what an instance held that will never return; only for one that
                                         did not serve alone, cut off from Redis, before it died
  signalbox limits set --level LEVEL     how much may be asked for by a tenant, team, project, user, key, end_user,
                                         model or provider; one with the same level, subject and window is replaced
      --requests N, --tokens N, --concurrent N
      --subject ID, --tenant NAME, --window WINDOW
                         whose limit, as above; second, minute, hour or day (default: minute)
  signalbox limits list                  limits set beside those of the configuration
  signalbox limits remove ID             take a limit back
  signalbox prices list [--provider NAME] [--at MOMENT]
                                         every model with the price that holds
  signalbox prices show MODEL [--tenant NAME]
                                         every version, tier and service tier of its price
  signalbox prices rerate --from DATE --to DATE [--tenant NAME]
                                         compute the charges of a period again with the prices of now
      --dry-run          only show the differences (this is what happens without --write)
      --write            add them as adjustments; charges are never changed, and a repetition adds nothing
      --apply            with --write: let running budgets count the differences, once (months of tenants, keys and
                         users that the period covers whole; with the own file, while Signalbox is stopped)
      --format FORMAT    text, json or csv
  signalbox balances top-up --id ID --scope SCOPE --subject ID --amount USD
                                         pay into the prepaid balance of a tenant, team, user or key; told again
                                         with the same id, it is not paid in again
      --tenant NAME      the tenant of a team, user or key
      --note TEXT        for the books, such as the number of an invoice
  signalbox balances list                what was paid into every balance
  signalbox balances history --scope SCOPE --subject ID [--tenant NAME]
  signalbox reconcile --provider NAME --file FILE --from DATE --to DATE
                                         compare the export of openai, anthropic, gemini or cohere with the rows
                                         here, by day and model; ends with 1 when they differ
      --tolerance PERCENT, --key ID, --format FORMAT
  signalbox config check                 read the configuration and say what is wrong with it

  -c, --config FILE    the configuration (default: CONFIG_FILE, then config/admin_config.yaml)
  -v, --version
  -h, --help

Environment: PORT, HOST, CONFIG_FILE, DATA_DIR, ADMIN_API_KEY, LOG_LEVEL, REDIS_URL, DATABASE_URL, KEY_PEPPER, and
provider keys under their usual names (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, COHERE_API_KEY, ...).`
