"""The reports that people and machines read: one page, Markdown, JUnit."""

import re
import shutil
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from playwright.sync_api import sync_playwright

from evals.comparison import compare
from evals.junit import as_junit
from evals.page import as_page
from evals.report import rows_of
from evals.run import evaluate
from evals.types import Case, Fact, Gold, Report, Stability
from evals.words import as_markdown, as_text
from tests.answerers import citation, composed
from tests.evaluation import case, document, engine, refusal

EVIL = "</script><script>window.hacked = 1</script><img src=x onerror=window.hacked=1> & \u202e`|*"
HELD = replace(document(f"The boy is five. {EVIL} He lives in Reading."), title=EVIL)


def cases() -> list[Case]:
    return [
        case(id="right", question="How old?"),
        case(id="wrong", question="How tall?", part="test", kind="dates", facts=(Fact(accept=("tall",)),)),
        case(id="refused", question="Where?", kind="several"),
        case(id="absent", question="Who?", kind="absent", facts=(), gold=(), refusal=True),
        case(id="failed", question=EVIL, note=EVIL),
        case(id="unjudged", question="What?", facts=(), gold=(), references=("Reading.",)),
        case(
            id="evil",
            question=f"Why {EVIL}?",
            forbidden=("hacked",),
            gold=((Gold(source="a.txt", quote=EVIL.split()[0]),),),
        ),
    ]


def ask(question, history):
    if question == EVIL:
        raise RuntimeError(EVIL)
    if question in ("Where?", "Who?"):
        return refusal()
    quote = citation({"a.txt": HELD}, "a.txt", "The boy is five.", 1)
    parts = [("The boy is five years old.", (1,)), (f"He is called Bob {EVIL}.", (1, 7)), ("A third.", ())]
    return composed(parts, (quote,), support=0.7)


@pytest.fixture(scope="module")
def report():
    run = evaluate(engine(ask, HELD), cases())
    return Report(
        results=run.results,
        suite="seeds",
        engine=EVIL,
        identity={"model": EVIL},
        checker="words, threshold 0.6",
        card={
            "checker": "words",
            "figures": {"wice": {"AUC": [0.7, 0.6, 0.8]}},
            "floor": {"wice": {"AUC": [0.7, 0.6, 0.8]}},
            "people": {"wice": "one label"},
            "own labels": {"labels": 12, "needed": 50},
        },
        left_out=(("draft", "is a draft"),),
        stability=Stability(asked=3, identical=3, respelled=3, flipped=1),
        started="2026-11-23T12:00:00+00:00",
        memory_mb=3600,
        note=EVIL,
    )


@pytest.fixture(scope="module")
def page(report):
    peer = replace(report, engine="the peer", peer=None)
    compared = compare(rows_of(report.results), rows_of(report.results))
    return as_page(replace(report, peer=peer), compared)


def test_the_page_asks_nothing_of_anybody_and_runs_our_script_only(page):
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "url(" not in page and "@import" not in page
    assert page.count("<script>") == 1 and "window.hacked = 1</script>" not in page
    assert "default-src &#39;none&#39;" in page


def test_the_page_tells_every_case_and_why_it_failed(page):
    for told in (
        "does not say tall",
        "refused, though the documents hold the answer",
        "12",
        "Beside the peer",
    ):
        assert told in page
    assert page.count('class="case ') == len(cases())


def test_an_empty_report_makes_a_page_too():
    assert "0 questions" in as_page(Report(results=()))


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no browser on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_nothing_runs_that_is_not_ours_and_nothing_hangs_over(
    browser, page, tmp_path, width, scheme
):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, faults = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text))
    tab.goto((tmp_path / "report.html").as_uri())
    for opened in tab.locator("details").all():
        opened.evaluate("each => { each.open = true }")
    assert len(asked) == 1 and faults == []
    assert tab.evaluate("window.hacked") is None
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.evaluate(over) <= 0
    tab.close()


def test_cases_can_be_filtered_and_searched(browser, page, tmp_path):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "report.html").as_uri())
    assert tab.locator("#shown").inner_text() == f"{len(cases())} of {len(cases())} shown"
    tab.select_option("#outcome", "fail")
    assert tab.locator(".case:visible").count() == 2
    tab.fill("#words", "TALL")
    assert tab.locator(".case:visible").count() == 1
    tab.select_option("#part", "dev")
    assert tab.locator("#shown").inner_text() == f"0 of {len(cases())} shown"
    tab.close()


def test_junit_has_a_verdict_for_every_case(report):
    root = ElementTree.fromstring(as_junit(report).encode())
    tags = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert tags == {
        "right": [],
        "wrong": ["failure"],
        "refused": ["failure"],
        "absent": [],
        "failed": ["error"],
        "unjudged": ["skipped"],
        "evil": ["failure"],
    }
    assert sum(int(suite.get("tests")) for suite in root) == len(cases())


def test_characters_that_xml_cannot_hold_are_replaced(report):
    odd = replace(report.results[0], error="\x00\ud800 gone")
    root = ElementTree.fromstring(as_junit(Report(results=(odd,))).encode())
    assert "gone" in ElementTree.tostring(root, encoding="unicode")


def test_markdown_is_no_markup_of_strangers(report):
    text = as_markdown(report)
    assert "<img" not in text and "<script" not in text
    rows = [line for line in text.splitlines() if line.startswith("| evil")]
    assert len(rows) == 1 and len(re.findall(r"(?<!\\)\|", rows[0])) == 6


def test_the_terminal_gets_the_whole_story(report):
    text = as_text(report)
    for told in ("Not right: 4, of which errors: 1", "Asked again: 3 of 3", "3600 MB", "AUC 0.700"):
        assert told in text
