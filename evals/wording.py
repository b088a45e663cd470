"""Sentences that can be asked for, the prompts for a question, and what is wrong with what comes back.

Knows English and characters; asks no model and searches nothing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evals.datasets.values import form
from evals.matching import normalise, says
from qa import Document, Prompt, Turn, find_names, find_terms, split_sentences

WORDS = range(8, 41)
"""Of a sentence that is asked for."""
QUESTION_WORDS = range(4, 31)
LEAST_TERMS = 3
"""Telling words of a question."""
MOST_COPIED = 6
"""Words in a row that a question may share with its sentence."""

# Names of nobody: a question about one of them is answered by no document that does not hold it.
STRANGERS = ("Brandvold", "Okonjewu", "Tarrasch", "Quellmoor", "Ysbrandt", "Mirzoyanne", "Castellvell")
_WRITER = "You write questions for a test of reading."
_READER = "You answer from the passage alone, in one short sentence."
_EDITOR = "You shorten the last message of a conversation."

_LEANING = re.compile(
    r"[\"“‘']?(?:he|she|they|it|his|her|hers|their|its|this|that|these|those|such|but|and|so|then|there|here|i|we|"
    r"you|my|our|your)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|hers|they|them|their|theirs|it|its|that|this|there)\b", re.IGNORECASE
)
_UNIT = r"percent|million|billion|thousand|hundred|years|days|months|weeks|hours|miles"
_NUMBER = re.compile(rf"[$€£]?\d+(?:[.,]\d+)*(?:%| (?:{_UNIT})\b)?")
_WORD = r"[A-Z](?:[\w-]|['’](?!s\b))*[a-z]"
_NAME = re.compile(rf"(?<=[a-z,;.] ){_WORD}(?: (?:[A-Z]\. |(?:of|de|van|the) (?=[A-Z]))?{_WORD})*")
_NO_NAME = re.compile(
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Tonight|Today|I"
    r"|Democratic)\b|\w+(?:an|ese|ish)s?$"
)
_BODY = re.compile(
    r"\b(?:of|Department|Court|University|School|Office|House|Agency|Committee|Party|News|Times|Post|States|City"
    r"|Act|Congress|Senate|Union|Nations|Company|Institute|Service|Board|Enforcement|Security|America|Twitter)\b"
)
_LABEL = re.compile(r"^(?:question|q|user|follow-up)\s*\d*\s*[:.)]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence of a document and what it can be asked for."""

    source: str
    text: str
    before: str
    """The sentence before it; empty at the beginning."""
    target: str
    """A number or a name in it."""


def statements(document: Document) -> tuple[Statement, ...]:
    """Those of a document's sentences that can be asked for, the most telling first."""
    spans = [
        (start, end)
        for start, end in split_sentences(document.text)
        if not any(start < high and low < end for low, high in document.skipped)
    ]
    texts = [" ".join(document.text[start:end].split()) for start, end in spans]
    counts = Counter(target for text in texts for target in _targets(text))
    found = []
    for before, text in zip(["", *texts], texts, strict=False):
        targets = [t for t in _targets(text) if t not in document.title]
        plain = len(text.split()) in WORDS and text.endswith((".", ".”", '."')) and not _LEANING.match(text)
        if plain and targets:
            target = min(targets, key=lambda t: (counts[t], t[0].isupper(), -len(t)))
            found.append(Statement(source=document.source, text=text, before=before, target=target))
    return tuple(sorted(found, key=lambda each: (counts[each.target], -len(find_terms(each.text)))))


def ask_for(statement: Statement, title: str) -> Prompt:
    """Ask for a question on a statement: a small model asks best for what it cannot see."""
    gap = statement.text.replace(statement.target, "____", 1)
    return Prompt(
        system=_WRITER,
        user=f'From "{title}":\n{statement.before}\n{gap}\n\nWrite one question that asks for what is '
        f"missing at ____ and begins with “{beginning(statement)}”. Name the people and things it is about. "
        "Write nothing but the question.",
    )


def ask_back(statement: Statement, title: str, question: str) -> Prompt:
    """Ask for the answer that the statement gives."""
    return Prompt(
        system=_READER,
        user=f'Passage from "{title}":\n{statement.before}\n{statement.text}\n\nQuestion: {question}\n'
        "Answer with the words of the passage.",
    )


