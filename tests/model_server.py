"""A real server on a free port that speaks the OpenAI protocol, well or badly, as a test needs it."""

import asyncio
import json
import socket
import threading
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse


class ModelServer:
    """Says `text` word by word; `behaviour` makes it misbehave. Keeps what it was asked."""

    def __init__(self) -> None:
        self.text = "She was denied judicial review."
        self.behaviour = "well"
        self.pause = 0.0
        self.logprobs = [("Yes", -0.1), (" yes", -3.0), ("No", -2.5)]
        self.asked: list[dict] = []
        self.keys: list[str] = []
        self.left = threading.Event()
        """Set when a caller went away in the middle of a stream."""
        self.url = ""
        self.app = FastAPI()
        self.app.post("/v1/chat/completions")(self.complete)

    async def complete(self, request: Request):
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization", ""))
        if self.behaviour.isdecimal():
            error = {"message": f"told to say {self.behaviour}", "type": "test", "code": None}
            return JSONResponse({"error": error}, status_code=int(self.behaviour))
        if self.behaviour == "echo key":
            return JSONResponse({"error": {"message": f"bad key {self.keys[-1]}"}}, status_code=401)
        if self.behaviour == "hang":
            await asyncio.sleep(30)
        if self.behaviour == "html":
            return HTMLResponse("<html><body>It works!</body></html>")
        if self.behaviour == "no logprobs" and "logprobs" in body:
            return JSONResponse({"error": {"message": "unknown field logprobs"}}, status_code=400)
        if body.get("stream"):
            return StreamingResponse(self._chunks(request), media_type="text/event-stream")
        return self._whole(body)

    def _whole(self, body):
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": self.text},
            "finish_reason": "length",
        }
        if "logprobs" in body and self.behaviour != "silent logprobs":
            top = [{"token": token, "logprob": value, "bytes": None} for token, value in self.logprobs]
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
        return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]} | {
            "usage": {"prompt_tokens": 11, "completion_tokens": 1, "total_tokens": 12}
        }

    async def _chunks(self, request):
        words = self.text.split(" ")
        try:
            for number, word in enumerate(words):
                await asyncio.sleep(self.pause)
                yield self._chunk(word if number == 0 else f" {word}")
                if number == 1 and self.behaviour == "cut":
                    raise ConnectionResetError("cut on purpose")
                if number == 1 and self.behaviour == "end early":
                    return
        except asyncio.CancelledError:
            self.left.set()
            raise
        yield self._chunk("", finish_reason="stop")
        if self.behaviour != "no usage":
            usage = {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26}
            yield self._line({"choices": [], "usage": usage})
        yield "data: [DONE]\n\n"

    def _chunk(self, text, finish_reason=None):
        delta = {"role": "assistant", "content": text}
        return self._line({"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})

    def _line(self, fields):
        base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        return f"data: {json.dumps(base | fields)}\n\n"


@contextmanager
def model_server():
    """The server, running; `url` is its address."""
    fake = ModelServer()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    fake.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server = uvicorn.Server(uvicorn.Config(fake.app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield fake
    finally:
        server.should_exit = True
        thread.join(10)
