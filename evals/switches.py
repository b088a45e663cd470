"""The assistant with one of its stages switched off: what is each of them worth?

All of it is done from outside, by what the assistant is given (its model, the conversation) and what becomes
of its answer: a switch keeps working while the stages are rewritten, and one that no longer takes anything
away shows as a row of the table in which no answer changed.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import takewhile
from typing import Any, Literal, get_args

from evals.citing import citation_of
from evals.engines import Ask, Voice, searching
from evals.identity import code_digest, own_identity
from evals.refusals import is_refusal
from qa import (
    Answer,
    Assistant,
    Breadth,
    Citation,
    InputError,
    LanguageModel,
    Passage,
    Prompt,
    Sentence,
    Turn,
    split_sentences,
)

Stage = Literal["checker", "opinion", "joint", "refusal", "rewriting"]
STAGES: dict[Stage, str] = {
    "checker": "what the model wrote is told as it is, cited with the passage that it read most of",
    "opinion": "the model says Yes whenever it is asked whether a passage says or answers something",
    "joint": "the model reads each source by itself; what it writes from them is told one after the other",
    "refusal": "what would be refused is answered with what the model wrote first",
    "rewriting": "a follow-up is asked without its conversation",
}
"""What happens instead of each stage. Where the model itself says that it finds nothing, that stands."""
Drafts = Sequence[tuple[str, Passage]]
"""What the model wrote, and the passage that it read for it."""


def without(stage: Stage) -> Voice:
    """The assistant without that stage, as one who answers.

    Raises:
        InputError: on use, when the assistant has no language model.
    """

    def voice(assistant: Assistant) -> tuple[str, Ask, Mapping[str, str]]:
        model = assistant.model
        if model is None:
            raise InputError(
                "Stages are switched off by way of the language model, and there is none. "
                "Type: qa models fetch"
            )
        system = {**own_identity(), "system": f"ours without {stage}, {code_digest(__name__)}"}
        return f"{model.name} without {stage}", _asking(stage, assistant, model), system

    return voice


def read_stages(names: Sequence[str]) -> tuple[Stage, ...]:
    """Stages by name, as they are typed; none named: all.

    Raises:
        InputError: there is no such stage.
    """
    for name in names:
        if name not in STAGES:
            raise InputError(f"--stage is {name!r}; use one of {', '.join(STAGES)}.")
    return tuple(stage for stage in get_args(Stage) if not names or stage in names)


def has_work(stage: Stage, answer: Answer, history: Sequence[Turn]) -> bool:
    """Whether an answer of the whole assistant may be another without the stage."""
    if stage == "rewriting":
        return bool(history)
    return stage != "refusal" or answer.status == "unanswerable"


def apart(prompt: Prompt) -> tuple[Prompt, ...]:
    """A prompt for each of the passages that one prompt begins with, all with the same rest; else itself."""
    blocks = prompt.user.split("\n\n")
    passages = list(takewhile(lambda block: block.startswith("Passage from "), blocks))
    rest = blocks[len(passages) :]
    if len(passages) < 2 or not rest:
        return (prompt,)
    return tuple(replace(prompt, user="\n\n".join([passage, *rest])) for passage in passages)


class Model:
    """A language model behind which another one stands."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self.small = model.small
        self._model = model

    @property
    def state(self) -> str:
        return self._model.state

    def write(self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event) -> Iterator[Any]:
        return self._model.write(prompts, max_tokens, cancelled)

    def yes(self, prompts: Sequence[Prompt], cancelled: threading.Event) -> tuple[list[float], int]:
        return self._model.yes(prompts, cancelled)

    def close(self) -> None:
        self._model.close()


class Agreeing(Model):
    """Says Yes without being asked."""

    def yes(self, prompts: Sequence[Prompt], cancelled: threading.Event) -> tuple[list[float], int]:
        return [1.0] * len(prompts), 0


class Parting(Model):
    """Reads the passages of a prompt one by one, and gives what it writes from them as one answer."""

    def write(self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event) -> Iterator[Any]:
        for index, prompt in enumerate(prompts):
            parts = apart(prompt)
            left = len(parts)
            texts, ends = [""] * left, list[Any]()
            for piece in self._model.write(parts, max_tokens, cancelled):
                texts[piece.index] += piece.text
                ends += [piece] if piece.finished else []
            told = [text for text in texts if not is_refusal(text)]
            if len(ends) == left:
                yield replace(
                    ends[0],
                    index=index,
                    text=" ".join(text.strip() for text in told or texts[:1]),
                    prompt_tokens=sum(end.prompt_tokens for end in ends),
                    completion_tokens=max(end.completion_tokens for end in ends),
                )


