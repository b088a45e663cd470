"""One question of the web chat, from the waiting line to its settled answer, as a row of views.

Knows the order of events and when a reader has stopped; knows no markup and no library of the interface.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from qa import Answer, Evidence, Passage, Progress, Proved, QAError, Service
from ui.conversation import Asked
from ui.shelf import scope
from ui.suggestions import follow_ups
from ui.views import Broken, Settled, View, Working

TICK_SECONDS = 0.25
"""How long a stop may go unseen."""
SUGGESTING_SECONDS = 0.5
"""How long an answer may wait for the questions to go on with."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Asking:
    """A question on its way; `stopped` is set by the reader."""

    asked: Asked
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def views(self, service: Service) -> AsyncGenerator[View, None]:
        """What to show, whenever it changes; the last one is `Settled` or `Broken`."""
        view = Working(question=self.asked.question)
        yield view
        try:
            async with aclosing(self._working(service, view)) as working:
                async for shown in working:
                    view = shown if isinstance(shown, Working) else view
                    yield shown
        except QAError as error:
            yield _broken(view, error.title, str(error))
        except Exception as error:
            log.error("unforeseen error", exc_info=error)
            yield _broken(view, "Something went wrong", "On the server's machine type: qa doctor")

    async def _working(self, service: Service, view: Working) -> AsyncGenerator[View, None]:
        asked, began = self.asked, time.monotonic()
        if asked.owner:
            service.assistant.corpus.visited(asked.owner)
        documents = scope(service, asked.owner, asked.documents)
        if asked.history or len(service.line):
            # What it is about can be shown before the model is free, or has read the conversation.
            view = replace(
                view, passages=await asyncio.to_thread(_first_look, service, asked.question, documents)
            )
            yield view
        events = service.events(asked.question, asked.turns(), documents, TICK_SECONDS, asked.fresh)
        async with aclosing(events):
            async for event in events:
                if self.stopped.is_set():
                    yield _broken(view, "Stopped", "What stands here is proved; the rest was not read.")
                    return
                seconds = int(time.monotonic() - began)
                match event:
                    case None if seconds == view.seconds:
                        continue
                    case None:
                        view = replace(view, seconds=seconds)
                    case Answer():
                        yield Settled(answer=event, follow_ups=await _going_on(event, service, documents))
                        return
                    case _:
                        view = replace(_after(view, event), seconds=seconds)
                yield view
        yield _broken(view, "Broken off", "The answer ended before it was whole. Ask again.")


async def _going_on(answer: Answer, service: Service, documents: tuple[str, ...]) -> tuple[str, ...]:
    """Questions to go on with; none rather than a settled answer that changes under the reader's hands."""
    try:
        seeking = asyncio.to_thread(follow_ups, answer, service, documents)
        return await asyncio.wait_for(seeking, SUGGESTING_SECONDS)
    except (QAError, TimeoutError):
        return ()


def _after(view: Working, event: Progress | Evidence | Proved) -> Working:
    match event:
        case Progress():
            return replace(view, stage=event.stage, message=event.message)
        case Evidence():
            return replace(view, passages=event.passages)
        case Proved():
            new = tuple(c for c in event.citations if c not in view.citations)
            return replace(view, sentences=(*view.sentences, event.sentence), citations=view.citations + new)


def _broken(view: Working, title: str, detail: str) -> Broken:
    return Broken(
        question=view.question,
        title=title,
        detail=detail,
        sentences=view.sentences,
        citations=view.citations,
    )


def _first_look(service: Service, question: str, documents: tuple[str, ...]) -> tuple[Passage, ...]:
    return tuple(service.assistant.retriever.find(question, documents))
