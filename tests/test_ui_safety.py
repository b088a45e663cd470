"""Whatever documents, models and readers write is inert in the web chat, wherever it is shown."""

import json
from dataclasses import asdict, replace

import pytest
from playwright.sync_api import expect

from qa.types import Account, Sentence
from tests.chat_page import (  # noqa: F401
    ask,
    events_of,
    headless_chromium,
    newest,
    one_server_for_a_module,
    server_as_new,
    visit,
)
from tests.payloads import PAYLOADS
from tests.scripted import make_answer, make_citation, make_document, make_passage

AT_ONCE = 12
BATCHES = [PAYLOADS[first : first + AT_ONCE] for first in range(0, len(PAYLOADS), AT_ONCE)]
WATCH = "window.runs = 0; window.ran = () => { window.runs += 1; };"
STRANGE = (
    ":is(#newest, #past, #moved, #shelf, #history) "
    ":is(script, img, svg, math, object, embed, link, meta, base, style, video, audio, marquee, iframe, body)"
)


def hostile_answer(payloads, question="What?", **changes):
    """An answer with payloads in every field that is shown."""
    documents = [
        make_document(f"{payload} and more.", id=f"d{place:03}", title=payload, source=payload, date=payload)
        for place, payload in enumerate(payloads)
    ]
    citations = tuple(make_citation(d, d.text, number) for number, d in enumerate(documents, 1))
    sentences = tuple(
        Sentence(text=payload, start=0, end=1, citations=(number,), verdict="supported", support=0.5)
        for number, payload in enumerate(payloads, 1)
    )
    return make_answer(
        question,
        id=payloads[0],
        standalone_question=" ".join(payloads),
        answer=" ".join(payloads),
        sentences=sentences,
        citations=citations,
        passages=tuple(replace(make_passage(d), cited=False) for d in documents),
        model=payloads[1],
        index_version=payloads[2],
        **changes,
    ), tuple(documents)


def in_dispute(payloads):
    answer, documents = hostile_answer(payloads)
    accounts = tuple(
        Account(holder=payload, text=payload, citations=(number,))
        for number, payload in enumerate(payloads, 1)
    )
    return replace(answer, status="disputed", accounts=accounts, sentences=()), documents


def refused(payloads):
    answer, documents = hostile_answer(payloads)
    return replace(
        answer, status="unanswerable", reason=" ".join(payloads), sentences=(), citations=()
    ), documents


@pytest.fixture(name="watched")
def page_that_counts_what_runs(browser, site):
    page = visit(browser, site)
    page.context.add_init_script(WATCH)
    page.evaluate(f"() => {{ {WATCH} }}")
    page.on("dialog", lambda dialog: page.faults.append(dialog.message))
    yield page
    assert_inert(page)
    page.context.close()
    site.assistant.corpus.ledger.held = tuple(site.assistant.corpus.ledger.held[:2])


def assert_inert(page):
    assert page.evaluate("window.runs || 0") == 0
    assert page.foreign == [] and page.faults == []
    strange = page.evaluate(f"[...document.querySelectorAll(`{STRANGE}`)].map((e) => e.outerHTML)")
    assert strange == []
    attributes = "[...document.querySelectorAll('#room *')].flatMap((e) => e.getAttributeNames())"
    assert [name for name in page.evaluate(attributes) if name.startswith("on")] == []


def touch_everything(page):
    """Point at every mark, open sources, lists and the trace."""
    for mark in page.locator("#newest .answer .mark").all():
        mark.hover()
        assert_inert(page)
    for summary in page.locator("#newest summary").all():
        summary.click()
    first = page.locator("#newest .cited .open, #newest .read .open").first
    first.click()
    expect(page.frame_locator("#source iframe").locator("mark")).to_be_visible()
    page.click("[data-act=close]")


class TestInert:
    def test_set_is_large(self):
        assert len(set(PAYLOADS)) >= 100

    @pytest.mark.parametrize("make", [hostile_answer, in_dispute, refused])
    def test_nothing_runs_from_any_part_of_an_answer(self, watched, site, make):
        for payloads in BATCHES if make is hostile_answer else BATCHES[::3]:
            if len(payloads) < 3:
                continue
            answer, documents = make(payloads)
            ledger = site.assistant.corpus.ledger
            ledger.held = (*ledger.held[:2], *documents)

            def script(question, answer=answer):
                return [*[*events_of(question)][:2], replace(answer, question=question)]

            site.assistant.script = script
            ask(watched, "\n".join(payloads), wait=False)
            expect(newest(watched)).to_have_attribute("data-state", "settled")
            touch_everything(watched)
            assert_inert(watched)
            for payload in payloads:
                if payload.isprintable() and make is hostile_answer:
                    text = " ".join(payload.split())
                    assert text in " ".join(newest(watched).locator(".answer").inner_text().split())
            watched.click("#history .new")
            expect(watched.locator(".welcome")).to_be_visible()
            assert_inert(watched)

    def test_nothing_runs_from_a_conversation_that_was_tampered_with(self, watched, site):
        for payloads in BATCHES[::4]:
            answer, documents = hostile_answer(payloads)
            site.assistant.corpus.ledger.held = (*site.assistant.corpus.ledger.held[:2], *documents)
            kept = asdict(answer)
            for citation in kept["citations"]:
                citation["url"] = "javascript:ran()"
                citation["document_id"] = "d000?x=/../"
            body = {
                "title": payloads[0],
                "exchanges": [{"answer": kept, "follow_ups": payloads[:3], "rating": None}],
            }
            watched.evaluate(
                """([body, title]) => {
                    localStorage.setItem("cited.conversation.x", body);
                    localStorage.setItem("cited.title.x", title);
                    sessionStorage.setItem("cited.current", '"x"');
                }""",
                [json.dumps(body), json.dumps({"title": payloads[0], "updated": 1})],
            )
            watched.reload()
            expect(newest(watched)).to_have_attribute("data-state", "settled")
            watched.locator("#newest .mark").first.click()
            watched.click("[data-act=close]")
            assert_inert(watched)

    def test_conversation_that_is_none_is_refused_in_words(self, watched):
        watched.evaluate(
            """() => {
                localStorage.setItem("cited.conversation.x", '{"exchanges": [{"answer": {"id": 7}}]}');
                sessionStorage.setItem("cited.current", '"x"');
            }"""
        )
        watched.reload()
        expect(watched.locator("#newest [role=alert]")).to_contain_text("cannot be used")

    def test_nothing_runs_from_a_conversation_saved_as_a_page(self, watched, site, browser, tmp_path):
        for payloads in BATCHES[::4]:
            answer, _ = hostile_answer(payloads)
            site.assistant.script = lambda question, answer=answer: [replace(answer, question=question)]
            ask(watched, payloads[0] + " x", wait=False)
            expect(newest(watched)).to_have_attribute("data-state", "settled")
            with watched.expect_download() as download:
                watched.click("[data-form=html]")
            path = tmp_path / "saved.html"
            download.value.save_as(path)
            copy = watched.context.new_page()
            copy.goto(path.as_uri())
            assert copy.evaluate("window.runs || 0") == 0
            assert copy.locator("script").count() == 1 and copy.locator("img, svg, iframe").count() == 0
            assert json.loads(copy.locator("#conversation").text_content())["exchanges"]
            copy.close()
            watched.click("#history .new")
