"""How the web chat behaves to readers and their browsers: accessibility, light and dark, sizes, headers."""

import re
import time

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from qa.types import Sentence
from tests.chat_page import (  # noqa: F401
    QUESTION,
    ask,
    first_page,
    headless_chromium,
    is_ours,
    newest,
    one_server_for_a_module,
    running_site,
    server_as_new,
    visit,
)
from tests.scripted import make_answer, make_citation, make_document

PHONE = {"viewport": {"width": 390, "height": 844}}


def serious(page):
    """What axe-core finds that keeps people out."""
    found = Axe().run(page).response["violations"]
    return [
        (fault["id"], [node["target"] for node in fault["nodes"]][:5])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def show(page, site, state):
    """Bring the page into `state`."""
    if state == "working":
        site.assistant.pause = 30
        site.assistant.released.set()
        ask(page, wait=False)
        expect(newest(page)).to_have_attribute("data-state", "working")
    elif state == "stopped":
        show(page, site, "working")
        page.click("#stop")
        expect(newest(page)).to_have_attribute("data-state", "broken")
    elif state in ("answered", "source", "trace", "quote"):
        ask(page)
        if state == "trace":
            page.click("#newest .trace summary")
            page.click("#newest .also summary")
            page.click("[data-rating=down]")
        elif state == "quote":
            page.locator("#newest .mark").first.hover()
        elif state == "source":
            page.locator("#newest .mark").first.click()
            expect(page.frame_locator("#source iframe").locator("mark")).to_be_visible()
    elif state in ("disputed", "refused"):
        ask(page, {"disputed": "Where do they disagree?", "refused": "Who is the mayor of Paris?"}[state])
    elif state == "empty":
        site.assistant.corpus.ledger.held = ()
        page.reload()
        expect(page.get_by_role("button", name="Add documents")).to_be_visible()
    elif state in ("documents", "evaluation"):
        page.click(f"[data-act=view][data-view={state}]")
    page.wait_for_timeout(350)


@pytest.fixture(autouse=True)
def documents_as_they_were(site):
    held = site.assistant.corpus.ledger.held
    yield
    site.assistant.corpus.ledger.held = held


class TestAccessibility:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize(
        "state",
        "first empty working stopped answered quote source trace disputed refused documents "
        "evaluation".split(),
    )
    def test_nothing_serious_is_found(self, browser, site, state, scheme):
        page = visit(browser, site, color_scheme=scheme, reduced_motion="reduce")
        show(page, site, state)
        assert serious(page) == []
        page.context.close()

    @pytest.mark.parametrize("state", ["first", "source", "disputed", "trace", "documents"])
    def test_nothing_serious_is_found_on_a_phone(self, browser, site, state):
        page = visit(browser, site, reduced_motion="reduce", **PHONE)
        show(page, site, state)
        assert serious(page) == []
        page.context.close()

    def test_all_can_be_done_with_the_keyboard_alone(self, page, site):
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        expect(newest(page)).to_have_attribute("data-state", "settled")
        seen = []
        page.evaluate("document.activeElement.blur()")
        for _ in range(40):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("document.activeElement.dataset.act || document.activeElement.id || ''")
            )
        for act in ("view", "theme", "new", "export", "edit", "cite", "copy", "again", "rate", "ask"):
            assert act in seen

    def test_focus_is_never_lost(self, page, site):
        def somewhere():
            return page.evaluate("document.activeElement !== document.body")

        page.locator(".examples button").first.click()
        expect(newest(page)).to_have_attribute("data-state", "settled")
        assert somewhere()
        page.click("#newest [data-act=again]")
        page.wait_for_timeout(600)
        expect(newest(page)).to_have_attribute("data-state", "settled")
        assert somewhere()
        page.click("#history .new")
        expect(page.locator(".welcome")).to_be_visible()
        assert somewhere()

    def test_progress_is_told_once_a_stage_and_not_every_second(self, page, site):
        site.assistant.pause = 1.2
        page.evaluate(
            """() => {
                window.heard = [];
                new MutationObserver(() => heard.push(say.textContent)).observe(say, {childList: true});
            }"""
        )
        ask(page, wait=False)
        expect(newest(page)).to_have_attribute("data-state", "settled", timeout=20_000)
        heard = page.evaluate("heard")
        assert len(heard) == len(set(heard)) <= 5 and heard[-1] == "Answered"

    def test_who_wants_no_motion_gets_none(self, browser, site):
        page = visit(browser, site, reduced_motion="reduce")
        show(page, site, "working")
        assert page.locator(".pulse").evaluate("e => getComputedStyle(e).animationName") == "none"
        page.context.close()


