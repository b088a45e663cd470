"""What stays of a conversation: reload, tabs, readers, files, opinions, and a server that goes away."""

import json
import threading

import pytest
from playwright.sync_api import expect

from tests.chat_page import (  # noqa: F401
    BLOG,
    QUESTION,
    ask,
    first_page,
    headless_chromium,
    newest,
    one_server_for_a_module,
    questions,
    running_site,
    server_as_new,
    visit,
)


def titles(page):
    return page.locator("#history li button:first-child").all_inner_texts()


def saved(page, form):
    """The text of the conversation saved as a file."""
    with page.expect_download() as download:
        page.click(f"[data-form={form}]")
    assert download.value.suggested_filename.startswith("conversation.")
    return download.value.path().read_text(encoding="utf-8")


class TestReload:
    def test_conversation_comes_back_with_its_citations(self, page):
        ask(page)
        ask(page, "Where do they disagree?")
        page.reload()
        expect(newest(page).locator(".account")).to_have_count(2)
        assert questions(page) == [QUESTION, "Where do they disagree?"]
        page.locator("#past .mark").first.click()
        expect(page.frame_locator("#source iframe").locator("mark")).to_be_visible()

    def test_conversation_goes_on_where_it_was(self, page, site):
        ask(page)
        page.reload()
        expect(newest(page)).to_have_attribute("data-state", "settled")
        ask(page, "And why?")
        assert site.assistant.asked[1][1][0].content == QUESTION
        page.reload()
        expect(newest(page).locator("h2").first).to_have_text("And why?")
        assert questions(page) == [QUESTION, "And why?"]

    def test_question_which_was_cut_off_by_a_reload_can_be_asked_again(self, page, site):
        site.assistant.pause = 30
        ask(page, wait=False)
        expect(newest(page)).to_have_attribute("data-state", "working")
        page.reload()
        expect(newest(page)).to_have_attribute("data-state", "broken")
        site.assistant.pause = 0
        page.click("[data-act=again]")
        expect(newest(page)).to_have_attribute("data-state", "settled")
        assert questions(page) == [QUESTION]


class TestConversations:
    def test_new_rename_and_delete(self, page):
        ask(page)
        page.click("#history .new")
        expect(page.locator(".welcome")).to_be_visible()
        ask(page, "Where do they disagree?")
        assert titles(page) == ["Where do they disagree?", QUESTION]

        page.once("dialog", lambda dialog: dialog.accept("The mother"))
        page.locator("#history li").nth(1).hover()
        page.locator("[data-act=rename]").nth(1).click()
        expect(page.locator("#history li")).to_have_count(2)
        assert "The mother" in titles(page)

        page.get_by_role("button", name="The mother", exact=True).click()
        expect(newest(page).locator("h2").first).to_have_text(QUESTION)

        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="The mother", exact=True).hover()
        page.get_by_role("button", name="Delete: The mother").click()
        assert "The mother" in titles(page)
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="The mother", exact=True).hover()
        page.get_by_role("button", name="Delete: The mother").click()
        expect(page.locator(".welcome")).to_be_visible()
        assert titles(page) == ["Where do they disagree?"]

    def test_two_tabs_have_conversations_of_their_own(self, page, site):
        ask(page)
        other = page.context.new_page()
        other.goto(site.url)
        expect(other.locator(".welcome")).to_be_visible()
        ask(other, "Where do they disagree?")
        ask(page, "And why?")
        assert questions(page) == [QUESTION, "And why?"]
        other.reload()
        expect(newest(other)).to_have_attribute("data-state", "settled")
        assert questions(other) == ["Where do they disagree?"]
        assert len(titles(other)) == 2

    def test_two_readers_see_nothing_of_each_other(self, page, site, browser):
        ask(page)
        other = visit(browser, site)
        assert titles(other) == []
        ask(other, "Where do they disagree?")
        assert site.assistant.asked[-1][1] == ()
        assert questions(page) == [QUESTION]
        other.context.close()


