"""The official `cohere` package, version 2 of the API."""

import json

import cohere
from cohere.core.api_error import ApiError

from task import failure


def client_of(task):
    return cohere.ClientV2(api_key=task.api_key, base_url=task.address)


def options_of(task):
    return {} if task.max_retries is None else {"request_options": {"max_retries": task.max_retries}}


def opening_of(task):
    content = task.prompt
    if task.image:
        content = [
            {"type": "text", "text": task.prompt},
            {"type": "image_url", "image_url": {"url": task.image_url()}},
        ]
    return [{"role": "system", "content": task.system}, {"role": "user", "content": content}]


def question_of(task, messages=None):
    question = {"model": task.model, "messages": messages or opening_of(task), **options_of(task)}
    if task.is_thinking_wanted:
        question["thinking"] = {"type": "enabled", "token_budget": 2000}
    if task.tools:
        question["tools"] = [
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
    return question


def heard_in(response):
    items = response.message.content or []
    tokens = response.usage and response.usage.tokens
    return {
        "text": "".join(item.text for item in items if item.type == "text"),
        "reasoning": "".join(item.thinking for item in items if item.type == "thinking"),
        "inputTokens": tokens and int(tokens.input_tokens),
        "outputTokens": tokens and int(tokens.output_tokens),
    }


def ask(task):
    return heard_in(client_of(task).chat(**question_of(task)))


def folded(client, task, question):
    """The package folds nothing itself: an application joins the events."""
    text, reasoning, plan, calls, end = "", "", "", [], None
    events = client.chat_stream(**question)
    try:
        for event in events:
            if event.type == "content-delta":
                piece = event.delta.message.content
                reasoning += piece.thinking or ""
                text += piece.text or ""
                task.hear(piece.text)
            elif event.type == "tool-plan-delta":
                plan += event.delta.message.tool_plan
            elif event.type == "tool-call-start":
                calls.append(event.delta.message.tool_calls.dict())
            elif event.type == "tool-call-delta":
                calls[-1]["function"]["arguments"] += event.delta.message.tool_calls.function.arguments
            elif event.type == "message-end":
                end = event.delta
    finally:
        events.close()
    tokens = end and end.usage and end.usage.tokens
    heard = {
        "text": text,
        "reasoning": reasoning,
        "inputTokens": tokens and int(tokens.input_tokens),
        "outputTokens": tokens and int(tokens.output_tokens),
        # Errors inside a stream are a finish reason here, and no exception.
        "isUnfinished": end is None or end.finish_reason == "ERROR",
    }
    content = [{"type": "thinking", "thinking": reasoning}] if reasoning else []
    content += [{"type": "text", "text": text}] if text else []
    message = {"role": "assistant", **({"content": content} if content else {})}
    if calls:
        message.update(tool_calls=calls, tool_plan=plan)
    return heard, message, calls


def stream(task):
    return folded(client_of(task), task, question_of(task))[0]


def run_tools(task, reply):
    client, messages = client_of(task), opening_of(task)
    while True:
        heard, message, calls = reply(client, question_of(task, messages))
        if not calls:
            return heard
        messages.append(message)
        for call in calls:
            result = task.run(call["function"]["name"], json.loads(call["function"]["arguments"] or "{}"))
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})


def loop(task):
    def reply(client, question):
        response = client.chat(**question)
        calls = [call.dict() for call in response.message.tool_calls or []]
        return heard_in(response), response.message, calls

    return run_tools(task, reply)


def loop_streamed(task):
    return run_tools(task, lambda client, question: folded(client, task, question))


def structured(task):
    response = client_of(task).chat(
        **question_of(task), response_format={"type": "json_object", "json_schema": task.schema}
    )
    heard = heard_in(response)
    return {**heard, "object": json.loads(heard["text"])}


def embed(task):
    reply = client_of(task).embed(
        model=task.model, texts=task.inputs, input_type="search_document", embedding_types=["float"]
    )
    return {"text": "", "vectors": reply.embeddings.float_}


def failure_of(error):
    if isinstance(error, ApiError):
        return failure(error, error.status_code)
    return None
