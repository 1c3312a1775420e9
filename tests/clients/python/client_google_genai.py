"""The official `google-genai` package."""

import base64
import json

from google import genai
from google.genai import errors, types

from task import failure


def client_of(task):
    """It closes its connections when nobody holds it any more."""
    return genai.Client(api_key=task.api_key, http_options=types.HttpOptions(base_url=task.address))


def opening_of(task):
    parts = [types.Part.from_text(text=task.prompt)]
    if task.image:
        data = base64.b64decode(task.image["base64"])
        parts.append(types.Part.from_bytes(data=data, mime_type=task.image["mediaType"]))
    return parts


def config_of(task, **more):
    config = {"system_instruction": task.system, **more}
    if task.is_thinking_wanted:
        config["thinking_config"] = types.ThinkingConfig(include_thoughts=True, thinking_budget=2000)
    if task.tools:
        declarations = [
            types.FunctionDeclaration(
                name=tool["name"],
                description=tool["description"],
                parameters_json_schema=tool["parameters"],
            )
            for tool in task.tools
        ]
        config["tools"] = [types.Tool(function_declarations=declarations)]
    return types.GenerateContentConfig(**config)


def parts_of(reply):
    candidates = reply.candidates or []
    return (candidates[0].content and candidates[0].content.parts or []) if candidates else []


def text_of(parts, is_thought):
    return "".join(part.text or "" for part in parts if bool(part.thought) == is_thought)


def heard_in(replies):
    parts = [part for reply in replies for part in parts_of(reply)]
    usages = [reply.usage_metadata for reply in replies if reply.usage_metadata]
    usage = usages[-1] if usages else None
    last = replies[-1].candidates if replies else None
    return {
        "text": text_of(parts, False),
        "reasoning": text_of(parts, True),
        "inputTokens": usage and usage.prompt_token_count,
        "outputTokens": usage and (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        "isUnfinished": not last or last[0].finish_reason is None,
    }


def ask(task):
    client = client_of(task)
    reply = client.models.generate_content(
        model=task.model, contents=opening_of(task), config=config_of(task)
    )
    return heard_in([reply])


def stream(task):
    client, replies = client_of(task), []
    events = client.models.generate_content_stream(
        model=task.model, contents=opening_of(task), config=config_of(task)
    )
    try:
        for reply in events:
            replies.append(reply)
            task.hear(text_of(parts_of(reply), False))
    finally:
        events.close()
    return heard_in(replies)


def run_tools(task, reply):
    """A chat keeps the turns, with every part as it came."""
    replies = reply(opening_of(task))
    while True:
        calls = [part.function_call for one in replies for part in parts_of(one) if part.function_call]
        if not calls:
            return heard_in(replies)
        replies = reply(
            [
                types.Part(
                    function_response=types.FunctionResponse(
                        id=call.id, name=call.name, response={"output": task.run(call.name, call.args or {})}
                    )
                )
                for call in calls
            ]
        )


def chat_of(client, task):
    return client.chats.create(model=task.model, config=config_of(task))


def loop(task):
    client = client_of(task)
    chat = chat_of(client, task)
    return run_tools(task, lambda message: [chat.send_message(message)])


def loop_streamed(task):
    client = client_of(task)
    chat = chat_of(client, task)
    return run_tools(task, lambda message: list(chat.send_message_stream(message)))


def structured(task):
    client = client_of(task)
    reply = client.models.generate_content(
        model=task.model,
        contents=opening_of(task),
        config=config_of(task, response_mime_type="application/json", response_json_schema=task.schema),
    )
    return {"text": reply.text, "object": json.loads(reply.text)}


def embed(task):
    client = client_of(task)
    contents = [types.Content(parts=[types.Part.from_text(text=text)]) for text in task.inputs]
    reply = client.models.embed_content(model=task.model, contents=contents)
    return {"text": "", "vectors": [one.values for one in reply.embeddings]}


def failure_of(error):
    if isinstance(error, errors.APIError):
        return failure(error, error.code)
    return None
