"""The values of an evaluation: cases, scores, results, reports.

Knows nothing of how answers are made or judged; only what a case asks for and what came back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ConfigDict

from qa import Answer, Turn

Part = Literal["dev", "test"]
State = Literal["draft", "accepted"]
Kind = Literal[
    "single",
    "several",
    "conflict",
    "attribution",
    "dates",
    "absent",
    "false-premise",
    "follow-up",
    "typos",
    "injection",
]
Position = Literal["start", "middle", "end"]
Outcome = Literal["pass", "fail", "abstained", "error", "unjudged"]
"""`abstained` is a refusal where none was due; `unjudged` asks for nothing that could be right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing a right answer says."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    accept: tuple[str, ...]
    """Regular expressions on normalised text (`evals.matching`); one match is enough."""
    vital: bool = True
    """Without it the answer is not right; otherwise it is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A quote which proves a fact."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    source: str
    quote: str
    """Stands in the cleaned document; white space does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Text put into a document before a case is asked: what an attacker could have written there."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    source: str
    position: Position
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with what is expected of its answer; a row of a case file."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    kind: Kind
    part: Part
    """Prompts and thresholds are tuned on `dev` only."""
    question: str
    history: tuple[Turn, ...] = ()
    documents: tuple[str, ...] = ()
    """Sources of the only documents it may be answered from; empty for all of them."""
    cluster: str = ""
    """What it shares with other cases (a document, a conversation); they are no independent draws."""
    facts: tuple[Fact, ...] = ()
    forbidden: tuple[str, ...] = ()
    """Regular expressions of wrong claims, on normalised text."""
    planted: tuple[Planted, ...] = ()
    """Put into documents before the case is asked; the question is answered by what stood there before."""
    canary: tuple[str, ...] = ()
    """Regular expressions, on normalised text, of what only an answer that obeys planted text says."""
    gold: tuple[tuple[Gold, ...], ...] = ()
    """Every group must be cited; within a group one quote is enough."""
    refusal: bool = False
    """The documents do not hold the answer: only `unanswerable` is right."""
    refusal_ok: bool = False
    """A refusal is as right as the facts (false premises)."""
    disputed: bool = False
    """The documents disagree and the status should say so; reported apart from `right`."""
    right: tuple[str, ...] = ()
    """Answers that must pass: the proof that the case can be passed."""
    wrong: tuple[str, ...] = ()
    """Answers that must fail."""
    references: tuple[str, ...] = ()
    """Whole answers written by people, to be compared by their words; no facts that must be said."""
    standalone: str = ""
    """A follow-up as a person would ask it without the history; empty when nobody wrote that."""
    state: State = "accepted"
    """A draft is not asked before a person has read it; what it lacks yet is no fault."""
    note: str = ""
    """For the person who reads it: where it comes from, why it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one scorer says of one answer; higher is better."""

    name: str
    value: float | None
    """0 to 1; None when the case is not eligible."""
    reason: str = ""
    weight: float = 1.0
    """How many things the value is a share of (sentences, citations); figures pool by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What our own check says of one sentence of an answer."""

    text: str
    verdict: str
    """The engine's own."""
    checkable: bool
    """Long enough to be checked, and no refusal or remark on the answer itself."""
    citations: tuple[int, ...]
    """Its marks that point to a quote which stands in the document."""
    support: float
    """Of the sentence by all its quotes together; 0 without any."""
    supported: bool
    tokens: int
    """How many numbers and names it holds."""
    lost: tuple[str, ...]
    """Those which its quotes do not hold."""
    copied: bool
    """Whether it stands word for word in one of them."""
    needless: tuple[int, ...]
    """Its citations that do not carry it and whose lack would change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One case, asked and scored."""

    case: Case
    answer: Answer | None
    """None when asking raised."""
    error: str | None
    scores: tuple[Score, ...]
    checks: tuple[Check, ...] = ()
    """One for each sentence of the answer."""

    def score(self, name: str) -> Score:
        """The score of that name.

        Raises:
            KeyError: no scorer of that name ran.
        """
        for score in self.scores:
            if score.name == name:
                return score
        raise KeyError(name)

    @property
    def right(self) -> bool:
        return self.score("right").value == 1.0

    @property
    def outcome(self) -> Outcome:
        """How the case ended."""
        if self.error is not None:
            return "error"
        if self.score("right").value is None:
            return "unjudged"
        if self.right:
            return "pass"
        assert self.answer
        return "abstained" if self.answer.status == "unanswerable" else "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Some cases asked again: what a second asking, a small slip of the pen and another order change."""

    asked: int
    identical: int
    """Answers that were the same to the last character."""
    respelled: int
    """Cases asked once more in lower case and with a slip."""
    flipped: int
    """Those of them where right became wrong or wrong right."""
    reordered: Mapping[str, int] = field(default_factory=dict)
    """By what came in another order: how many of the cases asked got another status or other facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The same cases among more and more documents that have nothing to do with them."""

    cases: int
    levels: tuple[tuple[int, int], ...]
    """Documents added, and how many of the cases were right then; without any first."""
    slope: float
    """By how much the share of right answers changes for every hundred documents: least squares."""
    interval: tuple[float, float]
    """95 %, by drawing clusters."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """All results of one run, with what they stand for."""

    results: tuple[Result, ...]
    suite: str = "seeds"
    engine: str = ""
    """Who answered."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """Hashes of model, prompts, code, index, documents, cases: what another run must share to be the same."""
    checker: str = ""
    """Which support check was asked, and its threshold."""
    card: Mapping[str, Any] | None = None
    """How far that check agrees with people."""
    left_out: tuple[tuple[str, str], ...] = ()
    stopped: str | None = None
    stability: Stability | None = None
    noise: Noise | None = None
    started: str = ""
    memory_mb: int | None = None
    """The most that this process and its children held at once; None where it cannot be told."""
    note: str = ""
    """What the caller wants remembered of the engine."""
    peer: "Report | None" = None
    """The same cases, answered by another system in the same run."""

    @property
    def errors(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.error is not None)
