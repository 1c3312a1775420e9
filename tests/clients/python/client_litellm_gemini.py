"""LiteLLM's `completion` and `embedding` for `gemini/...`."""

from litellm_ways import Ways, failure_of  # noqa: F401

# Of a model that it does not know LiteLLM believes that it takes no instructions, and puts them into the question.
ways = Ways(
    "gemini",
    "/v1beta",
    {"thinking": {"type": "enabled", "budget_tokens": 2000}, "allowed_openai_params": ["thinking"]},
    known={"supports_system_messages": True, "supports_function_calling": True, "supports_response_schema": True},
)

ask = ways.ask
stream = ways.stream
loop = ways.loop
loop_streamed = ways.loop_streamed
structured = ways.structured
embed = ways.embed