class TestLooks:
    def test_it_follows_the_system_and_can_be_switched(self, browser, site):
        page = visit(browser, site, color_scheme="dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("#theme")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert dark != light
        page.reload()
        expect(page.locator(".welcome")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light
        show(page, site, "source")
        paper = page.frame_locator("#source iframe").locator("body")
        assert paper.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
        page.context.close()

    @pytest.mark.parametrize("state", ["first", "trace", "disputed", "source", "documents"])
    def test_nothing_sticks_out_at_any_width(self, page, site, state):
        show(page, site, state)
        for width in (320, 390, 768, 1024, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_no_word_is_broken_in_the_tables_of_the_trace_on_a_phone(self, browser, site):
        page = visit(browser, site, **PHONE)
        show(page, site, "trace")
        assert page.locator("#newest .trace thead th").count() == 6
        for cell in page.locator("#newest .trace thead th").all():
            assert cell.bounding_box()["height"] < 40, cell.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.context.close()

    def test_text_from_right_to_left_is_set_so(self, page, site):
        question = "מי נתן לאם ביקורת שיפוטית?"
        ask(page, question)
        assert newest(page).locator("h2").first.evaluate("e => getComputedStyle(e).direction") == "rtl"
        sentence = newest(page).locator(".answer p").first
        assert sentence.evaluate("e => getComputedStyle(e).direction") == "ltr"

    def test_answer_and_document_from_right_to_left_begin_at_the_right(self, page, site):
        text = "לאם לא ניתנה ביקורת שיפוטית. היא ברחה מהונדורס."
        document = make_document(text, id="heb", title="אם גורשה", source="heb.txt")
        ledger = site.assistant.corpus.ledger
        ledger.held = (*ledger.held, document)
        sentence = Sentence(text=text[:28], start=0, end=28, citations=(1,), verdict="verbatim", support=1.0)
        site.assistant.script = lambda question: [
            make_answer(question, sentences=(sentence,), citations=(make_citation(document, text[:28]),))
        ]
        ask(page, "מה קרה?")
        paragraph = newest(page).locator(".answer p").first
        for part in (paragraph, newest(page).locator("blockquote").first):
            assert part.evaluate("e => getComputedStyle(e).direction") == "rtl"
        # The mark follows the words: it stands on their left.
        box, mark = (paragraph.locator(part).bounding_box() for part in (".said", ".mark"))
        assert mark["x"] < box["x"]
        page.locator("#newest .mark").click()
        span = page.frame_locator("#source iframe").locator("mark")
        beside = page.frame_locator("#source iframe").locator("article")
        right = [place.bounding_box()["x"] + place.bounding_box()["width"] for place in (span, beside)]
        assert abs(right[0] - right[1]) < 2

    @pytest.mark.parametrize(
        "question", ["Wer hat die Überprüfung verweigert?", "¿Quién la negó, señor Núñez?"]
    )
    def test_german_and_spanish_are_shown_as_written(self, page, site, question):
        said = f"„{question}“, fragte Müller – ¡qué pregunta!"
        sentence = Sentence(text=said, start=0, end=len(said), citations=(1,), verdict="partly", support=0.4)
        site.assistant.script = lambda asked: [make_answer(asked, sentences=(sentence,))]
        ask(page, question)
        expect(newest(page).locator(".said")).to_have_text(said)
        page.reload()
        expect(newest(page).locator(".said")).to_have_text(said)


class TestBrowser:
    def test_no_other_host_is_asked_for_anything(self, browser, site):
        page = visit(browser, site)
        for state in ("source", "disputed", "refused", "evaluation"):
            page.click("[data-act=view][data-view=chat]")
            show(page, site, state)
        assert page.foreign == []
        page.context.close()

    def test_first_page_can_be_used_soon(self, browser, site):
        times = []
        for _ in range(3):
            context = browser.new_context()
            page = context.new_page()
            began = time.monotonic()
            page.goto(site.url)
            page.wait_for_selector("#question textarea")
            page.wait_for_selector(".welcome")
            times.append(time.monotonic() - began)
            context.close()
        # The aim is 1.5 s; a machine that is busy with other tests is given more.
        assert min(times) < 6

    def test_policy_lets_no_inline_script_run(self, page):
        policy = httpx.get(page.url).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        scripts = re.search(r"script-src ([^;]*)", policy)[1]
        assert "'unsafe-inline'" not in scripts and "http" not in scripts and "*" not in scripts
        page.evaluate(
            """() => {
                const bad = document.createElement("div");
                bad.innerHTML = "<img src=x onerror='window.ran = 1'>";
                document.body.append(bad);
                const script = document.createElement("script");
                script.textContent = "window.ran = 1";
                document.body.append(script);
            }"""
        )
        page.wait_for_timeout(300)
        assert page.evaluate("window.ran") is None

    @pytest.mark.parametrize(
        "path",
        [
            "gradio_api/proxy=http://example.org/",
            "gradio_api/file=/etc/passwd",
            "gradio_api/deep_link",
            "gradio_api/runs",
            "gradio_api/vibe-code/",
            "gradio_api/openapi.json",
            "gradio_api/app_id",
            "monitoring",
            "login/../monitoring",
            "svelte/index.js",
            "custom_component/x",
            "robots.txt",
            "nowhere",
        ],
    )
    def test_what_gradio_brings_and_the_chat_does_not_need_is_not_there(self, site, path):
        response = httpx.get(f"{site.url}/{path}")
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"

    def test_other_sites_get_no_leave_from_gradio(self, site):
        headers = {"origin": "http://evil.example"}
        for path in ("/", "/config", "/theme.css"):
            response = httpx.get(site.url + path, headers=headers)
            assert not [name for name in response.headers if name.startswith("access-control-")]
        refused = httpx.post(f"{site.url}/gradio_api/queue/join", json={}, headers=headers)
        assert refused.status_code == 403
        assert httpx.get(site.url, headers={"host": "evil.example"}).status_code == 421

    def test_all_other_doors_still_open_their_own_rooms(self, site):
        assert httpx.get(f"{site.url}/v1/health").json()["status"] == "ok"
        assert "A mother is deported" in httpx.get(f"{site.url}/documents/b10c").text
        assert "/v1/answers" in httpx.get(f"{site.url}/openapi.json").json()["paths"]


class TestToken:
    def test_reader_logs_in_once_and_then_asks(self, browser, tmp_path):
        with running_site(tmp_path, token="a long s3cret") as site:
            for path in (
                "/config",
                "/gradio_api/info",
                "/chat/static/chat.js",
                "/assets/x.js",
                "/chat/evaluation",
            ):
                assert httpx.get(site.url + path).status_code == 401
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{site.url}/documents/b10c?start=1&end=5")
            assert serious(page) == []
            page.fill("#token", "wrong")
            page.keyboard.press("Enter")
            expect(page.locator(".notice")).to_be_visible()
            page.fill("#token", "a long s3cret")
            page.keyboard.press("Enter")
            expect(page.locator("mark")).to_be_visible()
            page.goto(site.url)
            expect(page.locator(".welcome")).to_be_visible()
            ask(page)
            page.locator("#newest .mark").first.click()
            expect(page.frame_locator("#source iframe").locator("mark")).to_be_visible()
            context.close()


def test_what_counts_as_ours(site):
    assert is_ours(f"{site.url}/x", site) and not is_ours("https://fonts.example/x", site)
