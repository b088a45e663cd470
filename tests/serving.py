"""A real server in a thread, on a free port of this machine."""

import threading
import time
from contextlib import contextmanager

import uvicorn

from qa.config import Config
from qa.server import create_app, listen


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@contextmanager
def running_server(assistant, token=None, **settings):
    """A real server on a free port."""
    app = create_app(assistant, Config(), token=token, **settings)
    with listen("127.0.0.1", 0, None) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield "127.0.0.1", listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)
