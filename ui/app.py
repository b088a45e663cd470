"""The page of the web chat: Gradio components and what happens on each event.

Thin: how things look is in `ui.rendering`, how a question is answered in `ui.asking`. The browser keeps the
conversations (`static/chat.js`) and sends what a question needs, so nothing of a reader stays on the server.
"""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from qa import InputError, QAError, Service
from ui import exports, feedback
from ui.asking import Asking
from ui.conversation import Asked, Conversation, Opened, Rated, Wanted, kept, parse
from ui.evaluation import evaluation_router
from ui.frame import Frame
from ui.rendering import Rendering
from ui.shelf import shelf_router
from ui.suggestions import Example, examples
from ui.views import Broken, Settled, View

TITLE = "Cited answers"
FOLDER = Path(__file__).parent
Update = Any
"""What Gradio takes as the new value of a component."""


def furnish(app: FastAPI, service: Service) -> None:
    """Put the web chat at `/` of the application."""
    app.mount("/chat/static", StaticFiles(directory=FOLDER / "static"))
    app.include_router(shelf_router(service))
    app.include_router(evaluation_router(service, FOLDER / "templates" / "no_report.html"))
    gr.mount_gradio_app(
        app,
        Chat(service).page(),
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )
    mounted = app.routes[-1]
    mounted.app = Frame(mounted.app, TITLE)  # type: ignore[attr-defined]


