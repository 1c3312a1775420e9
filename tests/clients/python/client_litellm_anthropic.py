"""LiteLLM's `completion` for `anthropic/...`."""

from litellm_ways import Ways, failure_of  # noqa: F401

ways = Ways("anthropic", "", {"thinking": {"type": "enabled", "budget_tokens": 2000}, "allowed_openai_params": ["thinking"], "max_tokens": 4000})

ask = ways.ask
stream = ways.stream
loop = ways.loop
loop_streamed = ways.loop_streamed
structured = ways.structured
embed = ways.embed