class Recording(Model):
    """Keeps what it was asked and what it wrote, once `searched` is set: a rewritten question is no draft."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__(model)
        self.searched = False
        self._batches: list[tuple[Sequence[Prompt], list[str]]] = []

    def write(self, prompts: Sequence[Prompt], max_tokens: int, cancelled: threading.Event) -> Iterator[Any]:
        texts = [""] * len(prompts)
        if self.searched:
            self._batches.append((prompts, texts))
        for piece in self._model.write(prompts, max_tokens, cancelled):
            texts[piece.index] += piece.text
            yield piece

    def drafts(self, passages: Sequence[Passage]) -> Drafts:
        """What was written from these passages, but not what was written at a second look."""
        asked, found = set[str](), list[tuple[str, Passage]]()
        for prompts, texts in self._batches:
            read = [_read(prompt.user, passages) for prompt in prompts]
            questions = {prompt.user.rpartition("\n\n")[2] for prompt in prompts}
            if any(read) and not questions & asked:
                asked |= questions
                found += [(text.strip(), one) for text, one in zip(texts, read, strict=True) if one]
        return found


def _asking(stage: Stage, assistant: Assistant, model: LanguageModel) -> Ask:
    if stage == "opinion":
        return _with(assistant, Agreeing(model)).ask
    if stage == "joint":
        return _with(assistant, Parting(model)).ask
    if stage == "rewriting":
        return lambda question, history, only: assistant.ask(question, (), only)

    def ask(question: str, history: Sequence[Turn], only: Sequence[str]) -> Answer:
        recording = Recording(Agreeing(model) if stage == "checker" else model)

        def find(searched: str, documents: Sequence[str] = (), **breadth: Breadth) -> Sequence[Passage]:
            recording.searched = True
            return assistant.retriever.find(searched, documents, **breadth)

        answer = _with(searching(assistant, find), recording).ask(question, history, only)
        if stage == "refusal" and answer.status != "unanswerable":
            return answer
        drafts = [(text, at) for text, at in recording.drafts(answer.passages) if not is_refusal(text)]
        return _told(answer, drafts[:1] if stage == "refusal" else drafts, assistant)

    return ask


def _with(assistant: Assistant, model: LanguageModel) -> Assistant:
    """The same assistant with another model; both share everything else."""
    other = copy(assistant)
    other.model = model
    return other


def _read(prompt: str, passages: Sequence[Passage]) -> Passage | None:
    """The passage of which a prompt holds most sentences; None when it holds none."""
    held = [
        sum(passage.text[start:end] in prompt for start, end in split_sentences(passage.text))
        for passage in passages
    ]
    return passages[held.index(max(held))] if any(held) else None


def _told(answer: Answer, drafts: Drafts, assistant: Assistant) -> Answer:
    """An answer of nothing but drafts; without one it is a refusal."""
    passages = list(dict.fromkeys(passage for _, passage in drafts))
    text, sentences = "", list[Sentence]()
    for draft, passage in drafts:
        number = passages.index(passage) + 1
        for first, last in split_sentences(draft):
            start = len(text)
            text += f"{draft[first:last]} [{number}] "
            end = start + last - first
            # Nobody has checked it.
            sentences.append(
                Sentence(
                    text=draft[first:last],
                    start=start,
                    end=end,
                    citations=(number,),
                    verdict="unsupported",
                    support=0.0,
                )
            )
    return replace(
        answer,
        status="answered" if drafts else "unanswerable",
        answer=text.strip(),
        reason=None if drafts else answer.reason or "The model says that it finds nothing.",
        sentences=tuple(sentences),
        accounts=(),
        citations=tuple(_cited(number, one, assistant) for number, one in enumerate(passages, start=1)),
    )


def _cited(number: int, passage: Passage, assistant: Assistant) -> Citation:
    document = assistant.corpus.ledger.document(passage.document_id)
    assert document
    return citation_of(number, passage, document)
