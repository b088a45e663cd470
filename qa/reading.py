"""Reading: the model answers from the sheet, and what it answers is checked sentence by sentence.

What comes out are sentences with their proof, in the order of the draft; the rest is dropped here.
"""

import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from qa import (
    answer_type,
    facts,
    grounding,
    judgement,
    prompts,
    quoting,
    ranking,
    sentences,
    speakers,
    wording,
)
from qa.evidence import Sheet
from qa.models import LanguageModel
from qa.questions import Part
from qa.quoting import Quote
from qa.types import Timings

SURE = 0.5
"""Of an answer where what was to be counted, or is to be affirmed or denied, is not named: a less sure one is
about something else …"""
NARROW_SURE = 0.3
"""… and of one where only sentences with a number or a time were read."""
WHOLE_WORDS = 4
"""Fewer are no sentence: they claim something only together with their question."""
_NAMING = facts.terms("name named call called")
_UNFINISHED = re.compile(r"[,;:]?\s+[^,;:]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One proved sentence and where it comes from."""

    text: str
    sheet: Sheet
    proof: grounding.Proof
    answers: float
    """Probability, 0 to 1, that it answers the question rightly."""
    support: float
    """How sure the check is, 0 to 1, that the quotes carry it."""

    def corrects(self, question: str) -> bool:
        """Whether it denies what `question` takes for granted."""
        turned = self.proof.reversed and not answer_type.asks_whether(question)
        return turned or answer_type.rebuts(question, self.text)


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
    part: Part,
    sheet: Sheet,
    model: LanguageModel | None,
    meter: Meter,
    cancelled: threading.Event,
    worth: Callable[[Finding], bool] = lambda finding: True,
) -> Iterator[Finding]:
    """What the sheet answers to a question; nothing that its sentences contradict.

    Without a model the sentence nearest to the question stands for the draft: a quote, and nothing else. No
    model is asked where no sentence can answer. A small one picks the words of the source with its draft, and
    beside them stands the sentence that surely answers by itself.

    Args:
        worth: whether a finding, judged without the model so far, is worth asking the model about.
    """
    if sheet.relevance < judgement.SILENT:
        return
    sure = _sure(part, sheet, model)
    if sure and model:
        yield from _picked(sure, part, model, meter, cancelled)
        return
    draft, weight = sheet.nearest.text, ranking.weigher(sheet.quotes)
    if model:
        draft = _draft(part, sheet, model, meter, cancelled)
    started = time.monotonic()
    for claim in _claims(draft, sheet) or ():
        finding = _worded(claim, part, sheet, weight, small=model is not None and model.small)
        if not (finding and worth(finding)):
            continue
        if heard := _heard(finding, claim, part, weight, model, meter, cancelled):
            yield heard
    meter.check_seconds += time.monotonic() - started


def drafts(part: Part, sheet: Sheet, model: LanguageModel | None) -> bool:
    """Whether `read` waits for a draft of the model."""
    sure = _sure(part, sheet, model)
    return model is not None and sheet.relevance >= judgement.SILENT and not (sure and not _rivals(sure))


def _picked(
    sure: Finding, part: Part, model: LanguageModel, meter: Meter, cancelled: threading.Event
) -> Iterator[Finding]:
    """The sentence that surely answers, after what a small model picks of those that may answer too.

    What the model thinks of its pick tells little there, and is not asked: the reranker thinks so too. But
    where it finds no answer, though none was allowed it, there is none.
    """
    if rivals := _rivals(sure):
        sheet = _narrowed(sure, rivals)
        weight = ranking.weigher(sheet.quotes)
        claims = _claims(_draft(part, sheet, model, meter, cancelled), sheet)
        if claims is None:
            return
        for claim in claims:
            finding = _worded(claim, part, sheet, weight, small=True)
            if finding and not rivals.isdisjoint(finding.proof.quotes):
                yield replace(finding, answers=sure.answers, support=1)
    yield sure


def _rivals(sure: Finding) -> set[Quote]:
    """The sentences that were read and may answer in its place."""
    may = (quote for quote in sure.sheet.chosen if quote.relevance >= judgement.RIVAL)
    return set(may) - set(sure.proof.quotes)


