"""LiteLLM, told to speak OpenAI's API to Signalbox: whole and streamed, with models of other providers.

Run: pip install litellm && python examples/python/litellm_client.py
"""

import os

import litellm

signalbox = {
    "api_base": os.environ.get("SIGNALBOX_URL", "http://localhost:8000") + "/v1",
    "api_key": os.environ.get("SIGNALBOX_KEY", "none-needed-on-loopback"),
}

answer = litellm.completion(
    model="openai/claude-sonnet-4-6",
    messages=[{"role": "user", "content": "What is a signal box?"}],
    **signalbox,
)
print(answer.choices[0].message.content)

for chunk in litellm.completion(
    model="openai/auto:cheap",
    messages=[{"role": "user", "content": "And who works in one?"}],
    stream=True,
    **signalbox,
):
    print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
