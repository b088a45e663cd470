"""Asks a server that is already running, and gives the same values as the assistant itself.

Knows the wire contract from the caller's side.
"""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from qa import problems
from qa.catalogue import SyncReport
from qa.errors import InputError, ModelError, QAError
from qa.types import (
    Account,
    Answer,
    Citation,
    Event,
    Evidence,
    Passage,
    Progress,
    Proved,
    Sentence,
    Timings,
    Turn,
    Usage,
)

# The server sends a sign of life every few seconds, so a longer silence is a dead server.
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class Client:
    """A server at `address` (`http://127.0.0.1:8000`); the connection is made at the first request.

    Raises, in every method:
        QAError: what the server told, or that it cannot be reached.
    """

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address.rstrip("/")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        # A proxy of the environment would be asked for loopback names too.
        self._http = httpx.Client(base_url=self.address, headers=headers, timeout=_TIMEOUT, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stream(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = ()
    ) -> Generator[Event, None, None]:
        """The events of one question; closing the generator stops the server's work on it."""
        body = {
            "question": question,
            "history": [asdict(turn) for turn in history],
            "documents": list(documents),
            "stream": True,
        }
        with self._reached(), self._http.stream("POST", "/v1/answers", json=body) as response:
            if response.is_error:
                response.read()
            _check(response)
            for name, data in _events(response.iter_lines()):
                event = _event(name, data)
                if event is not None:
                    yield event
                if isinstance(event, Answer):
                    return
        raise ModelError(f"The server at {self.address} broke off before the answer was whole. Ask again.")

    def search(self, question: str, documents: Sequence[str] = ()) -> tuple[Passage, ...]:
        """The passages nearest to `question`, best first."""
        found = self._get("/v1/search", {"q": question, "documents": list(documents), "limit": 100})
        return tuple(Passage(**passage) for passage in found["passages"])

    def sources(self) -> dict[str, str]:
        """The source of every document, by id."""
        listed = self._get("/v1/documents", {})["documents"]
        return {document["id"]: document["source"] for document in listed}

    def sync(self, folder: Path) -> SyncReport:
        """Let the server index its documents folder, which must be `folder`; takes as long as it takes."""
        with self._reached():
            body = {"folder": str(folder.resolve())}
            response = self._http.post("/v1/documents/sync", json=body, timeout=None)
            _check(response)
            return _report(response.json())

    def health(self) -> dict[str, Any]:
        """What `/v1/health` tells."""
        return self._get("/v1/health", {})

    def _get(self, path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        with self._reached():
            response = self._http.get(path, params=parameters)
            _check(response)
            body: dict[str, Any] = response.json()
            return body

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise QAError(
                f"The server at {self.address} does not answer ({type(error).__name__}). "
                "See whether it still runs: qa doctor"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise QAError(
                f"What runs at {self.address} does not speak as this version does ({error!r}). "
                "Stop it and start the installed one: qa serve"
            ) from error


def _check(response: httpx.Response) -> None:
    if not response.is_error:
        return
    if response.status_code == 401:
        raise InputError(
            f"The server at {response.url.host} wants another token. Set QA_TOKEN to the server's."
        )
    if not response.headers.get("content-type", "").startswith(problems.MEDIA_TYPE):
        raise QAError(
            f"The server at {response.url.host} replied with status {response.status_code} and no reason."
        )
    raise problems.to_error(response.json())


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and data of server-sent events; comments are passed over."""
    name, data = "", ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data += line.removeprefix("data: ")
        elif not line and data:
            yield name, json.loads(data)
            name, data = "", ""


def _event(name: str, data: dict[str, Any]) -> Event | None:
    """The value behind an event; None for a kind which a later server may add."""
    match name:
        case "status":
            return Progress(**data)
        case "passages":
            return Evidence(standalone_question=data["standalone_question"], passages=_passages(data))
        case "sentence":
            return Proved(sentence=_sentence(data["sentence"]), citations=_citations(data))
        case "answer":
            return answer_from(data)
        case "error":
            raise problems.to_error(data)
    return None


def answer_from(data: Mapping[str, Any]) -> Answer:
    """The answer whose `dataclasses.asdict` is `data`."""
    parts: dict[str, Any] = {
        **data,
        "sentences": tuple(_sentence(sentence) for sentence in data["sentences"]),
        "accounts": tuple(
            Account(**{**account, "citations": tuple(account["citations"])}) for account in data["accounts"]
        ),
        "citations": _citations(data),
        "passages": _passages(data),
        "timings": Timings(**data["timings"]),
        "usage": Usage(**data["usage"]),
    }
    return Answer(**parts)


def _report(data: Mapping[str, Any]) -> SyncReport:
    parts: dict[str, Any] = {
        **{name: tuple(sources) for name, sources in data.items() if isinstance(sources, list)},
        "skipped": tuple((source, reason) for source, reason in data["skipped"]),
        "duplicates": tuple((source, earlier) for source, earlier in data["duplicates"]),
        "settings_changed": data["settings_changed"],
    }
    return SyncReport(**parts)


def _sentence(data: Mapping[str, Any]) -> Sentence:
    return Sentence(**{**data, "citations": tuple(data["citations"])})


def _citations(data: Mapping[str, Any]) -> tuple[Citation, ...]:
    return tuple(Citation(**citation) for citation in data["citations"])


def _passages(data: Mapping[str, Any]) -> tuple[Passage, ...]:
    return tuple(Passage(**passage) for passage in data["passages"])
