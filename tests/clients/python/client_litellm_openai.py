"""LiteLLM's `completion` and `embedding` for `openai/...`."""

from litellm_ways import Ways, failure_of  # noqa: F401

ways = Ways("openai", "/v1", {"reasoning_effort": "medium", "allowed_openai_params": ["reasoning_effort"]})

ask = ways.ask
stream = ways.stream
loop = ways.loop
loop_streamed = ways.loop_streamed
structured = ways.structured
embed = ways.embed
