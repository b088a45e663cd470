"""The values that travel through the engine and over the wire.

`dataclasses.asdict(answer)` is the JSON object of `POST /v1/answers`: a field here is a field of the
contract, so fields are added and never renamed. All offsets are characters of the stored document text,
start inclusive, end exclusive. All durations are whole milliseconds. Nothing here knows a library.
"""

from dataclasses import dataclass
from typing import Literal

Status = Literal["answered", "disputed", "unanswerable"]
Verdict = Literal["verbatim", "supported", "partly", "unsupported"]
Role = Literal["user", "assistant"]
EXTRACTIVE = "extractive"
"""`Answer.model` when no language model is there and quotes alone answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file of the corpus, read and cleaned."""

    id: str
    """16 hexadecimal digits, derived from `source`: the same file keeps its id when its text changes."""
    source: str
    """Path relative to the corpus folder, with forward slashes."""
    title: str
    date: str | None
    """ISO day (`2017-02-24`) on which the document says it was written, or None."""
    text: str
    """Cleaned text; every offset in the project points into it."""
    sha256: str
    """Of `text` in UTF-8."""
    skipped: tuple[tuple[int, int], ...] = ()
    """Spans of `text` which are page furniture (share buttons, comment headers): kept, not searched."""
    hidden_characters: int = 0
    """How many invisible characters were stripped when the file was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a document which was found for a question."""

    document_id: str
    title: str
    source: str
    date: str | None
    text: str
    start: int
    end: int
    score: float
    """Fused rank score, higher is better; comparable within one search only."""
    cited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A quote which proves a sentence: `quote == document.text[start:end]`, always."""

    number: int
    """From 1, in order of first use; the `[n]` of the answer text."""
    document_id: str
    title: str
    source: str
    date: str | None
    quote: str
    start: int
    end: int
    sha256: str
    """Of the document text that was cited."""
    url: str
    """Permanent evidence link: `/documents/{document_id}?start=…&end=…`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of an answer with the proof it stands on."""

    text: str
    start: int
    """Offset into `Answer.answer`."""
    end: int
    citations: tuple[int, ...]
    """Citation numbers."""
    verdict: Verdict
    support: float
    """0 to 1: how sure the check is that the cited quotes carry the sentence."""
    corrects: bool = False
    """Whether it denies what the question takes for granted; such a sentence is shown first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One side of a dispute."""

    holder: str
    """Who says so."""
    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds from the start of the question, except where a stage is named."""

    standalone_ms: int
    retrieve_ms: int
    draft_ms: int
    """Spent by the language model on drafts."""
    check_ms: int
    """Spent on checking the drafts against the documents."""
    first_sentence_ms: int
    total_ms: int
    cached: bool = False
    """Whether the answer was given before and nothing was done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens read and written by the language model, as the model counts them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole result of one question; the last item of `Assistant.stream`."""

    id: str
    question: str
    standalone_question: str
    status: Status
    answer: str
    """Plain text with `[n]` marks."""
    reason: str | None
    """Why it could not be answered, in a sentence; None when it was."""
    sentences: tuple[Sentence, ...]
    accounts: tuple[Account, ...]
    """At least two when `status` is `disputed`, else empty."""
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    model: str
    """Name of the language model, or `EXTRACTIVE` when the answer is made of quotes alone."""
    index_version: str
    timings: Timings
    usage: Usage


Stage = Literal["queue", "standalone", "retrieve", "draft", "ground"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the assistant is doing now."""

    stage: Stage
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The passages found, before anything is drafted."""

    standalone_question: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A sentence that passed its check, with the citations it stands on."""

    sentence: Sentence
    citations: tuple[Citation, ...]


Event = Progress | Evidence | Proved | Answer
"""What `Assistant.stream` yields; the last one is always an `Answer`."""