class Chat:
    """What the events of the page do."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._rendering = Rendering()
        self._running: dict[str, Asking] = {}
        """The question that is being answered, by the session of its reader."""
        self._known: tuple[str, tuple[Example, ...]] = "", ()

    def page(self) -> gr.Blocks:
        """The components and their events."""
        page: gr.Blocks
        with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
            _fixed("header")
            with gr.Row(elem_id="room"):
                _fixed("history")
                with gr.Column(elem_id="chat-view"):
                    past = _live("past", "open")
                    newest = _live("newest", "ask")
                    with gr.Row(elem_id="composer"):
                        _fixed("scope")
                        box = gr.Textbox(
                            label="Your question",
                            placeholder="Ask about your documents",
                            show_label=False,
                            lines=1,
                            max_lines=8,
                            container=False,
                            elem_id="question",
                        )
                        ask = gr.Button("Ask", elem_id="ask", variant="primary")
                        stop = gr.Button("Stop", elem_id="stop")
                _fixed("source")
                shelf = _live("shelf", "list")
                _fixed("evaluation")
            outbox = gr.HTML(
                html_template="",
                elem_id="outbox",
                js_on_load="cited.receive(props, watch, server)",
                server_functions=self._server_functions(),
            )
            private = {
                "show_progress": "hidden",
                "api_visibility": "private",
                "concurrency_limit": None,
                # Gradio would drop a question that comes before the event of the last one has ended.
                "trigger_mode": "multiple",
            }
            gr.on(
                [box.submit, ask.click],
                self.ask_typed,
                box,
                [newest, outbox, box],
                js="(typed) => cited.typed(typed)",
                **private,
            )
            newest.ask(self.ask_told, None, [newest, outbox], **private)
            shelf.list(self.documents, None, shelf, **private)
            past.open(self.open, None, [past, newest], **private)
            stop.click(self.stop, None, None, queue=False, show_progress="hidden", api_visibility="private")
            # Gradio misses a reader who leaves between asking and listening for what comes.
            page.unload(self.stop)
        return page

    async def ask_typed(self, sent: str, request: gr.Request) -> AsyncGenerator[tuple[Update, ...], None]:
        """Answer what was typed; the box is emptied at once."""
        box: Update = ""
        async for newest, outbox in self._answer(sent, request):
            yield newest, outbox, box
            box = gr.skip()

    async def ask_told(
        self, event: gr.EventData, request: gr.Request
    ) -> AsyncGenerator[tuple[Update, ...], None]:
        """Answer an example, a suggestion, or a question asked again."""
        async for update in self._answer(event._data, request):
            yield update

    async def _answer(self, sent: object, request: gr.Request) -> AsyncGenerator[tuple[Update, Update], None]:
        try:
            asking = Asking(parse(Asked, sent))
        except InputError as error:
            yield self._rendering.problem(error.title, str(error)), gr.skip()
            return
        session = request.session_hash or ""
        self._running[session] = asking
        try:
            async for view in asking.views(self._service):
                if self._running.get(session) is not asking:
                    return
                yield self._rendering.view(view), self._for_keeping(view)
        finally:
            if self._running.get(session) is asking:
                del self._running[session]

    def stop(self, request: gr.Request) -> None:
        """End the answering of this reader's question, stopped or left; the model is free soon after."""
        asking = self._running.get(request.session_hash or "")
        if asking:
            asking.stopped.set()

    def open(self, event: gr.EventData) -> tuple[Update, Update]:
        """Show a conversation which the browser kept; an empty one is the first page."""
        try:
            conversation = parse(Conversation, event._data)
            if conversation.owner:
                self._service.assistant.corpus.visited(conversation.owner)
        except QAError as error:
            return "", self._rendering.problem(error.title, str(error))
        shown = [
            Settled(answer=each.answer, follow_ups=each.follow_ups, rating=each.rating)
            for each in conversation.exchanges
        ]
        if conversation.broken:
            detail = "The page or the server went away before the answer was there."
            broken = Broken(question=conversation.broken, title="Broken off", detail=detail)
            return self._rendering.past(shown), self._rendering.view(broken)
        if not shown:
            return "", self._welcome(conversation.owner)
        return self._rendering.past(shown[:-1]), self._rendering.view(shown[-1])

    def documents(self, event: gr.EventData) -> str:
        """The list of documents, after one was removed if that was asked."""
        owner, problem = None, None
        try:
            opened = parse(Opened, event._data)
            owner = opened.owner or None
            if opened.remove:
                self._service.assistant.corpus.remove(opened.remove, owner)
        except QAError as error:
            problem = str(error)
        return self._rendering.documents(self._service.assistant.corpus.ledger.catalogue(owner), problem)

    def _server_functions(self) -> list[Callable[[object], dict[str, str]]]:
        """What the browser calls for a result of its own: each gives `done` or `problem`."""

        def rate(sent: object) -> dict[str, str]:
            with _told() as told:
                feedback.keep(parse(Rated, sent), self._service.config.data_dir)
                told["done"] = "Thank you. It is kept with the data, for the evaluation."
            return told

        def export(sent: object) -> dict[str, str]:
            with _told() as told:
                wanted = parse(Wanted, sent)
                told["done"] = exports.export(wanted.conversation, wanted.form, self._rendering)
            return told

        return [rate, export]

    def _welcome(self, owner: str) -> str:
        assistant = self._service.assistant
        entries = assistant.corpus.ledger.catalogue(owner or None)
        ready = [entry for entry in entries if entry.state == "ready"]
        state = assistant.model.state if assistant.model else "none"
        return self._rendering.welcome(ready, self._beginnings(), state)

    def _beginnings(self) -> tuple[Example, ...]:
        """Questions to begin with; sought anew only when the documents have changed."""
        version = self._service.assistant.corpus.ledger.index_version()
        if self._known[0] != version:
            self._known = version, examples(self._service)
        return self._known[1]

    def _for_keeping(self, view: View) -> Update:
        return kept(view.answer, view.follow_ups) if isinstance(view, Settled) else gr.skip()


@contextmanager
def _told() -> Iterator[dict[str, str]]:
    """A result to fill; a failure becomes its `problem`."""
    result: dict[str, str] = {}
    try:
        yield result
    except QAError as error:
        result["problem"] = str(error)


def _fixed(name: str) -> gr.HTML:
    """A part of the page which Gradio never changes."""
    markup = (FOLDER / "templates" / f"{name}.html").read_text(encoding="utf-8")
    return gr.HTML(markup, elem_id=f"{name}-box", js_on_load=None, apply_default_css=False)


def _live(name: str, event: str) -> gr.HTML:
    """A part which the server changes and which sends `event` with what belongs to it."""
    script = f"cited.attend('{name}', element, (data) => trigger('{event}', data), watch)"
    return gr.HTML("", elem_id=name, js_on_load=script, apply_default_css=False)
