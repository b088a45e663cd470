"""What is measured of one answer: plain functions of a case, an answer and the documents.

Every score is 0 to 1, higher is better, None where the case is not eligible. Where asking failed there
is no answer (None): that is 0 wherever the case is eligible, so nothing leaves the denominator. No model
judges here.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping

from evals.matching import locate, normalise, says
from evals.types import Case, Gold, Score
from qa import Answer, Document

Documents = Mapping[str, Document]
"""By source."""
Scorer = Callable[[Case, Answer | None, Documents], Score]

GOLD_SHARE = 0.5
"""Share of a gold quote's characters that must be cited."""


def right(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """All vital facts said, nothing forbidden said, refused exactly where that is right."""
    if answer is None:
        return Score(name="right", value=0.0, reason="the question failed")
    problems = [f"says what is wrong ({form})" for form in _forbidden(case, answer)]
    if _refused(answer):
        if not (case.refusal or case.refusal_ok):
            problems.append("refused, though the documents hold the answer")
    elif case.refusal:
        problems.append("answered, though the documents do not hold the answer")
    else:
        problems += [f"does not say {form}" for form in _unsaid(case, answer, vital=True)]
    return Score(name="right", value=float(not problems), reason="; ".join(problems))


def facts(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Share of all facts said, vital or not."""
    if not case.facts or (case.refusal_ok and answer is not None and _refused(answer)):
        return Score(name="facts", value=None)
    if answer is None or _refused(answer):
        return Score(name="facts", value=0.0)
    unsaid = _unsaid(case, answer, vital=False)
    return Score(name="facts", value=1 - len(unsaid) / len(case.facts), reason="; ".join(unsaid))


def refused_when_due(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Its zeros are the missed refusals."""
    value = float(answer is not None and _refused(answer)) if case.refusal else None
    return Score(name="refused_when_due", value=value)


def answered_when_due(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Its zeros are the false refusals."""
    eligible = not (case.refusal or case.refusal_ok)
    value = float(answer is not None and not _refused(answer)) if eligible else None
    return Score(name="answered_when_due", value=value)


def disputed_when_due(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """A conflict shown as one: status `disputed`."""
    value = float(answer is not None and answer.status == "disputed") if case.disputed else None
    return Score(name="disputed_when_due", value=value)


def undisputed_when_due(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """No conflict shown where the documents agree."""
    value = float(answer is not None and answer.status != "disputed") if not case.disputed else None
    return Score(name="undisputed_when_due", value=value)


def quotes_verbatim(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Share of citations whose quote, offsets and hash are the document's own."""
    if answer is None or not answer.citations:
        return Score(name="quotes_verbatim", value=None)
    bad = []
    for citation in answer.citations:
        document = documents.get(citation.source)
        if (
            document is None
            or document.id != citation.document_id
            or not 0 <= citation.start < citation.end <= len(document.text)
            or document.text[citation.start : citation.end] != citation.quote
            or hashlib.sha256(document.text.encode()).hexdigest() != citation.sha256
        ):
            bad.append(f"[{citation.number}] {citation.source} {citation.start}-{citation.end}")
    value = 1 - len(bad) / len(answer.citations)
    return Score(name="quotes_verbatim", value=value, reason="; ".join(bad))


def gold_cited(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """1 when the cited ranges cover at least half of a quote of every gold group."""
    if not case.gold or (case.refusal_ok and answer is not None and _refused(answer)):
        return Score(name="gold_cited", value=None)
    cited = [(c.source, c.start, c.end) for c in answer.citations] if answer else []
    return _coverage("gold_cited", case, cited, documents)


def gold_found(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """The same for the passages that were retrieved: was the proof before the model at all?"""
    if not case.gold:
        return Score(name="gold_found", value=None)
    found = [(p.source, p.start, p.end) for p in answer.passages] if answer else []
    return _coverage("gold_found", case, found, documents)


def sentences_cited(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Share of the answer's sentences that carry a citation which exists."""
    if answer is None or _refused(answer) or not answer.sentences:
        return Score(name="sentences_cited", value=None)
    numbers = {citation.number for citation in answer.citations}
    bare = [s.text for s in answer.sentences if not numbers.intersection(s.citations)]
    value = 1 - len(bare) / len(answer.sentences)
    return Score(name="sentences_cited", value=value, reason="; ".join(bare))


SCORERS: tuple[Scorer, ...] = (
    right,
    facts,
    answered_when_due,
    refused_when_due,
    disputed_when_due,
    undisputed_when_due,
    quotes_verbatim,
    sentences_cited,
    gold_cited,
    gold_found,
)


def _refused(answer: Answer) -> bool:
    """By status, never by wording."""
    return answer.status == "unanswerable"


def _said(answer: Answer) -> str:
    """What a reader is told: the answer and who holds which account."""
    accounts = (f"{account.holder}: {account.text}" for account in answer.accounts)
    return normalise("\n".join((answer.answer, *accounts)))


def _unsaid(case: Case, answer: Answer, vital: bool) -> list[str]:
    said = _said(answer)
    wanted = [fact for fact in case.facts if fact.vital or not vital]
    return [fact.accept[0] for fact in wanted if says(said, fact.accept) is None]


def _forbidden(case: Case, answer: Answer) -> list[str]:
    said = _said(answer)
    return [form for form in (*case.forbidden, *case.canary) if says(said, (form,)) is not None]


def _coverage(name: str, case: Case, ranges: Iterable[tuple[str, int, int]], documents: Documents) -> Score:
    held = list(ranges)
    missed = [
        group[0].quote
        for group in case.gold
        if not any(_covered(quote, held, documents) >= GOLD_SHARE for quote in group)
    ]
    return Score(name=name, value=float(not missed), reason="; ".join(missed))


def _covered(quote: Gold, ranges: list[tuple[str, int, int]], documents: Documents) -> float:
    """Share of the quote's characters inside the ranges; overlapping ranges count once."""
    document = documents.get(quote.source)
    place = locate(document.text, quote.quote) if document else None
    if place is None:
        return 0.0
    start, end = place
    held: set[int] = set()
    for source, low, high in ranges:
        if source == quote.source:
            held.update(range(max(start, low), min(end, high)))
    return len(held) / (end - start)
