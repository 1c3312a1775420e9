"""The official `openai` package, responses."""

import json

from client_openai_chat import client_of, failure_of  # noqa: F401


def opening_of(task):
    content = task.prompt
    if task.image:
        content = [
            {"type": "input_text", "text": task.prompt},
            {"type": "input_image", "detail": "auto", "image_url": task.image_url()},
        ]
    return [{"role": "user", "content": content}]


def question_of(task, items=None):
    """Nothing is kept at the provider, so thoughts come back as encrypted items."""
    question = {
        "model": task.model,
        "instructions": task.system,
        "input": items or opening_of(task),
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    if task.is_thinking_wanted:
        question["reasoning"] = {"effort": "medium", "summary": "auto"}
    if task.tools:
        question["tools"] = [
            {
                "type": "function",
                "name": tool["name"],
                "description": tool["description"],
                "parameters": tool["parameters"],
                "strict": True,
            }
            for tool in task.tools
        ]
    return question


def heard_in(response):
    thoughts = [item for item in response.output if item.type == "reasoning"]
    return {
        "text": response.output_text,
        "reasoning": "".join(part.text for item in thoughts for part in [*item.summary, *(item.content or [])]),
        "inputTokens": response.usage and response.usage.input_tokens,
        "outputTokens": response.usage and response.usage.output_tokens,
    }


def ask(task):
    return heard_in(client_of(task).responses.create(**question_of(task)))


def stream(task):
    """The raw iterator does not raise on `response.failed`, so a reader looks for `response.completed`."""
    reasoning, whole = "", None
    with client_of(task).responses.create(**question_of(task), stream=True) as events:
        for event in events:
            if event.type == "response.output_text.delta":
                task.hear(event.delta)
            elif event.type in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
                reasoning += event.delta
            elif event.type == "response.completed":
                whole = event.response
    if whole is None:
        return {"text": "", "isUnfinished": True}
    return {**heard_in(whole), "reasoning": reasoning}


def run_tools(task, respond):
    """Every item goes back as it came, then one output for every call."""
    client, items = client_of(task), opening_of(task)
    while True:
        response = respond(client, question_of(task, items))
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return heard_in(response)
        items += response.output
        for call in calls:
            result = task.run(call.name, json.loads(call.arguments))
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})


def loop(task):
    return run_tools(task, lambda client, question: client.responses.create(**question))


def streamed_response(client, question):
    """The helper checks the order of the events; what it adds itself must not go back, so the event's own is taken."""
    whole = None
    with client.responses.stream(**question) as events:
        for event in events:
            if event.type == "response.completed":
                whole = event.response
    return whole


def loop_streamed(task):
    return run_tools(task, streamed_response)


def structured(task):
    response = client_of(task).responses.create(
        **question_of(task),
        text={"format": {"type": "json_schema", "name": "report", "strict": True, "schema": task.schema}},
    )
    return {"text": response.output_text, "object": json.loads(response.output_text)}
