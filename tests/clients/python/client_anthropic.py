"""The official `anthropic` package."""

import json

import anthropic

from task import failure


def client_of(task):
    options = {} if task.max_retries is None else {"max_retries": task.max_retries}
    return anthropic.Anthropic(base_url=task.address, api_key=task.api_key, **options)


def opening_of(task):
    content = task.prompt
    if task.image:
        source = {"type": "base64", "media_type": task.image["mediaType"], "data": task.image["base64"]}
        content = [{"type": "image", "source": source}, {"type": "text", "text": task.prompt}]
    return [{"role": "user", "content": content}]


def question_of(task, messages=None):
    question = {
        "model": task.model,
        "max_tokens": 4000,
        "system": task.system,
        "messages": messages or opening_of(task),
    }
    if task.is_thinking_wanted:
        question["thinking"] = {"type": "enabled", "budget_tokens": 2000}
    if task.tools:
        question["tools"] = [
            {"name": tool["name"], "description": tool["description"], "input_schema": tool["parameters"]}
            for tool in task.tools
        ]
    return question


def heard_in(message):
    usage = message.usage
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "reasoning": "".join(block.thinking for block in message.content if block.type == "thinking"),
        "inputTokens": usage.input_tokens + cached,
        "outputTokens": usage.output_tokens,
    }


def ask(task):
    return heard_in(client_of(task).messages.create(**question_of(task)))


def stream(task):
    """The raw iterator ends in silence when a stream is cut; the helper's last message has no reason to stop then."""
    with client_of(task).messages.stream(**question_of(task)) as events:
        for text in events.text_stream:
            task.hear(text)
        message = events.get_final_message()
    return {**heard_in(message), "isUnfinished": message.stop_reason is None}


def run_tools(task, reply):
    client, messages = client_of(task), opening_of(task)
    while True:
        message = reply(client, question_of(task, messages))
        if message.stop_reason != "tool_use":
            return heard_in(message)
        messages.append({"role": "assistant", "content": message.content})
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": task.run(block.name, block.input)}
            for block in message.content
            if block.type == "tool_use"
        ]
        messages.append({"role": "user", "content": results})


def loop(task):
    return run_tools(task, lambda client, question: client.messages.create(**question))


def streamed_message(client, question):
    with client.messages.stream(**question) as events:
        return events.get_final_message()


def loop_streamed(task):
    return run_tools(task, streamed_message)


def structured(task):
    message = client_of(task).messages.create(
        **question_of(task), output_config={"format": {"type": "json_schema", "schema": task.schema}}
    )
    heard = heard_in(message)
    return {**heard, "object": json.loads(heard["text"])}


def failure_of(error):
    if isinstance(error, anthropic.APIError):
        return failure(error, getattr(error, "status_code", None))
    return None
