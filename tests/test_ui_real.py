"""One whole conversation in a real browser with the real language model over the five articles."""

import re

import pytest
from playwright.sync_api import expect

from qa import Assistant, Config
from tests.chat_page import Site, ask, headless_chromium, newest, questions, visit  # noqa: F401
from tests.library import SEEDS

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]

PATIENCE_MS = 600_000
QUESTION = "What did John Kelly say about the use of military forces?"
FOLLOW_UP = "And what did he say about mass deportations?"


@pytest.fixture(scope="module", name="site")
def server_with_the_real_assistant(tmp_path_factory):
    config = Config(
        data_dir=tmp_path_factory.mktemp("data"), documents_dir=SEEDS, models_dir=Config.from_env().models_dir
    )
    with Assistant.from_config(config) as assistant:
        assistant.corpus.sync(SEEDS)
        site = Site(config)
        site.assistant = assistant
        site.start()
        yield site
        site.stop()


def answer_to(page, question):
    """The settled answer, every sentence of which stands on a source."""
    ask(page, question, wait=False)
    expect(newest(page).locator("h2").first).to_have_text(question)
    expect(newest(page)).to_have_attribute("data-state", re.compile("settled|broken"), timeout=PATIENCE_MS)
    expect(newest(page)).to_have_attribute("data-state", "settled")
    expect(newest(page)).to_have_class(re.compile("answered|disputed"))
    sayings = newest(page).locator(".answer :is(.sentence, .says)")
    assert sayings.count() > 0
    for saying in sayings.all():
        assert saying.locator(".mark").count() > 0, saying.inner_text()
    return newest(page)


def quotes(exchange):
    return [" ".join(quote.split()) for quote in exchange.locator(".cited blockquote").all_inner_texts()]


def highlighted(page, mark):
    """What is marked in the source that a click on `mark` opens, in one line."""
    mark.click()
    span = page.frame_locator("#source iframe").locator("mark")
    expect(span.first).to_be_in_viewport()
    text = " ".join(" ".join(span.all_inner_texts()).split())
    page.click("[data-act=close]")
    return text


def test_conversation_from_the_first_question_to_its_return_after_a_reload(browser, site):
    page = visit(browser, site)
    expect(page.locator(".welcome")).to_contain_text("5 documents are ready")

    first = answer_to(page, QUESTION)
    expect(first.locator(".answer")).to_contain_text("military")
    assert any("military" in quote for quote in quotes(first))
    texts = [" ".join(document.text.split()) for document in site.assistant.corpus.ledger.documents()]
    mark = first.locator(".answer .mark").first
    told = quotes(first)[int(mark.inner_text()) - 1]
    assert highlighted(page, mark) == told and any(told in text for text in texts)

    second = answer_to(page, FOLLOW_UP)
    expect(second.locator(".status")).to_contain_text(re.compile("Understood as: .*Kelly"))
    expect(second.locator(".answer")).to_contain_text("mass deportations")
    kept = quotes(second)
    assert kept and all(any(quote in text for text in texts) for quote in kept)

    page.reload()
    expect(newest(page)).to_have_attribute("data-state", "settled")
    assert questions(page) == [QUESTION, FOLLOW_UP]
    assert quotes(newest(page)) == kept and quotes(page.locator("#past .exchange")) != []
    assert highlighted(page, page.locator("#past .answer .mark").first) == told
    assert page.foreign == [] and page.faults == []
    page.context.close()
