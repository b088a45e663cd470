"""An assistant which says what it was told to, with the public surface of the real one."""

import hashlib
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qa.catalogue import Entry
from qa.types import (
    Account,
    Answer,
    Citation,
    Document,
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

TEXT = "The mother fled Honduras. She was denied judicial review. Her name was not published."


def make_document(text: str = TEXT, **changes: object) -> Document:
    document = Document(
        id="0123456789abcdef",
        source="one.txt",
        title="A mother is deported",
        date="2017-02-24",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    return replace(document, **changes)


def make_entry(document: Document) -> Entry:
    return Entry(
        id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        characters=len(document.text),
        sha256=document.sha256,
        state="ready",
        chunks=1,
        uploaded=False,
        private=False,
    )


def make_citation(document: Document, quote: str, number: int = 1) -> Citation:
    start = document.text.index(quote)
    end = start + len(quote)
    return Citation(
        number=number,
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        quote=quote,
        start=start,
        end=end,
        sha256=document.sha256,
        url=f"/documents/{document.id}?start={start}&end={end}",
    )


def make_passage(document: Document) -> Passage:
    return Passage(
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        text=document.text,
        start=0,
        end=len(document.text),
        score=0.5,
        cited=True,
    )


def make_answer(question: str = "Was she given review?", **changes: object) -> Answer:
    document = make_document()
    citation = make_citation(document, "She was denied judicial review.")
    sentence = Sentence(
        text="She was denied judicial review.",
        start=0,
        end=31,
        citations=(1,),
        verdict="verbatim",
        support=1.0,
    )
    answer = Answer(
        id="a1",
        question=question,
        standalone_question=question,
        status="answered",
        answer="She was denied judicial review. [1]",
        reason=None,
        sentences=(sentence,),
        accounts=(),
        citations=(citation,),
        passages=(make_passage(document),),
        model="scripted",
        index_version="v1",
        timings=Timings(
            standalone_ms=0, retrieve_ms=1, draft_ms=2, check_ms=3, first_sentence_ms=4, total_ms=5
        ),
        usage=Usage(prompt_tokens=6, completion_tokens=7),
    )
    return replace(answer, **changes)


def make_disputed(question: str = "How many arrests?") -> Answer:
    return make_answer(
        question,
        status="disputed",
        accounts=(
            Account(holder="The wire story", text="There were 680 arrests.", citations=(1,)),
            Account(holder="The blog", text="There were 600 arrests.", citations=(1,)),
        ),
    )


def make_unanswerable(question: str = "Who is the mayor of Paris?") -> Answer:
    return make_answer(
        question,
        status="unanswerable",
        answer="",
        reason="No document names the mayor of Paris.",
        sentences=(),
        citations=(),
    )


def events_of(answer: Answer) -> tuple[Event, ...]:
    """What the real assistant yields on its way to `answer`."""
    return (
        Progress(stage="retrieve", message="Looking for passages"),
        Evidence(standalone_question=answer.standalone_question, passages=answer.passages),
        *(Proved(sentence=sentence, citations=answer.citations) for sentence in answer.sentences),
        answer,
    )


@dataclass
class ScriptedLedger:
    held: tuple[Document, ...]

    def index_version(self) -> str:
        return "v1"

    def sources(self, owner: str | None = None) -> dict[str, str]:
        return {document.id: document.source for document in self.held}

    def documents(self, owner: str | None = None) -> tuple[Document, ...]:
        return self.held

    def catalogue(self, owner: str | None = None) -> tuple[Entry, ...]:
        return tuple(make_entry(document) for document in self.held)

    def document(self, document_id: str) -> Document | None:
        return next((document for document in self.held if document.id == document_id), None)


class ScriptedCorpus:
    def __init__(self, *documents: Document) -> None:
        self.ledger = ScriptedLedger(documents or (make_document(),))
        self.visitors: list[str] = []

    def visited(self, owner: str) -> None:
        self.visitors.append(owner)


@dataclass
class ScriptedRetriever:
    ledger: ScriptedLedger

    def find(self, question: str, documents: Sequence[str] = ()) -> tuple[Passage, ...]:
        return tuple(make_passage(d) for d in self.ledger.documents() if not documents or d.id in documents)


@dataclass
class ScriptedModel:
    name: str = "scripted"
    state: str = "ready"


@dataclass
class ScriptedAssistant:
    """Yields the events of `script(question)`, waiting `pause` seconds (or for a stop) before each.

    Nothing is yielded before `released` is set.
    """

    script: Callable[[str], Sequence[Event]] = lambda question: events_of(make_answer(question))
    pause: float = 0.0
    failure: Exception | None = None
    """Raised after the first event."""
    corpus: Any = field(default_factory=ScriptedCorpus)
    model: ScriptedModel | None = field(default_factory=ScriptedModel)
    asked: list[tuple[str, tuple[Turn, ...], tuple[str, ...]]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    finished: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    cut_short: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.released.set()

    def __enter__(self) -> "ScriptedAssistant":
        return self

    def __exit__(self, *_: object) -> None:
        self.corpus.close()

    @property
    def retriever(self) -> ScriptedRetriever:
        return ScriptedRetriever(self.corpus.ledger)

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] = (),
        cancelled: threading.Event | None = None,
    ) -> Generator[Event, None, None]:
        self.asked.append((question, tuple(history), tuple(documents)))
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        cancelled = cancelled or threading.Event()
        try:
            while not self.released.wait(0.01) and not cancelled.is_set():
                pass
            for number, event in enumerate(self.script(question)):
                if cancelled.wait(self.pause):
                    self.cut_short.set()
                    return
                if number == 1 and self.failure:
                    raise self.failure
                yield event
            self.finished += 1
        finally:
            self.running -= 1
