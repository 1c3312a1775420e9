"""LiteLLM's `completion`, used the same way whatever provider it is told to speak to."""

import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402

from task import failure  # noqa: E402

litellm.suppress_debug_info = True
litellm.telemetry = False


class Ways:
    """`prefix` chooses the provider whose API is spoken, `path` is where that API begins."""

    def __init__(self, prefix, path, thinking, known=None):
        self.prefix = prefix
        self.path = path
        self.thinking = thinking
        self.known = known

    def settings_of(self, task, messages=None):
        settings = {
            "model": f"{self.prefix}/{task.model}",
            "api_base": task.address + self.path,
            "api_key": task.api_key,
            "messages": messages or opening_of(task),
        }
        if self.known:
            litellm.register_model({settings["model"]: {"litellm_provider": self.prefix, "mode": "chat", **self.known}})
        if task.max_retries is not None:
            settings.update(max_retries=task.max_retries, num_retries=task.max_retries)
        if task.is_thinking_wanted:
            settings.update(self.thinking)
        if task.tools:
            settings["tools"] = [
                {
                    "type": "function",
                    "function": {
                        "name": tool["name"],
                        "description": tool["description"],
                        "parameters": tool["parameters"],
                    },
                }
                for tool in task.tools
            ]
        return settings

    def ask(self, task):
        return heard_in(litellm.completion(**self.settings_of(task)))

    def stream(self, task):
        return heard_in(self.streamed(task, self.settings_of(task)))

    def streamed(self, task, settings):
        chunks = []
        events = litellm.completion(**settings, stream=True, stream_options={"include_usage": True})
        try:
            for chunk in events:
                chunks.append(chunk)
                if chunk.choices:
                    task.hear(chunk.choices[0].delta.content)
        finally:
            close_stream(events)
        return litellm.stream_chunk_builder(chunks, messages=settings["messages"])

    def run_tools(self, task, complete):
        """The message goes back as it came, then one message for every result."""
        messages = opening_of(task)
        while True:
            completion = complete(self.settings_of(task, messages))
            message = completion.choices[0].message
            if not message.tool_calls:
                return heard_in(completion)
            messages.append(message.model_dump())
            for call in message.tool_calls:
                result = task.run(call.function.name, json.loads(call.function.arguments or "{}"))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})

    def loop(self, task):
        return self.run_tools(task, lambda settings: litellm.completion(**settings))

    def loop_streamed(self, task):
        return self.run_tools(task, lambda settings: self.streamed(task, settings))

    def structured(self, task):
        schema = {"name": "report", "strict": True, "schema": task.schema}
        completion = litellm.completion(
            **self.settings_of(task), response_format={"type": "json_schema", "json_schema": schema}
        )
        heard = heard_in(completion)
        return {**heard, "object": json.loads(heard["text"])}

    def embed(self, task):
        reply = litellm.embedding(
            model=f"{self.prefix}/{task.model}",
            api_base=task.address + self.path,
            api_key=task.api_key,
            input=task.inputs,
        )
        return {"text": "", "vectors": [one["embedding"] for one in reply.data]}


def close_stream(events):
    """LiteLLM's own wrapper has no way to be closed; what it reads from has."""
    inner = events.completion_stream
    close = getattr(inner, "close", None) or getattr(getattr(inner, "streaming_response", None), "close", None)
    if close:
        close()


def opening_of(task):
    content = task.prompt
    if task.image:
        content = [
            {"type": "text", "text": task.prompt},
            {"type": "image_url", "image_url": {"url": task.image_url()}},
        ]
    return [{"role": "system", "content": task.system}, {"role": "user", "content": content}]


def heard_in(completion):
    choice = completion.choices[0]
    usage = getattr(completion, "usage", None)
    return {
        "text": choice.message.content or "",
        "reasoning": getattr(choice.message, "reasoning_content", None) or "",
        "inputTokens": usage and usage.prompt_tokens,
        "outputTokens": usage and usage.completion_tokens,
    }


def failure_of(error):
    status = getattr(error, "status_code", None)
    return failure(error, status) if type(error).__module__.startswith("litellm") else None
