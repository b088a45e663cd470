"""The documents in the web chat: what is listed, chosen, added, refused, deleted, and who sees it."""

import re
import shutil
from datetime import date

import pytest
from playwright.sync_api import expect

from qa.config import Config
from qa.corpus import Corpus
from qa.retrieval import Retriever
from tests.chat_page import (  # noqa: F401
    Site,
    ask,
    events_of,
    first_page,
    headless_chromium,
    newest,
    server_as_new,
    visit,
)
from tests.desk import BLOG, WIRE
from tests.fakes import HashEmbedding
from tests.payloads import PAYLOADS
from tests.scripted import ScriptedAssistant
from tests.serving import wait_until

NOTE = "A note of the third of May. The senator sang in the evening."


class SearchingAssistant(ScriptedAssistant):
    """A scripted one which really searches a real corpus."""

    @property
    def retriever(self):
        return Retriever(self.corpus, HashEmbedding())


@pytest.fixture(scope="module", name="the_site")
def server_with_a_real_corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    (folder / "wire.txt").write_text(WIRE, encoding="utf-8")
    (folder / "blog.txt").write_text(BLOG, encoding="utf-8")
    config = Config(data_dir=tmp_path_factory.mktemp("data"), answers_kept=0)
    with Corpus.open(config, HashEmbedding()) as corpus:
        corpus.sync(folder)
        site = Site(config)
        site.assistant = SearchingAssistant(script=events_of, corpus=corpus)
        site.start()
        yield site
        site.assistant.released.set()
        site.stop()
    shutil.rmtree(folder)


@pytest.fixture(name="shelf")
def page_with_the_documents(page):
    open_shelf(page)
    return page


def open_shelf(page):
    page.click("[data-act=view][data-view=documents]")
    expect(page.locator(".shelf tbody tr").first).to_be_visible()


def upload(page, *files, private=True):
    page.locator("#mine").set_checked(private)
    page.set_input_files(
        "#upload",
        [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in files],
    )
    expect(page.locator(".uploads li")).to_have_count(len(files))


def titles(page):
    return page.locator(".shelf tbody th a").all_inner_texts()


def remove_last(page):
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("[data-act=remove]").click()
    expect(page.locator("[data-act=remove]")).to_have_count(0)


class TestList:
    def test_every_document_has_title_date_size_and_state(self, shelf):
        row = shelf.locator(".shelf tbody tr").first
        expect(row).to_contain_text("characters")
        expect(row).to_contain_text("no date")
        expect(row).to_contain_text("ready")

    def test_any_document_can_be_viewed(self, shelf):
        with shelf.context.expect_page() as opened:
            shelf.locator(".shelf tbody th a").first.click()
        expect(opened.value.locator("article")).to_contain_text("The")

    def test_documents_of_the_folder_cannot_be_deleted_here(self, shelf):
        expect(shelf.locator("[data-act=remove]")).to_have_count(0)

    def test_only_the_chosen_documents_are_asked(self, shelf, site):
        shelf.locator("[data-choose]").first.uncheck()
        left = shelf.locator("[data-choose]").nth(1).get_attribute("data-choose")
        shelf.click("[data-act=view][data-view=chat]")
        expect(shelf.locator("#scope")).to_contain_text("Only 1 document is asked.")
        ask(shelf)
        assert site.assistant.asked[-1][2] == (left,)
        shelf.reload()
        expect(shelf.locator("#scope")).to_be_visible()


