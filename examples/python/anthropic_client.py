"""The official `anthropic` package: whole and streamed, with models of other providers.

Run: pip install anthropic && python examples/python/anthropic_client.py
"""

import os

from anthropic import Anthropic

client = Anthropic(
    base_url=os.environ.get("SIGNALBOX_URL", "http://localhost:8000"),
    api_key=os.environ.get("SIGNALBOX_KEY", "none-needed-on-loopback"),
)

message = client.messages.create(
    model="gpt-4o",
    max_tokens=300,
    messages=[{"role": "user", "content": "What is a signal box?"}],
)
print("".join(block.text for block in message.content if block.type == "text"))

with client.messages.stream(
    model="auto:cheap",
    max_tokens=300,
    messages=[{"role": "user", "content": "And who works in one?"}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
print()
