"""What the checker learns from: which public rows, how many of each, and what is made of them by rule.

Knows the files of a data folder (one JSON object a line, gzip) and what each is worth; the model card names
where they were published. Rows of some documents are held out by a hash of their text, for calibration.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from evals.training import questions, synthesis
from evals.training.synthesis import NAME, Made, sentences

ANSWERABLE, UNANSWERABLE = "answerable", "unanswerable"
# How many rows of a source are read at most. Sets in which shared words give the label away are kept small,
# sets which people labelled over whole sentences are taken whole.
SUPPORT_ROWS = {
    "fever_dev": 8_000, "fm2": 7_000, "fever_symmetric": 1_000, "sufficient_facts": 5_600,
    "factcheck_gpt_stance": 3_000, "q2_wow": 600, "dialfact_small": 200, "wice_train_partial": 400,
    "mnli_dev": 9_000, "sanli_wiki": 7_000, "scitail_dev": 1_000, "entailment_bank": 1_000,
    "citation_integrity": 500, "snli_dev": 1_000, "med": 1_000, "help_and_or": 600, "breaking_nli": 400,
    "conjnli": 600, "synth_wiki": 6_000,
}  # fmt: skip
ANSWERS_ROWS = {
    "nq_oracle_qed": 5_000, "selqa": 2_500, "squadshifts_newwiki": 4_000, "squad_train_nqg": 4_000,
    "qamr": 3_000, "covidqa": 500, "pubmedqa": 200,
}  # fmt: skip
# The second course: what needs reading rather than counting. Fewer rows whose words give them away, more of
# what people wrote against one another, and of twins that differ by one word.
HARD_SUPPORT_ROWS = SUPPORT_ROWS | {
    "mnli_dev": 15_000, "sanli_wiki": 10_000, "fever_dev": 10_000, "snli_dev": 2_000, "synth_wiki": 4_000,
    "citation_integrity": 0, "entailment_bank": 500, "help_and_or": 300, "scitail_dev": 700,
}  # fmt: skip
HARD_ANSWERS_ROWS = {
    "nq_oracle_qed": 4_000, "selqa": 1_500, "squadshifts_newwiki": 5_000, "squad_train_nqg": 1_500,
    "qamr": 1_500,
}  # fmt: skip
TWICE = frozenset(("factcheck_gpt_stance", "q2_wow", "dialfact_small", "wice_train_partial"))
SYNTH_WIKI_SHARE = {"para": 0.10, "both": 1.0, "half": 0.6, "cut": 0.3, "num": 0.6, "ent": 0.15}
MADE_FROM = ("synth_wiki", "fm2", "selqa", "squadshifts_newwiki", "qamr", "nq_oracle_qed")
# Sources whose support labels a rule gave, not a person.
BY_RULE = ("made_", "synth_wiki", "conjnli_auto", "fm2_no_gold", "entailment_bank_drop1", "help_and_or")
MIXES = ("all", "labelled", "made")
HELD_OUT_PERCENT = 5
EVIDENCE_WORDS = 90


@dataclass(frozen=True, slots=True)
class Example:
    """A row to learn from: `task` says which of the heads is right about `second`, read beside `first`."""

    task: str
    first: str
    second: str
    label: str
    source: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Course:
    """One pass of learning: rows of each source, and how often rules are tried on a passage or an answer."""

    support: Mapping[str, int]
    answers: Mapping[str, int]
    rates: Mapping[str, float]
    asserted: float
    """On how many known answers claims are made of, and below, on how many questions others are made of."""
    doubted: float


# How often each rule is tried on a passage: what language models get wrong most, most often.
_RATES = {"attributed": 0.08, "swapped": 0.25, "turned": 0.12, "hardened": 0.12, "renumbered": 0.10,
          "replaced": 0.08, "blended": 0.25, "halved": 0.08, "shortened": 0.10, "padded": 0.25}  # fmt: skip
_HARD_RATES = _RATES | {"swapped": 0.6, "turned": 0.35, "hardened": 0.3, "blended": 0.4, "replaced": 0.15}
GENERAL = Course(SUPPORT_ROWS, ANSWERS_ROWS, _RATES, asserted=0.3, doubted=0.6)
HARD = Course(HARD_SUPPORT_ROWS, HARD_ANSWERS_ROWS, _HARD_RATES, asserted=0.2, doubted=1.0)


def examples(
    folder: Path, chance: Random, shingled: frozenset[int] = frozenset(), hard: bool = False
) -> list[Example]:
    """Every row of a course, in an order by chance, but those that share a run of words with `shingled`."""
    course = HARD if hard else GENERAL
    read = [*_supports(folder, course, chance), *_answers(folder, course, chance)]
    kept = [one for one in read if shingled.isdisjoint(shingles(f"{one.first}\n{one.second}"))]
    made = _made([one for one in kept if one.source.startswith(MADE_FROM)], folder, course, chance, shingled)
    told = [_as_told(one, chance) for one in [*kept, *made]]
    mixed = [_among_others(one, other, chance) for one, other in _beside_another(told, chance)]
    chance.shuffle(mixed)
    return mixed


def held_out(example: Example) -> bool:
    """Whether the document of this row is kept back from training."""
    document = " ".join(example.first.lower().split()[:6])
    return int(hashlib.sha256(document.encode()).hexdigest(), 16) % 100 < HELD_OUT_PERCENT


def of_mix(mix: Sequence[Example], name: str) -> list[Example]:
    """All rows, or of the support rows only those whose label is a person's, or only a rule's."""
    return [
        one
        for one in mix
        if name == "all" or one.task != "support" or one.source.startswith(BY_RULE) == (name == "made")
    ]


def shingles(text: str, length: int = 12) -> Iterator[int]:
    """A hash of every run of `length` words: two texts that share one have copied from one another."""
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    for first in range(len(words) - length + 1):
        run = " ".join(words[first : first + length]).encode()
        yield int.from_bytes(hashlib.blake2b(run, digest_size=8).digest())


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _supports(folder: Path, course: Course, chance: Random) -> Iterator[Example]:
    for name, most in course.support.items():
        found = [row for row in rows(folder, name) if chance.random() < _worth(row["source"])]
        chance.shuffle(found)
        for row in found[:most]:
            # A label made by rule at its origin is doubted, a person's is not.
            weight = 0.5 if row["source"] == "conjnli_auto" else 1.0
            one = Example("support", row["evidence"], row["claim"], row["label"], row["source"], weight)
            yield one
            if name in TWICE:
                yield one


def _worth(source: str) -> float:
    if source.startswith("synth_wiki_"):
        return SYNTH_WIKI_SHARE.get(source.removeprefix("synth_wiki_"), 1.0)
    return 0.02 if source == "conjnli_auto" else 1.0


def _answers(folder: Path, course: Course, chance: Random) -> Iterator[Example]:
    for name, most in course.answers.items():
        found = rows(folder, name)
        chance.shuffle(found)
        # A passage without its answer teaches more than another passage.
        found.sort(key=lambda row: row["source"].endswith("_mined") and chance.random() < 0.7)
        for row in found[:most]:
            yield Example("answers", row["passage"], row["question"], row["label"], row["source"])


def _made(
    given: Sequence[Example], folder: Path, course: Course, chance: Random, shingled: frozenset[int]
) -> list[Example]:
    """Claims and questions made by rule: from the passages of `given`, and from answers that are known."""
    # In the order of the alphabet, the passage before is often of the same page: a near miss.
    passages = sorted({one.first for one in given})
    strangers = sorted({name for text in passages[::5] for name in NAME.findall(text)})
    made: list[Example] = []
    for number, passage in enumerate(passages):
        found = _from_passage(passage, passages[number - 1], strangers, course.rates, chance)
        made += [Example("support", *one, f"made_{kind}") for kind, one in found]
    for name in ("squadshifts_newwiki", "qamr", "nq_oracle_qed"):
        for row in rows(folder, name):
            if row["answers"] and shingled.isdisjoint(shingles(row["passage"])):
                made += _from_answer(row, strangers, course, chance)
    return made


def _from_passage(
    passage: str, stranger: str, strangers: Sequence[str], rates: Mapping[str, float], chance: Random
) -> Iterator[tuple[str, Made]]:
    told = sentences(passage)
    if not 2 <= len(told) or len(passage.split()) > 260:
        return
    for kind, rate in rates.items():
        if chance.random() > rate:
            continue
        place = chance.randrange(len(told))
        # A few sentences around the one which is claimed, as a search finds them.
        begin = max(0, place - chance.randrange(3))
        context = told[begin : place + 1 + chance.randrange(3)]
        evidence, sentence = " ".join(context), synthesis.untitled(told[place])
        if not 5 <= len(sentence.split()) <= 45:
            continue
        made = _edit(kind, evidence, context, place - begin, sentence, stranger, strangers, chance)
        yield from ((kind, one) for one in made)


def _edit(
    kind: str, evidence: str, context: Sequence[str], place: int, sentence: str, stranger: str,
    strangers: Sequence[str], chance: Random,
) -> list[Made]:  # fmt: skip
    if kind == "attributed":
        return synthesis.attributed([synthesis.untitled(one) for one in context], place, strangers, chance)
    if kind == "replaced":
        return synthesis.replaced(evidence, sentence, strangers, chance)
    if kind == "blended":
        return synthesis.blended(evidence, chance)
    if kind == "halved":
        other = synthesis.untitled(chance.choice(sentences(stranger)))
        return synthesis.halved(evidence, sentence, other, chance) if other not in evidence else []
    if kind == "padded":
        return synthesis.padded(evidence, sentence, stranger)
    edit = {"swapped": synthesis.swapped, "turned": synthesis.turned, "hardened": synthesis.hardened,
            "renumbered": synthesis.renumbered, "shortened": synthesis.shortened}[kind]  # fmt: skip
    return edit(evidence, sentence, chance)


def _from_answer(
    row: dict[str, str], strangers: Sequence[str], course: Course, chance: Random
) -> Iterator[Example]:
    passage, question = row["passage"], row["question"]
    source = row["source"]
    if chance.random() < course.asserted:
        for made in questions.claims(question, row["answers"][0], passage, chance):
            yield Example("support", *made, f"made_answer_{source}")
    if chance.random() < course.doubted:
        wrong = questions.unanswerable(question, passage, strangers, chance)
        if wrong is not None and wrong != question:
            yield Example("answers", passage, wrong, UNANSWERABLE, f"made_question_{source}")
            yield Example("answers", passage, question, ANSWERABLE, f"made_question_{source}")


_OPENINGS = ("According to the passage, ", "The article says that ", "The document states that ",
             "Based on the information given, ", "The text mentions that ", "Yes, ")  # fmt: skip


def _as_told(one: Example, chance: Random) -> Example:
    """Some claims open as language models open their answers, whether what follows is true or not."""
    if one.task != "support" or chance.random() > 0.04:
        return one
    return replace(one, second=chance.choice(_OPENINGS) + one.second)


def _beside_another(mix: Iterable[Example], chance: Random) -> Iterator[tuple[Example, Example]]:
    ordered = list(mix)
    others = ordered[:]
    chance.shuffle(others)
    yield from zip(ordered, others, strict=True)


def _among_others(one: Example, other: Example, chance: Random) -> Example:
    """A quarter of the short passages stand between others: what is asked about is one of several things."""
    short = len(one.first.split()) < 50
    if not short or chance.random() > 0.25 or one.source.startswith("made_"):
        return _near(one)
    stranger = " ".join(other.first.split()[:40])
    parts = [one.first, stranger]
    chance.shuffle(parts)
    return _near(replace(one, first=" ".join(parts)))


def _near(one: Example) -> Example:
    """Long evidence cut to the sentences around those that share most words with the claim."""
    told = sentences(one.first)
    if len(one.first.split()) <= EVIDENCE_WORDS or len(told) < 2:
        return one
    asked = _words(one.second)
    best = max(range(len(told)), key=lambda n: len(asked & _words(told[n])))
    first, last = best, best + 1
    while True:
        wider = [(max(0, first - 1), last), (first, min(len(told), last + 1))]
        fitting = [w for w in wider if w != (first, last) and _size(told[w[0] : w[1]]) <= EVIDENCE_WORDS]
        if not fitting:
            return replace(one, first=" ".join(told[first:last]))
        first, last = fitting[0] if len(fitting) == 1 else max(
            fitting, key=lambda w: len(asked & _words(told[w[0]] if w[0] < first else told[w[1] - 1]))
        )  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip(".,;:!?\"'()") for word in text.lower().split() if len(word) > 3)


def _size(parts: Sequence[str]) -> int:
    return sum(len(part.split()) for part in parts)