def _narrowed(sure: Finding, rivals: Collection[Quote]) -> Sheet:
    """The sheet with only those sentences to read that may answer, and what they lean on."""
    sheet = sure.sheet
    wanted = {*sure.proof.quotes, *rivals}
    wanted |= {b for b, quote in pairwise(sheet.chosen) if quote in wanted and quoting.leans(b, quote)}
    return replace(sheet, chosen=tuple(quote for quote in sheet.chosen if quote in wanted))


def _worded(
    claim: str, part: Part, sheet: Sheet, weight: Callable[[str], float], *, small: bool
) -> Finding | None:
    """One claim of a draft in the words in which it may stand; None when it may not.

    The words of a small model never do, the source's do: of 60 drafts in words of its own 17 were false.
    """
    text, proof = wording.settle(claim, part.search, sheet, weight)
    plain = judgement.probability(sheet, proof)
    finding = Finding(text=text, sheet=sheet, proof=proof, answers=plain, support=plain)
    if proof.faults or _misses(part, finding) or _echoes(part, finding):
        return None
    if answer_type.names_nobody(part.text, claim):
        return None
    if proof.quotes and all(map(quoting.asks, proof.quotes)):
        return None
    if text != claim and all(quoting.entitles(quote, sheet.titles) for quote in proof.quotes):
        return None
    if small and proof.quotes and not proof.verbatim and grounding.adds(claim, part.search):
        text, own = wording.instead(claim, part.search, proof, sheet, weight)
        return replace(finding, text=text, proof=own)
    return finding


def _sure(part: Part, sheet: Sheet, model: LanguageModel | None) -> Finding | None:
    """The nearest sentence that surely answers, in its own words: told beside what a small model picks."""
    # A sentence has many names; which of them is asked for only a draft says.
    if not (model and model.small) or answer_type.asks_naming(part.text):
        return None
    sure = [quote for quote in sheet.chosen if quoting.tells(quote) and _is_plain(part, quote)]
    for quote in sorted(sure, key=lambda quote: -quote.score):
        text, proof = grounding.own_words(quote, part.search, sheet)
        finding = Finding(text=text, sheet=sheet, proof=proof, answers=quote.relevance, support=1)
        answers = finding.answers >= _least(part, finding)
        if answers and not (_misses(part, finding) or _echoes(part, finding)):
            return finding
    return None


def _is_plain(part: Part, quote: Quote) -> bool:
    """Whether a sentence answers so surely that no draft need say so: one that takes up nothing of the
    question but names must be surer, and one that gives no reason does not say why."""
    if answer_type.asks_reason(part.text) and not answer_type.fits(part.text, quote.read):
        return False
    touches = not facts.common(part.search).isdisjoint(quote.terms)
    return quote.relevance >= (judgement.PLAIN if touches else SURE)


def _heard(
    finding: Finding,
    claim: str,
    part: Part,
    weight: Callable[[str], float],
    model: LanguageModel | None,
    meter: Meter,
    cancelled: threading.Event,
) -> Finding | None:
    """A finding after the model was heard about the claim it was made of.

    What it thinks false is dropped. Where it is not sure, the source speaks for itself.
    """
    if not (model and judgement.is_open(finding.answers)):
        return finding
    question = part.search
    opinion = _opinion(model, question, claim, finding.sheet, meter, cancelled)
    text, proof = finding.text, finding.proof
    quoted = proof.verbatim and text == claim
    if grounding.adds(claim, question) and not quoted and not proof.reversed:
        if opinion.says < judgement.PARTLY:
            return None
        strays = grounding.strays(text, question, proof, finding.sheet)
        least = judgement.CERTAIN if strays else judgement.SUPPORTED
        if opinion.says < least and not proof.verbatim:
            text, proof = wording.instead(claim, question, proof, finding.sheet, weight)
    answers = judgement.probability(finding.sheet, finding.proof, opinion)
    # The model's opinion of a quote does not change that it stands there.
    support = 1 if proof.verbatim else opinion.says
    heard = replace(finding, text=text, proof=proof, answers=answers, support=support)
    return heard if answers >= _least(part, heard) else None


def _echoes(part: Part, finding: Finding) -> bool:
    """Whether a sentence says nothing that the question does not, and is no yes and no no to it either."""
    told = grounding.adds(finding.text, part.search) or answer_type.asks_whether(part.text)
    return not told and not finding.corrects(part.search)


