"""What the reranker learns from: single sentences, and whether each answers a question.

Knows the files of a data folder, as the recipe of the checker does. Every sentence of a passage is a row of
its own: the one that holds the answer, and beside it those that share most words with the question and do
not. Of claims it learns what answers a yes-or-no question: whatever supports or contradicts it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from evals.training import questions
from evals.training.recipe import ANSWERABLE, rows, shingles
from evals.training.synthesis import NAME
from qa import find_terms, split_sentences

PASSAGES = ("squadshifts_newwiki", "nq_oracle_qed", "selqa")
SENTENCES = ("qamr", "squad_train_nqg")
CLAIMS = {
    "fever_dev": 4_500, "fm2": 5_000, "sanli_wiki": 5_000, "sufficient_facts": 3_000, "synth_wiki": 1_500,
    "mnli_dev": 1_500, "factcheck_gpt_stance": 2_500, "scitail_dev": 800,
}  # fmt: skip
MISSPELT = 0.15
"""Share of the questions in which something is misspelt."""
_SHORTEST = 16
"""Characters of a sentence; less is a heading or a rest."""
_TITLE = re.compile(r"([^.:]{2,80}): ")
_AUXILIARY = re.compile(
    r"((?:[\w.'’-]+,? ){1,6}?)(is|was|are|were|has|had|will|can|could|did|does) (?:not |never )?",
    re.IGNORECASE,
)
_OPENS_LOWER = re.compile(r"(?:the|an?|his|her|it|he|she|they|this|there)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A question and a sentence under its title, and whether that answers it."""

    question: str
    text: str
    answers: bool
    source: str
    weight: float = 1.0
    """How much the label is trusted, 0 to 1."""


def examples(folder: Path, chance: Random, shingled: frozenset[int] = frozenset()) -> list[Row]:
    """Every row in an order by chance, but those that share a run of words with `shingled`."""
    made = [*_of_passages(folder, chance), *_of_sentences(folder), *_of_claims(folder, chance)]
    kept = [one for one in made if shingled.isdisjoint(shingles(f"{one.text}\n{one.question}"))]
    chance.shuffle(kept)
    typed = (misspelt(one.question, chance) if chance.random() < MISSPELT else one.question for one in kept)
    return [replace(one, question=question) for one, question in zip(kept, typed, strict=True)]


def misspelt(question: str, chance: Random) -> str:
    """The question as somebody types it in haste: up to three words with a letter left out, doubled or
    swapped with the next, and no question mark."""
    words = question.removesuffix("?").split()
    long = [n for n, word in enumerate(words) if len(word) >= 4]
    for n in chance.sample(long, min(len(long), chance.randint(1, 3))):
        word, at = words[n], chance.randrange(len(words[n]) - 1)
        first, next_ = word[at], word[at + 1]
        words[n] = word[:at] + chance.choice((first, first * 2 + next_, next_ + first)) + word[at + 2 :]
    return " ".join(words)


def whether(claim: str, chance: Random) -> str | None:
    """The question whether a claim is so; None now and then where its form gives none."""
    bare = claim.strip().rstrip(".")
    if found := _AUXILIARY.match(bare):
        who = found.group(1).strip()
        who = who[0].lower() + who[1:] if _OPENS_LOWER.match(who) else who
        return f"{found.group(2).capitalize()} {who} {bare[found.end() :]}?"
    return f"Is it true that {bare}?" if chance.random() < 0.5 else None


def _of_passages(folder: Path, chance: Random) -> Iterator[Row]:
    for name in PASSAGES:
        found = rows(folder, name)
        strangers = sorted({one for row in found[::7] for one in NAME.findall(row["passage"])})
        for row in found:
            title, told = _told(row["passage"])
            nearest = _nearest_first(row["question"], told, chance)
            if row["label"] == ANSWERABLE:
                yield from _around_the_answer(row, title, told, nearest, strangers, chance)
            elif row["source"].endswith("_mined") or chance.random() < 0.4:
                for text in nearest[:2]:
                    yield Row(row["question"], title + text, False, row["source"])


def _around_the_answer(
    row: dict[str, str], title: str, told: Sequence[str], nearest: Sequence[str], strangers: Sequence[str],
    chance: Random,
) -> Iterator[Row]:  # fmt: skip
    """The one sentence that holds an answer, alone or after the one before it, and others that do not."""
    question, source = row["question"], row["source"]
    holding = [n for n, text in enumerate(told) if _holds(text, row["answers"])]
    if len(holding) != 1:
        return
    place = holding[0]
    yield Row(question, title + told[place], True, source)
    if place and chance.random() < 0.25:
        yield Row(question, f"{title}{told[place - 1]} {told[place]}", True, source)
    others = [text for text in nearest if text != told[place]]
    for text in [*others[:2], *chance.sample(others, min(1, len(others)))]:
        yield Row(question, title + text, False, source)
    other = questions.unanswerable(question, row["passage"], strangers, chance)
    if other is not None and other != question:
        yield Row(other, title + told[place], False, f"made_{source}", 0.8)


def _of_sentences(folder: Path) -> Iterator[Row]:
    for name in SENTENCES:
        for row in rows(folder, name):
            yield Row(row["question"], row["passage"], row["label"] == ANSWERABLE, row["source"])


def _of_claims(folder: Path, chance: Random) -> Iterator[Row]:
    for name, most in CLAIMS.items():
        found = rows(folder, name)
        chance.shuffle(found)
        for row in found[:most]:
            question, (title, told) = whether(row["claim"], chance), _told(row["evidence"])
            told = _nearest_first(row["claim"], told, chance) if len(told) > 2 else told
            answers = row["label"] != "unsupported"
            # Of long evidence nobody knows which sentence it is that tells.
            if question and told and not (answers and len(told) > 2):
                yield Row(question, title + " ".join(told[:2]), answers, f"whether_{name}", 0.8)


def _told(passage: str) -> tuple[str, list[str]]:
    """The title of a passage as it stands before a sentence, or nothing, and its sentences."""
    found = _TITLE.match(passage)
    title = found.group() if found else ""
    body = passage[len(title) :]
    sentences = (body[start:end].strip() for start, end in split_sentences(body))
    return title, [one for one in sentences if len(one) >= _SHORTEST]


def _nearest_first(question: str, told: Sequence[str], chance: Random) -> list[str]:
    """Those that share most terms with the question first, like ones by chance."""
    asked = find_terms(question)
    return sorted(told, key=lambda text: -len(asked & find_terms(text)) - 0.5 * chance.random())


def _holds(text: str, answers: Sequence[str]) -> bool:
    """Whether a sentence has one of the answers in it, or is one of them or a part of one."""
    low = text.lower()
    return any(answer.lower() in low or low in answer.lower() for answer in answers if answer)
