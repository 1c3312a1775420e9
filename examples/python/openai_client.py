"""The official `openai` package: whole and streamed, with a model of another provider.

Run: pip install openai && python examples/python/openai_client.py
"""

import os

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("SIGNALBOX_URL", "http://localhost:8000") + "/v1",
    api_key=os.environ.get("SIGNALBOX_KEY", "none-needed-on-loopback"),
)

answer = client.chat.completions.create(
    model="claude-sonnet-4-6",
    messages=[{"role": "user", "content": "What is a signal box?"}],
)
print(answer.choices[0].message.content)

response = client.responses.create(model="gpt-4o", input="And what does it cost?")
print(response.output_text)

with client.chat.completions.create(
    model="auto:cheap",
    messages=[{"role": "user", "content": "And who works in one?"}],
    stream=True,
) as stream:
    for chunk in stream:
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