def _misses(part: Part, finding: Finding) -> bool:
    """Whether a sentence is of another kind than what was asked for, or about something else."""
    return any(lacks(part, finding) for lacks in (_unmeasured, _untouched, _of_another))


def _unmeasured(part: Part, finding: Finding) -> bool:
    """Whether a quantity or a time was asked for, and neither the sentence nor its quotes have one."""
    told = " ".join([finding.text, *(quote.text for quote in finding.proof.quotes)])
    return answer_type.asks_measure(part.text) and not answer_type.fits(part.text, told)


def _untouched(part: Part, finding: Finding) -> bool:
    """Whether a name was asked for of what its quotes do not even speak of, or a yes or a no where they are
    unsure."""
    naming = answer_type.asks_naming(part.text)
    whether = answer_type.asks_whether(part.text) and finding.sheet.relevance < SURE
    if not (naming or whether):
        return False
    asked, quotes = facts.common(part.search) - _NAMING, finding.proof.quotes
    # Who "denied the allegations" says No, whatever they were.
    denied = any(quoting.denies_it(quote) for quote in quotes)
    return bool(asked) and not denied and all(asked.isdisjoint(quote.terms) for quote in quotes)


def _of_another(part: Part, finding: Finding) -> bool:
    """Whether somebody's words were asked for, and others speak in its quotes: who are named there, or a "he"
    where nobody of that name was spoken of."""
    wanted, quotes = answer_type.asks_words(part.text), finding.proof.quotes
    if not (wanted and quotes):
        return False
    read, first = finding.sheet.quotes, finding.sheet.quotes.index(quotes[0])
    around = (*read[max(0, first - speakers.NEAREST) : first], *quotes)
    spoken = [" ".join(speakers.named_in(quote.text)) for quote in quotes]
    if all(wanted.isdisjoint(quote.terms) for quote in around):
        return any(spoken) or any(speakers.refers_back(quote.text) for quote in quotes)
    # Of whom one speaks, "according to" another, it is told what he did himself.
    if any("according to" in quote.text.lower() for quote in quotes):
        return False
    return all(who and wanted.isdisjoint(facts.terms(who)) for who in spoken)


def _least(part: Part, finding: Finding) -> float:
    """How sure a finding must be before it counts at all, 0 to 1."""
    if not any(answer_type.counts(part.text, quote.read) for quote in finding.proof.quotes):
        return SURE
    return NARROW_SURE if finding.sheet.narrow else 0.0


def _opinion(
    model: LanguageModel, question: str, claim: str, sheet: Sheet, meter: Meter, cancelled: threading.Event
) -> judgement.Opinion:
    # "Five" alone claims nothing.
    whole = claim if len(claim.split()) >= WHOLE_WORDS else f"{question} {claim}"
    asked = [prompts.says(sheet.text, whole), prompts.holds(sheet.text, question)]
    (says, holds), tokens = model.yes(asked, cancelled)
    meter.prompt_tokens += tokens
    return judgement.Opinion(says=says, holds=holds)


def _draft(part: Part, sheet: Sheet, model: LanguageModel, meter: Meter, cancelled: threading.Event) -> str:
    """What the model writes from the sheet; a last sentence that it could not finish is cut at a pause."""
    text = ""
    prompt = prompts.draft(sheet.text, part.text, "" if part.beside else part.context)
    for piece in model.write([prompt], prompts.DRAFT_TOKENS, cancelled):
        text += piece.text
        meter.prompt_tokens += piece.prompt_tokens
        meter.completion_tokens += piece.completion_tokens
        if piece.finished and piece.completion_tokens >= prompts.DRAFT_TOKENS:
            text = _UNFINISHED.sub(".", text)
    return text


def _claims(draft: str, sheet: Sheet) -> list[str] | None:
    """What a draft claims, sentence by sentence; None when it says that there is no answer.

    Who says that a passage does not mention what stands in it has not read it, and is not believed.
    """
    told = facts.terms(draft)
    if grounding.says_nothing(draft) and not (told and told <= facts.terms(sheet.text)):
        return None
    claims = [claim for start, end in sentences.split(draft) for claim in grounding.claims(draft[start:end])]
    # "Yes." alone is no sentence: the words behind it answer instead.
    return [claim if facts.terms(claim) else sheet.nearest.text for claim in claims]
