"""What reaches the terminal, whatever the documents hold."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from qa.model_files import MANIFEST
from qa.rendering import fetch_progress, follow, show_outcome, show_passages, show_sources
from tests.scripted import events_of, make_answer, make_disputed, make_document, make_passage

HOSTILE = "\x1b]0;owned\x07[bold red]markup[/] \x1b[2Jgone\rover \u202eback :smile: \x9b31m[/nothing]"
HARMLESS = "]0;owned[bold red]markup[/] [2Jgone over back :smile: 31m[/nothing]"


def terminal(width=100):
    return Console(file=io.StringIO(), force_terminal=True, color_system=None, width=width, highlight=False)


def printed(console):
    return console.file.getvalue()


@pytest.mark.parametrize("make_console", [terminal, lambda: Console(file=io.StringIO(), highlight=False)])
def test_hostile_text_is_shown_as_harmless_text(make_console):
    answer = make_disputed()
    citation = replace(answer.citations[0], quote=HOSTILE, title=HOSTILE, source=HOSTILE)
    passage = replace(make_passage(make_document()), text=HOSTILE, title=HOSTILE, source=HOSTILE)
    accounts = tuple(replace(account, holder=HOSTILE, text=HOSTILE) for account in answer.accounts)
    sentence = replace(answer.sentences[0], text=HOSTILE)
    answer = replace(answer, sentences=(sentence,), citations=(citation,), accounts=accounts)
    console = make_console()
    follow(events_of(answer), console, lambda line: None)
    show_outcome(answer, console)
    show_outcome(replace(answer, status="unanswerable", reason=HOSTILE), console)
    show_sources(answer.citations, "http://x", console)
    show_passages((passage,), console)
    out = printed(console)
    assert not set(out) & set("\x1b\x07\r\x9b\u202e")
    assert f"“{HARMLESS}”" in out


def test_correction_is_announced():
    answer = make_answer("Why was she given review?")
    answer = replace(answer, sentences=(replace(answer.sentences[0], corrects=True),))
    console = terminal()
    follow(events_of(answer), console, lambda line: None)
    announced, said = printed(console).splitlines()
    assert announced == "The documents say otherwise than the question:" and said.startswith("She was denied")


def test_accounts_stand_side_by_side_in_a_wide_terminal():
    console = terminal()
    show_outcome(make_disputed(), console)
    lines = printed(console).splitlines()
    assert any("680 arrests" in line and "600 arrests" in line for line in lines)
    assert any("The wire story" in line and "The blog" in line for line in lines)


def test_accounts_stand_below_each_other_in_a_narrow_terminal():
    console = terminal(width=30)
    show_outcome(make_disputed(), console)
    assert all(len(line) <= 30 for line in printed(console).splitlines())


def test_pipe_gets_whole_lines():
    console = Console(file=io.StringIO(), width=40)
    answer = make_answer()
    quote = "word " * 60
    show_sources((replace(answer.citations[0], quote=quote),), "http://x", console)
    assert f"“{quote.strip()}”" in printed(console)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("verbatim", "word for word"),
        ("supported", "supported"),
        ("partly", "partly supported"),
        ("unsupported", "not supported"),
    ],
)
def test_verdict_is_told_in_words(verdict, words):
    answer = make_answer()
    answer = replace(answer, sentences=(replace(answer.sentences[0], verdict=verdict),))
    console = terminal()
    follow(events_of(answer), console, lambda line: None)
    assert f"({words})" in printed(console)


@pytest.mark.parametrize("make_console", [terminal, lambda: Console(file=io.StringIO(), highlight=False)])
def test_fetching_shows_each_file_and_nothing_when_there_is_nothing_to_fetch(make_console):
    console = make_console()
    with fetch_progress(console):
        pass
    assert printed(console) == ""
    with fetch_progress(console) as on_progress:
        on_progress(MANIFEST[0], 5, 10, "wheels")
    assert f"{MANIFEST[0].name} wheels" in printed(console)
