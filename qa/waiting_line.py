"""One question at a time goes to the language model; the others wait in order.

The blocking generator of the assistant runs in a thread; its events reach the event loop through an inbox.
A place is left by leaving the `with` block: that tells the generator to stop, and the next question starts
when it really has stopped. All methods belong to the event loop's thread. Knows nothing of HTTP.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from qa.errors import BusyError
from qa.types import Event, Progress

Start = Callable[[threading.Event], Generator[Event, None, None]]
"""Begins the work; the work ends soon after the given event is set."""
Inbox = asyncio.Queue[Event | Exception | None]
"""Events in order; None or an exception is the end."""


@dataclass(eq=False, slots=True)
class _Place:
    start: Start
    inbox: Inbox = field(default_factory=asyncio.Queue)
    cancelled: threading.Event = field(default_factory=threading.Event)
    number: int = -1
    """0 is the one which is being answered; -1 is not told yet."""


async def arrivals(inbox: Inbox, patience_seconds: float) -> AsyncGenerator[Event | None, None]:
    """Events as they come; None when nothing came for a while.

    Raises:
        QAError, Exception: whatever the work raised.
    """
    while True:
        try:
            event = await asyncio.wait_for(inbox.get(), patience_seconds)
        except TimeoutError:
            yield None
            continue
        if isinstance(event, Exception):
            raise event
        if event is None:
            return
        yield event


class WaitingLine:
    """First come, first served, up to `longest` waiting."""

    def __init__(self, longest: int = 16) -> None:
        self._longest = longest
        self._places: list[_Place] = []

    def __len__(self) -> int:
        """Questions here: the one being answered and those which wait."""
        return len(self._places)

    def check_room(self) -> None:
        """
        Raises:
            BusyError: every place is taken.
        """
        if len(self._places) > self._longest:
            raise BusyError(f"{self._longest} questions are waiting already. Ask again in a few seconds.")

    @contextmanager
    def place(self, start: Start) -> Iterator[Inbox]:
        """Wait in line, then run `start`; leaving the block ends the waiting or the running.

        Raises:
            BusyError: every place is taken.
        """
        self.check_room()
        place = _Place(start)
        self._places.append(place)
        self._advance()
        try:
            yield place.inbox
        finally:
            place.cancelled.set()
            if place.number > 0:
                self._leave(place)

    def _leave(self, place: _Place) -> None:
        self._places.remove(place)
        self._advance()

    def _advance(self) -> None:
        for number, place in enumerate(self._places):
            if number == place.number:
                continue
            place.number = number
            if number == 0:
                loop = asyncio.get_running_loop()
                threading.Thread(target=self._work, args=(place, loop), daemon=True).start()
            else:
                message = f"Waiting for the language model: number {number} in line."
                place.inbox.put_nowait(Progress(stage="queue", message=message))

    def _work(self, place: _Place, loop: asyncio.AbstractEventLoop) -> None:
        failure = None
        # The loop is closed when the server is stopped in the middle of an answer.
        with suppress(RuntimeError):
            try:
                with closing(place.start(place.cancelled)) as events:
                    for event in events:
                        loop.call_soon_threadsafe(place.inbox.put_nowait, event)
                        if place.cancelled.is_set():
                            break
            except Exception as error:
                failure = error
            loop.call_soon_threadsafe(self._end, place, failure)

    def _end(self, place: _Place, failure: Exception | None) -> None:
        place.inbox.put_nowait(failure)
        self._leave(place)
