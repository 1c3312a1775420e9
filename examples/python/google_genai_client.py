"""The official `google-genai` package: whole, streamed and as vectors, with models of other providers.

Run: pip install google-genai && python examples/python/google_genai_client.py
"""

import os

from google import genai
from google.genai import types

client = genai.Client(
    api_key=os.environ.get("SIGNALBOX_KEY", "none-needed-on-loopback"),
    http_options=types.HttpOptions(base_url=os.environ.get("SIGNALBOX_URL", "http://localhost:8000")),
)

reply = client.models.generate_content(model="claude-sonnet-4-6", contents="What is a signal box?")
print(reply.text)

for chunk in client.models.generate_content_stream(model="auto:cheap", contents="And who works in one?"):
    print(chunk.text or "", end="", flush=True)
print()

vectors = client.models.embed_content(model="text-embedding-3-small", contents="The signal stands at danger.")
print(len(vectors.embeddings[0].values), "numbers")
