"""Small documents, answers and cases for the tests of the evaluation."""

import hashlib

from evals.engines import Engine
from evals.matching import locate
from evals.types import Case, Fact, Gold
from qa.types import Answer, Citation, Document, Timings, Usage


def document(text: str = "The boy is five. He lives in Reading.", source: str = "a.txt") -> Document:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Document(id="0" * 16, source=source, title="A", date=None, text=text, sha256=sha256)


def cite(held: Document, quote: str, number: int = 1) -> Citation:
    place = locate(held.text, quote)
    assert place is not None
    start, end = place
    return Citation(
        number=number,
        document_id=held.id,
        title=held.title,
        source=held.source,
        date=None,
        quote=held.text[start:end],
        start=start,
        end=end,
        sha256=held.sha256,
        url="",
    )


def answer(text: str, status: str = "answered", **fields) -> Answer:
    base = {
        "id": "1",
        "question": "?",
        "standalone_question": "?",
        "reason": None,
        "sentences": (),
        "accounts": (),
        "citations": (),
        "passages": (),
        "model": "scripted",
        "index_version": "1",
        "timings": Timings(
            standalone_ms=0, retrieve_ms=3, draft_ms=0, check_ms=0, first_sentence_ms=5, total_ms=10
        ),
        "usage": Usage(prompt_tokens=0, completion_tokens=0),
    }
    return Answer(**{**base, "answer": text, "status": status, **fields})


def refusal(text: str = "") -> Answer:
    return answer(text, status="unanswerable", reason="The documents do not say.")


def engine(ask, *documents: Document, **fields) -> Engine:
    """One who answers with `ask(question, history)`."""
    held = {each.source: each for each in documents}
    base = {"name": "scripted", "documents": held, "identity": {"model": "scripted"}}
    return Engine(ask=lambda question, history, only: ask(question, history), **{**base, **fields})


def case(**fields) -> Case:
    base = {
        "id": "boy",
        "kind": "single",
        "part": "dev",
        "question": "How old is the boy?",
        "facts": (Fact(accept=(r"\b5\b",)), Fact(accept=("reading",), vital=False)),
        "gold": ((Gold(source="a.txt", quote="The boy is five."),),),
    }
    return Case(**{**base, **fields})