class TestUpload:
    def test_new_document_can_be_asked_at_once(self, shelf, site):
        upload(shelf, ("note.txt", NOTE.encode()))
        expect(shelf.locator(".uploads li")).to_contain_text("note.txt: ready (added)")
        expect(shelf.locator(".shelf")).to_contain_text("only for me")
        shelf.click("[data-act=view][data-view=chat]")
        ask(shelf)
        assert len(site.assistant.asked[-1][2]) == 3
        open_shelf(shelf)
        remove_last(shelf)
        assert len(titles(shelf)) == 2

    def test_every_refused_file_has_its_reason(self, shelf):
        upload(shelf, ("binary.txt", b"\x00\x01" * 50), ("empty.txt", b""), ("large.txt", b"x" * 10_000_001))
        expect(shelf.locator(".uploads li").nth(0)).to_contain_text("refused: binary.txt holds binary data")
        expect(shelf.locator(".uploads li").nth(1)).to_contain_text("refused: ")
        expect(shelf.locator(".uploads li").nth(2)).to_contain_text("larger than 10 MB")
        assert len(titles(shelf)) == 2

    def test_files_can_be_dropped_anywhere_on_the_page(self, shelf):
        shelf.evaluate(
            """() => {
                const files = new DataTransfer();
                files.items.add(new File(["The minister resigned in a hurry."], "dropped.txt"));
                const drop = new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true});
                document.querySelector(".shelf").dispatchEvent(drop);
            }"""
        )
        expect(shelf.locator(".uploads li")).to_contain_text("dropped.txt: ready")
        remove_last(shelf)

    def test_file_of_a_megabyte_and_more_comes_through(self, shelf):
        upload(shelf, ("long.txt", b"All of this is one sentence among many. " * 40_000))
        expect(shelf.locator(".uploads li")).to_contain_text("ready", timeout=60_000)
        remove_last(shelf)

    def test_progress_of_a_slow_upload_is_told(self, shelf):
        network = shelf.context.new_cdp_session(shelf)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", slow)
        shelf.locator("#mine").check()
        content = b"All of this is one sentence among many. " * 6_000
        shelf.set_input_files(
            "#upload", [{"name": "slow.txt", "mimeType": "text/plain", "buffer": content}], no_wait_after=True
        )
        expect(shelf.locator(".uploads li")).to_have_text(re.compile(r"slow\.txt: [1-9]\d? %"))
        expect(shelf.locator(".uploads li")).to_contain_text("ready", timeout=60_000)
        remove_last(shelf)

    def test_other_readers_do_not_see_what_is_only_for_me(self, shelf, site, browser):
        upload(shelf, ("mine.txt", NOTE.encode()))
        expect(shelf.locator(".uploads li")).to_contain_text("ready")
        other = visit(browser, site)
        open_shelf(other)
        assert len(titles(other)) == 2
        other.click("[data-act=view][data-view=chat]")
        ask(other)
        assert site.assistant.asked[-1][2] == ()
        other.context.close()
        remove_last(shelf)

    def test_what_is_for_everyone_is_seen_by_everyone(self, shelf, site, browser):
        upload(shelf, ("ours.txt", NOTE.encode()), private=False)
        expect(shelf.locator(".uploads li")).to_contain_text("ready")
        other = visit(browser, site)
        open_shelf(other)
        assert len(titles(other)) == 3
        other.context.close()
        remove_last(shelf)

    def test_upload_while_an_answer_comes(self, page, site):
        site.assistant.released.clear()
        ask(page, wait=False)
        expect(newest(page)).to_have_attribute("data-state", "working")
        open_shelf(page)
        upload(page, ("meanwhile.txt", NOTE.encode()))
        expect(page.locator(".uploads li")).to_contain_text("ready")
        remove_last(page)
        page.click("[data-act=view][data-view=chat]")
        site.assistant.released.set()
        expect(newest(page)).to_have_attribute("data-state", "settled")

    def test_names_of_files_are_inert(self, shelf):
        names = [
            f"{payload[:60].replace('/', '_')}.txt" for payload in PAYLOADS[::6] if payload.isprintable()
        ]
        upload(
            shelf, *((name, f"{name} holds words {number}.".encode()) for number, name in enumerate(names))
        )
        for row in shelf.locator(".uploads li").all():
            expect(row).to_contain_text(re.compile("ready|refused"))
        assert shelf.locator("#shelf :is(script, img, svg, math, object, iframe, embed)").count() == 0
        shelf.click("[data-act=view][data-view=chat]")
        expect(shelf.locator(".welcome")).to_be_visible()
        assert shelf.locator(".welcome :is(script, img, svg, math, object, iframe, embed)").count() == 0
        open_shelf(shelf)
        while shelf.locator("[data-act=remove]").count():
            count = shelf.locator("[data-act=remove]").count()
            shelf.once("dialog", lambda dialog: dialog.accept())
            shelf.locator("[data-act=remove]").first.click()
            expect(shelf.locator("[data-act=remove]")).to_have_count(count - 1)

    def test_coming_back_and_asking_are_visits(self, shelf, site, monkeypatch):
        monkeypatch.setattr("qa.corpus._today", lambda: date(2026, 1, 1))
        upload(shelf, ("mine.txt", NOTE.encode()))
        expect(shelf.locator(".uploads li")).to_contain_text("ready")
        for day, come in ((2, shelf.reload), (3, lambda: ask(shelf))):
            monkeypatch.setattr("qa.corpus._today", lambda day=day: date(2026, 1, day))
            come()
            wait_until(lambda day=day: f"2026-01-0{day}" in site.assistant.corpus.ledger.meta("visits"))
        open_shelf(shelf)
        expect(shelf.locator(".shelf")).to_contain_text("90 days")
        remove_last(shelf)

    def test_deleting_asks_first(self, shelf):
        upload(shelf, ("keep.txt", NOTE.encode()))
        expect(shelf.locator(".uploads li")).to_contain_text("ready")
        shelf.once("dialog", lambda dialog: dialog.dismiss())
        shelf.locator("[data-act=remove]").click()
        assert len(titles(shelf)) == 3
        remove_last(shelf)


class TestEvaluation:
    def test_without_a_report_the_page_says_how_to_make_one(self, page):
        page.click("[data-view=evaluation]")
        expect(page.frame_locator("#evaluation iframe").locator("body")).to_contain_text("make eval")

    def test_last_report_is_shown_and_can_do_nothing_to_the_chat(self, page, site):
        report = site.config.data_dir / "evals" / "report.html"
        report.parent.mkdir(exist_ok=True)
        report.write_text(
            "<h1>How true?</h1><p id=seen></p><script>"
            "try { parent.document.title = 'taken'; } catch { seen.textContent = 'kept apart'; }</script>"
        )
        page.click("[data-view=evaluation]")
        frame = page.frame_locator("#evaluation iframe")
        expect(frame.locator("h1")).to_have_text("How true?")
        expect(frame.locator("#seen")).to_have_text("kept apart")
        assert page.title() == "Cited answers"