class TestFiles:
    @pytest.fixture(autouse=True)
    def conversation(self, page):
        ask(page)
        ask(page, "Where do they disagree?")

    def test_markdown_holds_answers_and_quotes_with_their_places(self, page):
        text = saved(page, "markdown")
        assert f"## {QUESTION}" in text
        assert "> She was denied judicial review" in text
        start = BLOG.text.index("She was denied")
        assert f"characters {start} to" in text and BLOG.sha256 in text

    def test_json_holds_the_whole_answers(self, page):
        exchanges = json.loads(saved(page, "json"))["exchanges"]
        assert [each["answer"]["question"] for each in exchanges] == [QUESTION, "Where do they disagree?"]
        citation = exchanges[0]["answer"]["citations"][0]
        assert BLOG.text[citation["start"] : citation["end"]] == citation["quote"]

    def test_html_needs_nothing_else_and_can_be_checked_again(self, page, browser, tmp_path):
        path = tmp_path / "conversation.html"
        path.write_text(saved(page, "html"), encoding="utf-8")
        context = browser.new_context(offline=True)
        copy = context.new_page()
        copy.goto(path.as_uri())
        expect(copy.locator("blockquote").first).to_have_text("She was denied judicial review")
        kept = json.loads(copy.locator("#conversation").text_content())
        citation = kept["exchanges"][0]["answer"]["citations"][0]
        assert BLOG.text[citation["start"] : citation["end"]] == citation["quote"]
        context.close()

    def test_copy_takes_the_citations_along(self, page):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.locator("[data-act=copy]").first.click()
        expect(page.locator("#say")).to_have_text("Copied")
        text = page.evaluate("navigator.clipboard.readText()")
        assert "She was denied judicial review. [1]" in text
        assert "[1] “She was denied judicial review” — A mother is deported, blog.txt" in text


class TestOpinions:
    def test_opinion_with_its_reason_is_kept_as_a_case(self, page, site):
        ask(page)
        page.click("[data-rating=down]")
        page.keyboard.type("The date is <wrong>")
        page.keyboard.press("Enter")
        expect(page.locator("#say")).to_contain_text("Thank you")
        lines = (site.config.data_dir / "feedback.jsonl").read_text(encoding="utf-8").splitlines()
        entry = json.loads(lines[-1])
        assert entry["question"] == QUESTION and entry["history"] == []
        assert (entry["rating"], entry["reason"]) == ("down", "The date is <wrong>")
        assert entry["answer"]["citations"][0]["quote"] == "She was denied judicial review"
        page.reload()
        expect(page.locator("[data-act=rate][data-rating=down]")).to_have_attribute("aria-pressed", "true")

    def test_opinion_that_takes_its_time_brings_no_deleted_conversation_back(self, page, monkeypatch):
        gone = threading.Event()
        monkeypatch.setattr("ui.app.feedback.keep", lambda *_: gone.wait(20))
        page.on("dialog", lambda dialog: dialog.accept())
        ask(page)
        page.click("[data-rating=up]")
        page.keyboard.press("Enter")
        page.locator("#history li").first.hover()
        page.locator("[data-act=delete]").first.click()
        gone.set()
        expect(page.locator("#say")).to_contain_text("Thank you")
        assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('cited.title.'))") == []


class TestServerGoesAway:
    def test_answer_cut_off_by_a_dying_server_can_be_asked_again_when_it_is_back(self, browser, tmp_path):
        with running_site(tmp_path) as site:
            page = visit(browser, site)
            ask(page, "Something first?")
            site.assistant.pause = 30
            ask(page, wait=False)
            expect(newest(page)).to_have_attribute("data-state", "working")
            site.stop()
            site.assistant.pause = 0
            site.start()
            expect(newest(page)).to_have_attribute("data-state", "broken", timeout=20_000)
            page.click("[data-act=again]")
            expect(newest(page)).to_have_attribute("data-state", "settled")
            assert questions(page) == ["Something first?", QUESTION]
            page.context.close()

    def test_idle_page_goes_on_after_the_server_was_started_again(self, browser, tmp_path):
        with running_site(tmp_path) as site:
            page = visit(browser, site)
            ask(page)
            site.stop()
            site.start()
            ask(page, "And why?")
            assert site.assistant.asked[-1][1][0].content == QUESTION
            page.context.close()
