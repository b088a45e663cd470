"""Answers already given, to be given again while nothing that they stand on has changed.

Knows what an answer depends on beside the settings, which stay the same. In memory only; what was not asked
for the longest time goes first.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.types import Answer, Event, Timings, Turn, Usage

_AT_ONCE = Timings(
    standalone_ms=0, retrieve_ms=0, draft_ms=0, check_ms=0, first_sentence_ms=0, total_ms=0, cached=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that an answer depends on."""

    question: str
    history: tuple[Turn, ...]
    documents: frozenset[str]
    model: str | None
    index_version: str


class AnswerCache:
    """The last `capacity` answers; methods may be called from any thread."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._changing = threading.Lock()
        self._kept: OrderedDict[Asked, tuple[Event, ...]] = OrderedDict()

    def find(self, asked: Asked) -> tuple[Event, ...] | None:
        """What was told when this was asked before, as an answer of its own that cost nothing."""
        with self._changing:
            events = self._kept.get(asked)
            if events is None:
                return None
            self._kept.move_to_end(asked)
        *earlier, answer = events
        assert isinstance(answer, Answer)
        no_tokens = Usage(prompt_tokens=0, completion_tokens=0)
        return (*earlier, replace(answer, id=uuid.uuid4().hex, timings=_AT_ONCE, usage=no_tokens))

    def keep(self, asked: Asked, events: Sequence[Event]) -> None:
        """Remember `events`, of which the last is the answer."""
        with self._changing:
            self._kept[asked] = tuple(events)
            self._kept.move_to_end(asked)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
