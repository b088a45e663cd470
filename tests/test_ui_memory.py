"""Two hundred questions in one browser: neither the server nor the page grows."""

import gc
from pathlib import Path

import pytest

from tests.chat_page import (  # noqa: F401
    first_page,
    headless_chromium,
    newest,
    one_server_for_a_module,
    server_as_new,
)
from tests.scripted import events_of, make_answer

QUESTIONS = 200
WARM_UP = 60
CONVERSATION = 20
"""Questions until a new conversation is begun, as a page is as large as what it shows."""


def resident_bytes():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def page_bytes(page):
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used


@pytest.mark.timeout(900)
def test_memory_stays_flat_over_two_hundred_questions(page, site):
    site.assistant.script = lambda question: events_of(make_answer(question, id=question))
    for number in range(1, QUESTIONS + 1):
        question = f"Question {number}?"
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#newest [data-state=settled][data-id='{question}']")
        if number % CONVERSATION == 0:
            page.click("#history .new")
            page.wait_for_selector(".welcome")
        if number == WARM_UP:
            before = resident_bytes(), page_bytes(page)
    server, browser = resident_bytes() - before[0], page_bytes(page) - before[1]
    assert len(site.assistant.asked) == QUESTIONS
    assert server < 25_000_000, f"the server grew by {server:,} bytes"
    assert browser < 8_000_000, f"the page grew by {browser:,} bytes"
    assert page.locator("#history li").count() == QUESTIONS / CONVERSATION
