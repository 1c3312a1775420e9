"""Runs the errands that come in, one after another, each with the client it names."""

import importlib
import json
import sys
import traceback

from task import Left, Line, Task


def main():
    line = Line()
    for text in sys.stdin:
        words = json.loads(text)
        number = words["number"]
        client = importlib.import_module(f"client_{words['client']}")
        try:
            heard = getattr(client, words["act"])(Task(number, words["task"], line))
            line.say({"number": number, "word": "heard", "heard": heard})
        except Left:
            line.say({"number": number, "word": "left"})
        except Exception as error:
            told = client.failure_of(error)
            if told is None:
                line.say({"number": number, "word": "broken", "trace": traceback.format_exc()})
            else:
                line.say({"number": number, "word": "failure", "failure": told})


if __name__ == "__main__":
    main()
