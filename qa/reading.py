"""Reading: each source answers the question by itself, and what it answers is checked at once.

One prompt a source keeps prompts short and tells who says what for free; all sources are read in one batch.
What comes out are sentences with their proof, in the order of the sources; the rest is dropped here.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from qa import evidence, facts, grounding, judgement, prompts, sentences
from qa.evidence import Source
from qa.models import LanguageModel
from qa.types import Timings

_UNFINISHED = re.compile(r"[,;:]?\s+[^,;:]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One proved sentence and where it comes from."""

    text: str
    source: Source
    proof: grounding.Proof
    answers: float
    """Probability, 0 to 1, that it answers the question rightly."""
    support: float
    """How sure the check is, 0 to 1, that the quotes carry it."""


@dataclass(slots=True)
class Meter:
    """Times and tokens of one question, filled while it is answered."""

    started: float = field(default_factory=time.monotonic)
    marks: dict[str, int] = field(default_factory=dict)
    check_seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def mark(self, name: str) -> None:
        """Keep the milliseconds since the start, the first time only."""
        self.marks.setdefault(name, round((time.monotonic() - self.started) * 1000))

    def timings(self) -> Timings:
        self.mark("total")
        total, check = self.marks["total"], round(self.check_seconds * 1000)
        standalone = self.marks.get("standalone", 0)
        retrieved = self.marks.get("retrieved", standalone)
        return Timings(
            standalone_ms=standalone,
            retrieve_ms=retrieved - standalone,
            draft_ms=max(0, total - retrieved - check),
            check_ms=check,
            first_sentence_ms=self.marks.get("first sentence", total),
            total_ms=total,
        )


def read(
    question: str,
    sources: Sequence[Source],
    model: LanguageModel | None,
    meter: Meter,
    cancelled: threading.Event,
    worth: Callable[[Finding], bool] = lambda finding: True,
) -> Iterator[Finding]:
    """What each source answers to `question`, best source first; nothing that its source contradicts.

    Without a model the sentence nearest to the question stands for the draft: a quote, and nothing else.

    Args:
        worth: whether a finding, judged without the model so far, is worth asking the model about.
    """
    weight = evidence.weigher([quote for source in sources for quote in source.quotes])
    for source, draft in _drafts(question, sources, model, meter, cancelled):
        started = time.monotonic()
        for claim in _claims(draft, source):
            text, proof = grounding.settle(claim, question, source, weight)
            plain = judgement.probability(source, proof)
            finding = Finding(text=text, source=source, proof=proof, answers=plain, support=plain)
            if proof.faults or not worth(finding):
                continue
            if model and judgement.is_uncertain(plain):
                opinion = _opinion(model, question, text, source, meter, cancelled)
                answers = judgement.probability(source, proof, opinion)
                # The model's opinion of a quote does not change that it stands there.
                finding = replace(finding, answers=answers, support=1 if proof.verbatim else opinion.says)
            yield finding
        meter.check_seconds += time.monotonic() - started


def _opinion(
    model: LanguageModel, question: str, claim: str, source: Source, meter: Meter, cancelled: threading.Event
) -> judgement.Opinion:
    asked = [
        prompts.says(source.title, source.text, claim),
        prompts.holds(source.title, source.text, question),
    ]
    (says, holds), tokens = model.yes(asked, cancelled)
    meter.prompt_tokens += tokens
    return judgement.Opinion(says=says, holds=holds)


def _drafts(
    question: str,
    sources: Sequence[Source],
    model: LanguageModel | None,
    meter: Meter,
    cancelled: threading.Event,
) -> Iterator[tuple[Source, str]]:
    """Each source with what the model wrote from it, in order; the best one is not kept waiting."""
    if model is None:
        yield from ((source, source.nearest.text) for source in sources)
        return
    asked = [prompts.draft(source.title, source.text, question) for source in sources]
    texts, finished, given = [""] * len(sources), [False] * len(sources), 0
    for piece in model.write(asked, prompts.DRAFT_TOKENS, cancelled):
        texts[piece.index] += piece.text
        finished[piece.index] = piece.finished
        meter.prompt_tokens += piece.prompt_tokens
        meter.completion_tokens += piece.completion_tokens
        if piece.finished and piece.completion_tokens >= prompts.DRAFT_TOKENS:
            texts[piece.index] = _UNFINISHED.sub(".", texts[piece.index])
        while given < len(sources) and finished[given]:
            yield sources[given], texts[given]
            given += 1


def _claims(draft: str, source: Source) -> list[str]:
    """What a draft claims, sentence by sentence; nothing when it says that it found nothing."""
    if grounding.says_nothing(draft):
        return []
    claims = [grounding.claim(draft[start:end]) for start, end in sentences.split(draft)]
    # "Yes." alone is no sentence: the source's own words answer instead.
    return [claim if facts.terms(claim) else source.nearest.text for claim in claims]
