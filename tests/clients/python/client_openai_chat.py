"""The official `openai` package, chat.completions and embeddings."""

import json

import openai

from task import failure


def client_of(task):
    options = {} if task.max_retries is None else {"max_retries": task.max_retries}
    return openai.OpenAI(base_url=f"{task.address}/v1", api_key=task.api_key, **options)


def opening_of(task):
    content = task.prompt
    if task.image:
        content = [
            {"type": "text", "text": task.prompt},
            {"type": "image_url", "image_url": {"url": task.image_url()}},
        ]
    return [{"role": "system", "content": task.system}, {"role": "user", "content": content}]


def question_of(task, messages=None):
    question = {"model": task.model, "messages": messages or opening_of(task)}
    if task.is_thinking_wanted:
        question["reasoning_effort"] = "medium"
    if task.tools:
        question["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool["name"],
                    "description": tool["description"],
                    "parameters": tool["parameters"],
                    "strict": True,
                },
            }
            for tool in task.tools
        ]
    return question


def heard_in(completion):
    message = completion.choices[0].message
    return {
        "text": message.content or "",
        "reasoning": getattr(message, "reasoning_content", None) or "",
        "inputTokens": completion.usage and completion.usage.prompt_tokens,
        "outputTokens": completion.usage and completion.usage.completion_tokens,
    }


def ask(task):
    return heard_in(client_of(task).chat.completions.create(**question_of(task)))


def stream(task):
    text, reasoning, usage = "", "", None
    with client_of(task).chat.completions.create(
        **question_of(task), stream=True, stream_options={"include_usage": True}
    ) as chunks:
        for chunk in chunks:
            usage = chunk.usage or usage
            if not chunk.choices:
                continue
            delta = chunk.choices[0].delta
            reasoning += getattr(delta, "reasoning_content", None) or ""
            text += delta.content or ""
            task.hear(delta.content)
    return {
        "text": text,
        "reasoning": reasoning,
        "inputTokens": usage and usage.prompt_tokens,
        "outputTokens": usage and usage.completion_tokens,
    }


def run_tools(task, complete):
    """The message goes back as it came, then one message for every result."""
    client, messages = client_of(task), opening_of(task)
    while True:
        completion = complete(client, question_of(task, messages))
        message = completion.choices[0].message
        if not message.tool_calls:
            return heard_in(completion)
        messages.append(message)
        for call in message.tool_calls:
            result = task.run(call.function.name, json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def loop(task):
    return run_tools(task, lambda client, question: client.chat.completions.create(**question))


def streamed_completion(client, question):
    """The helper checks the order of the chunks and folds them into a message."""
    with client.chat.completions.stream(**question) as events:
        return events.get_final_completion()


def loop_streamed(task):
    return run_tools(task, streamed_completion)


def structured(task):
    completion = client_of(task).chat.completions.create(
        **question_of(task),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "report", "strict": True, "schema": task.schema},
        },
    )
    heard = heard_in(completion)
    return {**heard, "object": json.loads(heard["text"])}


def embed(task):
    reply = client_of(task).embeddings.create(model=task.model, input=task.inputs)
    return {"text": "", "vectors": [one.embedding for one in reply.data]}


def failure_of(error):
    if isinstance(error, openai.APIError):
        return failure(error, getattr(error, "status_code", None))
    return None
