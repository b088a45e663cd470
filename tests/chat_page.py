"""The web chat in a real browser: a server with a scripted assistant, and a page to look at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from qa.config import Config
from qa.server import create_app, listen
from qa.types import Evidence, Progress, Proved, Sentence
from tests import chromium
from tests.scripted import (
    ScriptedAssistant,
    ScriptedCorpus,
    make_answer,
    make_citation,
    make_disputed,
    make_document,
    make_passage,
    make_unanswerable,
)
from ui import furnish

# A machine that trains or measures beside the tests is slow, and no less right.
expect.set_options(timeout=20_000)

LONG = " ".join(f"Paragraph {number} is about nothing at all." for number in range(400))
BLOG = make_document(
    f"{LONG}\n\nShe was denied judicial review of her case.\n\n{LONG}", id="b10c", source="blog.txt"
)
WIRE = make_document(
    "The asylum-seeker was afforded judicial review. There were 680 arrests in February. "
    "John Kelly met Reince Priebus in Mexico City.",
    id="3173",
    source="wire.txt",
    title="A report from the wire",
    date=None,
)
QUESTION = "Was she given judicial review?"


def answer_to(question):
    """An answer of the kind that the words of the question ask for."""
    if "disagree" in question:
        return disputed(question)
    if "Paris" in question:
        nearest = (make_passage(BLOG), make_passage(WIRE))
        nearest = tuple(replace(passage, cited=False) for passage in nearest)
        return replace(make_unanswerable(question), id=ids(question), passages=nearest)
    texts = ("She was denied judicial review.", "Another was afforded it.", "There were many arrests.")
    quotes = (
        (BLOG, "She was denied judicial review"),
        (WIRE, "afforded judicial review"),
        (WIRE, "680 arrests"),
    )
    verdicts = ("verbatim", "supported", "partly")
    sentences = tuple(
        Sentence(
            text=text,
            start=0,
            end=len(text),
            citations=(number,),
            verdict=verdict,
            support=0.9,
            corrects=number == 2 and question.startswith("Why"),
        )
        for number, (text, verdict) in enumerate(zip(texts, verdicts, strict=True), 1)
    )
    return make_answer(
        question,
        id=ids(question),
        answer=" ".join(f"{text} [{number}]" for number, text in enumerate(texts, 1)),
        sentences=sentences,
        citations=tuple(make_citation(d, quote, number) for number, (d, quote) in enumerate(quotes, 1)),
        passages=(make_passage(BLOG), replace(make_passage(WIRE), cited=False)),
    )


def disputed(question):
    answer = make_disputed(question)
    denied = make_citation(BLOG, "She was denied judicial review of her case.", 1)
    afforded = make_citation(WIRE, "The asylum-seeker was afforded judicial review.", 2)
    accounts = (
        replace(
            answer.accounts[0], holder="The blog", text="She was denied judicial review.", citations=(1,)
        ),
        replace(answer.accounts[1], holder="The agency", text="She was afforded it.", citations=(2,)),
    )
    beside = "There were 680 arrests in February."
    citations = (denied, afforded, make_citation(WIRE, beside, 3))
    sentence = replace(answer.sentences[0], text=beside, end=len(beside), citations=(3,))
    return replace(answer, id=ids(question), sentences=(sentence,), accounts=accounts, citations=citations)


def ids(question):
    return "".join(character for character in question if character.isalnum())[:60]


def events_of(question):
    """As the real assistant, with a stage for the drafts."""
    answer = answer_to(question)
    yield Progress(stage="retrieve", message="Searching the documents")
    yield Evidence(standalone_question=question, passages=answer.passages)
    yield Progress(stage="draft", message="Reading 2 of the documents")
    for sentence in answer.sentences:
        yield Proved(
            sentence=sentence,
            citations=tuple(c for c in answer.citations if c.number in sentence.citations),
        )
    yield answer


class Site:
    """A running server with the chat; it can be killed and started again at the same address."""

    def __init__(self, config, token=None):
        self.assistant = ScriptedAssistant(script=events_of, corpus=ScriptedCorpus(BLOG, WIRE))
        self.config, self.token, self.port = config, token, 0
        self._server = self._thread = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        app = create_app(self.assistant, self.config, token=self.token, furnish=furnish)
        listening = threading.Event()

        def run():
            with listen("127.0.0.1", self.port, None) as listener:
                self.port = listener.getsockname()[1]
                settings = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=0)
                self._server = uvicorn.Server(settings)
                listening.set()
                self._server.run(sockets=[listener])

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert listening.wait(20)

    def stop(self):
        self._server.force_exit = self._server.should_exit = True
        self._thread.join(20)

    def reset(self):
        """As it was, for the next test."""
        self.assistant.script, self.assistant.pause, self.assistant.failure = events_of, 0.0, None
        self.assistant.released.set()
        self.assistant.cut_short.clear()
        self.assistant.asked.clear()


@contextmanager
def running_site(data_dir, token=None, answers_kept=0) -> Iterator[Site]:
    # None kept: every question reaches the assistant, also one that a test before has asked.
    site = Site(Config(data_dir=data_dir, token=token, answers_kept=answers_kept), token)
    site.start()
    try:
        yield site
    finally:
        site.assistant.released.set()
        site.stop()


@pytest.fixture(scope="module", name="the_site")
def one_server_for_a_module(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("data")) as site:
        yield site


@pytest.fixture(name="site")
def server_as_new(the_site):
    the_site.reset()
    return the_site


@pytest.fixture(scope="module", name="browser")
def headless_chromium():
    path = chromium.find()
    if path is None:
        pytest.fail("No Chromium is installed; `make test` installs it, or type: sudo apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def visit(browser: Browser, site: Site, **settings) -> Page:
    """The first page in a browser of its own, ready to be typed into; what it asks elsewhere is noted."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.foreign, page.faults = [], []
    page.on("request", lambda request: is_ours(request.url, site) or page.foreign.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(site.url)
    expect(page.locator(".welcome")).to_be_visible()
    return page


def is_ours(url, site):
    return url.startswith((site.url, "data:", "blob:", "about:"))


@pytest.fixture(name="page")
def first_page(browser, site):
    page = visit(browser, site)
    yield page
    page.context.close()
    assert page.foreign == [] and page.faults == []


def ask(page: Page, question=QUESTION, *, wait=True):
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    if wait:
        expect(newest(page).locator("h2").first).to_have_text(question)
        expect(newest(page)).to_have_attribute("data-state", "settled")


def newest(page: Page):
    return page.locator("#newest .exchange")


def questions(page: Page):
    """All that stand on the page, oldest first."""
    return page.locator(".exchange .question h2").all_inner_texts()