def beginning(statement: Statement) -> str:
    """How a question for the target begins."""
    target = statement.target
    before, _, after = statement.text.partition(target)
    if not target[0].isdigit() and target[0] not in "$€£":
        return "Which" if _BODY.search(target) else "Who"
    if target.endswith(("%", "percent")):
        return "What percentage"
    if target[0] in "$€£":
        return "How much"
    if after.startswith("-year-old"):
        return "How old"
    if re.fullmatch(r"(?:1[89]|20)\d\d", target):
        return "In which year"
    if re.search(r"\b[A-Z][a-z]{2,8}\.? $", before):
        return "On which day"
    counted = re.match(r" ([a-z]+s)\b", after)
    return f"How many {counted[1]}" if counted else "How many"


def ask_shorter(history: Sequence[Turn], question: str) -> Prompt:
    """Ask for a question as it would be asked after the history."""
    told = "\n".join(f"{'User' if turn.role == 'user' else 'Assistant'}: {turn.content}" for turn in history)
    return Prompt(
        system=_EDITOR,
        user=f"{told}\nUser: {question}\n\nWrite the last message shorter, with he, she, it or they in place "
        "of the names that were said before. Write nothing but the question.",
    )


def tidy(written: str) -> str:
    """The first line of what a model wrote, without labels and quotation marks."""
    lines = [line.strip() for line in written.strip().split("\n") if line.strip()]
    return _LABEL.sub("", lines[0]).strip(" \"'“”*") if lines else ""


def fault(question: str, statement: Statement, document: Document) -> str | None:
    """Why a question cannot stand, in words; None when it can."""
    words = question.split()
    if not question.endswith("?") or len(words) not in QUESTION_WORDS:
        return "is no question of a fair length"
    if says(normalise(question), (form(statement.target),)):
        return "gives the answer away"
    if (
        unknown := find_names(question)
        - find_terms(f"{document.title} {document.text}")
        - find_names(words[0])
    ):
        return f"names what the document does not: {', '.join(sorted(unknown))}"
    asked = find_terms(question)
    if len(asked) < LEAST_TERMS or not asked & find_terms(statement.text):
        return "asks for too little or for something else"
    if _longest_copy(question, statement.text) > MOST_COPIED:
        return "copies the sentence"
    if _PRONOUN.search(question) and not name_in(question):
        return "is not understood alone"
    return None


def answers(reply: str, statement: Statement) -> bool:
    """Whether a reply says what was to be asked for."""
    return says(normalise(reply), (form(statement.target),)) is not None


def name_in(question: str) -> str | None:
    """The longest name in a question; None when it has none that could be another's."""
    names = [name for name in _NAME.findall(question) if not _NO_NAME.search(name)]
    return max(names, key=len, default=None)


def alike(name: str, stranger: str) -> str:
    """A stranger with as much of a name as `name` has."""
    return f"Ilse {stranger}" if " " in name else stranger


def with_pronoun(question: str, name: str) -> str:
    """`question` with `they` in place of a name, in the case that its place asks for."""

    def pronoun(match: re.Match[str]) -> str:
        word = "their" if match["owning"] else "them" if match["before"] else "they"
        return f"{match['before']} {word}" if match["before"] else word

    before = r"(?:(?P<before>\b(?:of|for|with|by|to|from|at|about|on|in|against|after)) )?"
    return re.sub(rf"{before}{re.escape(name)}(?P<owning>['’]s)?", pronoun, question)


def leans(short: str, full: str, name: str, target: str) -> bool:
    """Whether `short` asks what `full` asks, leaving the name to the conversation."""
    return (
        short.endswith("?")
        and len(short.split()) <= len(full.split())
        and name not in short
        and bool(_PRONOUN.search(short))
        and find_names(short) <= find_names(full)
        and bool((find_terms(short) & find_terms(full)) - find_names(name))
        and not says(normalise(short), (form(target),))
    )


def _targets(text: str) -> list[str]:
    names = [name for name in _NAME.findall(text) if not _NO_NAME.search(name)]
    return [*_NUMBER.findall(text), *names]


def _longest_copy(question: str, sentence: str) -> int:
    asked, said = normalise(question).rstrip("?").split(), f" {normalise(sentence)} "
    longest = 0
    for start in range(len(asked)):
        while f" {' '.join(asked[start : start + longest + 1])} " in said and start + longest < len(asked):
            longest += 1
    return longest
