"""What the stage asks for, and how a client tells what it heard: one line of JSON for each word, both ways."""

import json
import sys


class Left(Exception):
    """The application has left the stream: whoever reads it must break it off."""


class Task:
    """One errand; its members are those of the stage's own Task."""

    def __init__(self, number, words, line):
        self.address = words["address"]
        self.api_key = words["apiKey"]
        self.model = words["model"]
        self.system = words["system"]
        self.prompt = words["prompt"]
        self.image = words.get("image")
        self.is_thinking_wanted = words["isThinkingWanted"]
        self.tools = words["tools"]
        self.schema = words.get("schema")
        self.inputs = words["inputs"]
        self.max_retries = words.get("maxRetries")
        self._number = number
        self._line = line

    def hear(self, text):
        """Hands on a piece of visible text as it comes. Raises Left when the application goes."""
        if text and self._line.ask({"number": self._number, "word": "hear", "text": text})["isLeaving"]:
            raise Left()

    def run(self, name, arguments):
        """Runs a tool of the application and gives its result as text."""
        return self._line.ask({"number": self._number, "word": "run", "name": name, "input": arguments})["result"]

    def image_url(self):
        return f"data:{self.image['mediaType']};base64,{self.image['base64']}"


class Line:
    """The way to the stage: standard output and input, kept free of everything that packages print."""

    def __init__(self):
        self._out = sys.stdout
        sys.stdout = sys.stderr

    def say(self, words):
        self._out.write(json.dumps(words) + "\n")
        self._out.flush()

    def ask(self, words):
        self.say(words)
        return json.loads(sys.stdin.readline())


def failure(error, status):
    """An error as the stage wants to hear of it."""
    return {"name": type(error).__name__, "status": status, "message": str(error)}
