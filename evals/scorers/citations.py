"""Do the citations exist, and do they carry the sentences they stand behind?

ALCE's scheme (Gao et al., 2023) with our support check in place of its NLI model: all quotes of a sentence
together must carry it (recall); each of them must carry it alone, or be missed by the others (precision).
"""

from collections.abc import Callable, Sequence

from evals.matching import normalise
from evals.scorers.fidelity import lost_tokens, tokens
from evals.scorers.reading import (
    Documents,
    covered,
    excused,
    gold_places,
    is_checkable,
    is_valid,
    sentences,
)
from evals.support import Checker
from evals.types import Case, Check, Score
from qa import Answer, Citation

GOLD_SHARE = 0.5
"""Share of a gold quote's characters that must be cited."""

Scorer = Callable[[Case, Answer | None, Documents], Score]


def checks_of(answer: Answer | None, documents: Documents, checker: Checker) -> tuple[Check, ...]:
    """What the check says of every sentence of an answer."""
    if answer is None:
        return ()
    valid = {c.number: c for c in answer.citations if is_valid(c, documents)}
    return tuple(
        _check(text, verdict, [valid[mark] for mark in marks if mark in valid], documents, checker)
        for text, verdict, marks in sentences(answer)
    )


def quotes_verbatim(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Pointer validity: share of citations whose quote, offsets and hash are the document's own."""
    if answer is None or not answer.citations:
        return Score(name="quotes_verbatim", value=None)
    bad = [
        f"[{c.number}] {c.source} {c.start}-{c.end}" for c in answer.citations if not is_valid(c, documents)
    ]
    return _share("quotes_verbatim", len(answer.citations) - len(bad), len(answer.citations), bad)


def gold_cited(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """1 when the cited ranges cover at least half of a quote of every gold group."""
    if not case.gold or excused(case, answer):
        return Score(name="gold_cited", value=None)
    ranges = [(c.source, c.start, c.end) for c in answer.citations] if answer else []
    missed = [
        group[0].quote
        for group in case.gold
        if not any(covered(place, ranges) >= GOLD_SHARE for place in gold_places(group, documents))
    ]
    return Score(name="gold_cited", value=float(not missed), reason="; ".join(missed))


def of_checks(name: str, of: Callable[[Sequence[Check]], Score], checker: Checker) -> Scorer:
    """A scorer over the checks of an answer. Where asking failed, a sentence that was due is missing."""

    def scorer(case: Case, answer: Answer | None, documents: Documents) -> Score:
        if answer is None:
            return Score(name=name, value=None if case.refusal else 0.0)
        return of(checks_of(answer, documents, checker))

    return scorer


def sentences_cited(checks: Sequence[Check]) -> Score:
    """Citation coverage: share of checkable sentences with a citation that exists."""
    asserted = [check for check in checks if check.checkable]
    bare = [check.text for check in asserted if not check.citations]
    return _share("sentences_cited", len(asserted) - len(bare), len(asserted), bare)


def citation_recall(checks: Sequence[Check]) -> Score:
    """Share of checkable sentences which their quotes together carry."""
    asserted = [check for check in checks if check.checkable]
    unsupported = [check.text for check in asserted if not check.supported]
    return _share("citation_recall", len(asserted) - len(unsupported), len(asserted), unsupported)


def citation_precision(checks: Sequence[Check]) -> Score:
    """Share of the marks behind checkable sentences which carry their sentence, alone or by being needed."""
    asserted = [check for check in checks if check.checkable]
    needless = [f"[{number}] {check.text}" for check in asserted for number in check.needless]
    total = sum(len(check.citations) for check in asserted)
    return _share("citation_precision", total - len(needless), total, needless)


def all_supported(checks: Sequence[Check]) -> Score:
    """1 when no checkable sentence lacks support."""
    asserted = [check for check in checks if check.checkable]
    if not asserted:
        return Score(name="all_supported", value=None)
    return Score(name="all_supported", value=float(all(check.supported for check in asserted)))


def tokens_kept(checks: Sequence[Check]) -> Score:
    """Share of the numbers and names of all cited sentences which stand in their quotes."""
    lost = [f"{token}: {check.text}" for check in checks for token in check.lost]
    total = sum(check.tokens for check in checks)
    return _share("tokens_kept", total - len(lost), total, lost)


def word_for_word(checks: Sequence[Check]) -> Score:
    """Share of checkable sentences that are taken word for word; neither good nor bad."""
    asserted = [check for check in checks if check.checkable]
    taken = sum(check.copied for check in asserted)
    return _share("word_for_word", taken, len(asserted), [])


def _check(
    text: str, verdict: str, cited: Sequence[Citation], documents: Documents, checker: Checker
) -> Check:
    quotes = [citation.quote for citation in cited]
    union = " ".join(quotes)
    support = checker.of([(union, text)])[0] if cited else 0.0
    return Check(
        text=text,
        verdict=verdict,
        checkable=is_checkable(text),
        citations=tuple(citation.number for citation in cited),
        support=round(support, 4),
        supported=support >= checker.threshold,
        tokens=len(tokens(text, cited, documents)),
        lost=lost_tokens(text, cited, documents),
        copied=any(normalise(text).rstrip(" .") in normalise(quote) for quote in quotes),
        needless=_needless(text, cited, support >= checker.threshold, checker),
    )


def _needless(text: str, cited: Sequence[Citation], supported: bool, checker: Checker) -> tuple[int, ...]:
    """The citations that do not carry the sentence alone and are not missed by the others either."""
    needless = []
    for citation in cited:
        if checker.carries(citation.quote, text):
            continue
        others = " ".join(other.quote for other in cited if other is not citation)
        if not (supported and not checker.carries(others, text)):
            needless.append(citation.number)
    return tuple(needless)


def _share(name: str, good: int, total: int, bad: Sequence[str]) -> Score:
    if not total:
        return Score(name=name, value=None)
    return Score(name=name, value=good / total, reason="; ".join(bad), weight=float(total))
