"""The official `cohere` package: whole, streamed and as vectors, with models of other providers.

Run: pip install cohere && python examples/python/cohere_client.py
"""

import os

import cohere

client = cohere.ClientV2(
    base_url=os.environ.get("SIGNALBOX_URL", "http://localhost:8000"),
    api_key=os.environ.get("SIGNALBOX_KEY", "none-needed-on-loopback"),
)

response = client.chat(
    model="claude-sonnet-4-6",
    messages=[{"role": "user", "content": "What is a signal box?"}],
)
print("".join(item.text for item in response.message.content if item.type == "text"))

for event in client.chat_stream(
    model="auto:cheap",
    messages=[{"role": "user", "content": "And who works in one?"}],
):
    if event.type == "content-delta":
        print(event.delta.message.content.text or "", end="", flush=True)
print()

vectors = client.embed(
    model="text-embedding-3-small",
    texts=["The signal stands at danger."],
    input_type="search_document",
    embedding_types=["float"],
)
print(len(vectors.embeddings.float_[0]), "numbers")
