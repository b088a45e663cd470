"""Ways to ask the server: in this process, or a real one in a thread on a free port."""

import json
import threading
import time
from contextlib import contextmanager

import uvicorn
from starlette.testclient import TestClient

from qa.config import Config
from qa.server import create_app, listen
from tests.scripted import ScriptedAssistant

# A scripted answer is asked for again and again.
FORGETFUL = Config(answers_kept=0)
QUESTION = {"question": "Was she given review?"}


def client_of(assistant=None, token=None, config=None, **settings):
    app = create_app(assistant or ScriptedAssistant(), config or FORGETFUL, token=token, **settings)
    return TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def sse(text):
    """(event, data) pairs of a stream, comments left out."""
    pairs = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            name, data = lines
            pairs.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return pairs


def assert_problem(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:cited-qa:problem:")
    assert problem["title"] and problem["detail"] and problem["next_step"]
    return problem


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@contextmanager
def running_server(assistant, token=None, config=None, **settings):
    """A real server on a free port."""
    app = create_app(assistant, config or FORGETFUL, token=token, **settings)
    with listen("127.0.0.1", 0, None) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield "127.0.0.1", listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)
