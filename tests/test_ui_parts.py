"""The parts of the web chat without a browser: rendering, files, suggestions, what is kept, the frame."""

import asyncio
import json
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from qa import DataError, InputError
from tests.payloads import PAYLOADS
from tests.scripted import (
    make_answer,
    make_citation,
    make_disputed,
    make_document,
    make_entry,
    make_passage,
    make_unanswerable,
)
from ui import feedback, suggestions
from ui.asking import Asking
from ui.conversation import Asked, Conversation, Exchange, Rated, kept, parse
from ui.exports import export
from ui.frame import SERVED, framed, security_policy
from ui.rendering import Rendering, day, evidence, seconds, snippet, undisputed
from ui.shelf import scope
from ui.views import Broken, Settled, Working

DOCUMENTS = (
    make_document(
        "In March John Kelly met Bob Casey. There were 680 arrests in a week.", id="a", source="a.txt"
    ),
    make_document(
        "The senator praised John Kelly. There were 600 arrests in a week.", id="b", source="b.txt"
    ),
)
TOWN = make_document(
    "The mill was built in 1820. In March 1901, Maria Lopez bought the mill. It was a ruin. "
    "Maria Lopez employed 40 workers. Dr. Anna Weber bought the mill because nobody else would.",
    id="t",
    source="t.txt",
)


def answered_from(document, quote):
    return make_answer(
        "And the mill?", citations=(make_citation(document, quote),), passages=(make_passage(document),)
    )


@pytest.fixture(scope="module", name="rendering")
def parsed_templates():
    return Rendering()


def service(*documents, owned=()):
    """What the chat needs of the server, over documents that are searched by a word."""

    def find(question, wanted=()):
        words = set(question.casefold().strip("?").split())
        return [make_passage(d) for d in documents if words & set(d.text.casefold().split())]

    everyones = {document.id: document.source for document in documents}
    ledger = SimpleNamespace(
        documents=lambda owner=None: documents,
        document=lambda document_id: next((d for d in documents if d.id == document_id), None),
        sources=lambda owner=None: {**everyones, **dict.fromkeys(owned if owner == "me" else (), "mine.txt")},
    )
    corpus = SimpleNamespace(ledger=ledger)
    return SimpleNamespace(assistant=SimpleNamespace(corpus=corpus, retriever=SimpleNamespace(find=find)))


class TestRendering:
    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_payload_adds_no_element(self, rendering, payload):
        def tags(text):
            document = make_document(f"{text} x", title=text, source=text)
            answer = replace(
                make_answer(text), reason=text, passages=(replace(make_passage(document), cited=False),)
            )
            views = (
                Working(question=text, message=text, passages=(make_passage(document),)),
                Broken(question=text, title=text, detail=text),
                Settled(answer=answer, follow_ups=(text,)),
                Settled(answer=replace(make_unanswerable(text), reason=text)),
            )
            return [rendering.view(view).count("<") for view in views]

        assert tags(payload) == tags("harmless")

    def test_link_is_made_anew_whatever_the_browser_kept(self, rendering):
        answer = make_answer()
        citation = replace(answer.citations[0], url="javascript:ran()", document_id="x/../../y?z")
        html = rendering.view(Settled(answer=replace(answer, citations=(citation,))))
        assert "javascript:" not in html
        assert "/documents/x%2F..%2F..%2Fy%3Fz?start=" in html

    def test_link_names_the_version_that_was_cited(self):
        assert evidence("d", 1, 5, "abc") == "/documents/d?start=1&end=5&version=abc"
        assert evidence("d") == "/documents/d"

    def test_sentence_that_an_account_repeats_is_not_said_twice(self):
        answer = make_disputed()
        told = replace(answer.accounts[0], text=answer.sentences[0].text)
        assert undisputed(replace(answer, accounts=(told,))) == ()
        assert undisputed(answer) == answer.sentences

    def test_account_does_not_say_again_what_it_quotes(self, rendering):
        quotes = "The mill was built in 1820.", "It was a ruin."
        citations = tuple(make_citation(TOWN, quote, number) for number, quote in enumerate(quotes, 1))
        answer = replace(make_disputed(), citations=citations, sentences=())
        for text, repeated in ((" ".join(quotes), 0), ("The mill was a ruin.", 2)):
            account = replace(answer.accounts[0], text=text, citations=(1, 2))
            html = rendering.view(Settled(answer=replace(answer, accounts=(account,))))
            html = html.split("<section")[1].split("</section>")[0]
            assert html.count("<blockquote") == repeated
            assert html.count(">Read it in") == max(1, repeated)

    def test_earlier_answers_cannot_be_edited_or_asked_again(self, rendering):
        html = rendering.past([Settled(answer=make_answer(), follow_ups=("And?",))])
        assert 'data-act="edit"' not in html and 'data-act="again"' not in html and "And?" not in html

    @pytest.mark.parametrize(
        ("state", "told"),
        [("none", "quotes alone"), ("loading", "still being loaded"), ("ready", None)],
    )
    def test_first_page_says_when_the_model_is_not_ready(self, rendering, state, told):
        html = rendering.welcome([make_entry(DOCUMENTS[0])], (), state)
        assert ('class="note"' in html) == bool(told) and (told or "") in html

    def test_first_page_without_documents_leads_to_where_they_are_added(self, rendering):
        assert 'data-view="documents"' in rendering.welcome([], (), "ready")

    def test_small_words(self):
        assert day("2017-02-24") == "24 February 2017" and day("soon") == "soon"
        assert seconds(999) == "999 ms" and seconds(1500) == "1.5 s"
        assert snippet("word " * 100).endswith("word …") and snippet("a\nb") == "a b"


class TestFromTheBrowser:
    @pytest.mark.parametrize(
        "sent",
        [
            None,
            7,
            "",
            "no json",
            "[]",
            {"question": 1},
            {"question": "x", "more": 1},
            {"question": "x", "history": "x"},
            {"question": "x", "history": [{"role": "system", "content": "x"}]},
            {"question": "x", "history": [{"role": "user", "content": "x" * 20_001}]},
            {"question": "x", "history": [{"role": "user", "content": "x"}] * 41},
            {"question": "x", "documents": ["x" * 201]},
        ],
    )
    def test_what_cannot_be_used_is_refused_in_words(self, sent):
        with pytest.raises(InputError, match="Reload the page"):
            parse(Asked, sent)

    def test_what_was_kept_can_be_read_again(self):
        answer = make_disputed()
        sent = json.loads(json.dumps({"id": "c", "exchanges": [kept(answer, ("And why?",))]}))
        (exchange,) = parse(Conversation, sent).exchanges
        assert exchange.answer == answer and exchange.follow_ups == ("And why?",)


class TestFiles:
    CONVERSATION = Conversation(
        title="T*itle", exchanges=(Exchange(answer=make_disputed("Who *said* <b>so</b>?")),)
    )

    def test_markdown_is_no_markup_of_the_documents(self, rendering):
        text = export(self.CONVERSATION, "markdown", rendering)
        assert "# T\\*itle" in text and "Who \\*said\\* \\<b\\>so\\</b\\>?" in text
        assert "She was denied judicial review. [1]" in text
        assert "- **The blog**: There were 600 arrests. [1]" in text

    def test_page_leads_from_each_account_to_its_quote(self, rendering):
        html = export(self.CONVERSATION, "html", rendering)
        assert html.count('href="#a1-1"') == 3 and html.count('id="a1-1"') == 1

    def test_json_can_be_read_back(self, rendering):
        assert parse(Conversation, export(self.CONVERSATION, "json", rendering)) == self.CONVERSATION

    @pytest.mark.parametrize("payload", ["</script><script>ran()</script>", "<!--<script>", "\u2028"])
    def test_data_does_not_leave_its_element(self, rendering, payload):
        conversation = Conversation(exchanges=(Exchange(answer=make_answer(payload)),))
        html = export(conversation, "html", rendering)
        assert html.count("<script") == html.count("</script>") == 1
        data = html.split('id="conversation">')[1].split("</script>")[0]
        assert json.loads(data)["exchanges"][0]["answer"]["question"] == payload


class TestSuggestions:
    def test_questions_of_another_folder_come_from_its_sentences_and_counts(self):
        found = suggestions.examples(service(*DOCUMENTS))
        assert {example.kind for example in found} == {"fact", "conflict", "absent"}
        texts = [example.question for example in found]
        assert "When did John Kelly meet Bob Casey?" in texts
        assert "How many arrests were there?" in texts
        assert any("telephone number" in text for text in texts)

    def test_question_that_people_wrote_is_offered_only_while_its_quotes_are_there(self):
        quote = "She said she was denied judicial review of it. Another was afforded judicial review."
        there = [e.question for e in suggestions.examples(service(make_document(quote)))]
        gone = [
            e.question for e in suggestions.examples(service(make_document("she was denied judicial review")))
        ]
        assert "Was the Honduran mother given judicial review?" in there
        assert gone == []

    def test_empty_folder_has_none(self):
        assert suggestions.examples(service()) == ()

    def test_follow_up_asks_what_stands_beside_the_quote(self):
        offered = suggestions.follow_ups(answered_from(TOWN, "The mill was built in 1820."), service(TOWN))
        assert offered[0] == "When did Maria Lopez buy the mill?"
        assert "How many workers did Maria Lopez employ?" in offered
        assert len({question.split()[0] for question in offered}) > 1

    def test_follow_up_never_asks_what_a_quote_has_just_told(self):
        quote = "In March 1901, Maria Lopez bought the mill."
        assert "When did Maria Lopez buy the mill?" not in suggestions.follow_ups(
            answered_from(TOWN, quote), service(TOWN)
        )

    def test_question_that_the_search_does_not_answer_with_its_sentence_is_not_offered(self):
        elsewhere = service(TOWN)
        elsewhere.assistant.retriever.find = lambda question, wanted=(): [make_passage(DOCUMENTS[0])]
        assert suggestions.follow_ups(answered_from(TOWN, "The mill was built in 1820."), elsewhere) == ()
        facts = [e for e in suggestions.examples(elsewhere) if e.kind == "fact"]
        assert facts == []

    def test_private_document_is_searched_for_its_owner_alone(self):
        asked = []
        mine = service(TOWN)
        mine.assistant.retriever.find = lambda question, wanted=(): asked.append(wanted) or []
        suggestions.follow_ups(answered_from(TOWN, "The mill was built in 1820."), mine, (TOWN.id,))
        assert set(asked) == {(TOWN.id,)}

    def test_page_furniture_and_markup_give_no_question(self):
        text = (
            "The mill was built in 1820.\n\nIn May 1990, John Kelly opened the page.\n\n"
            "<b>In May 1990, Bob Casey wrote the page.</b>\n\n# In May 1990, Ada Byron read the page."
        )
        start = text.index("In May")
        document = make_document(text, id="m", skipped=((start, start + 40),))
        answer = answered_from(document, "The mill was built in 1820.")
        assert suggestions.follow_ups(answer, service(document)) == ()


class TestScope:
    def test_all_are_asked_when_none_is_chosen(self):
        assert scope(service(*DOCUMENTS), "", ()) == ()

    def test_own_documents_are_asked_beside_those_of_everyone(self):
        assert scope(service(*DOCUMENTS, owned=("m",)), "me", ()) == ("a", "b", "m")
        assert scope(service(*DOCUMENTS, owned=("m",)), "other", ()) == ()

    def test_chosen_document_that_is_gone_or_not_mine_is_left_out(self):
        assert scope(service(*DOCUMENTS, owned=("m",)), "me", ("a", "m", "gone")) == ("a", "m")
        assert scope(service(*DOCUMENTS, owned=("m",)), "other", ("m", "b")) == ("b",)


class TestFeedback:
    def test_every_opinion_is_a_line(self, tmp_path):
        rated = Rated(answer=make_answer(), rating="up", reason="line\nbreak")
        feedback.keep(rated, tmp_path)
        feedback.keep(rated, tmp_path)
        lines = (tmp_path / feedback.FILE).read_text(encoding="utf-8").splitlines()
        assert len(lines) == 2
        assert json.loads(lines[0]).keys() == {"time", "question", "history", "answer", "rating", "reason"}


class TestFrame:
    def test_policy_names_every_inline_script_and_no_other(self):
        policy = security_policy("<script>a</script><script src='x.js'></script><script type=x>b</script>")
        assert policy.count("'sha256-") == 2 and "'unsafe-inline'" not in policy.split("style-src")[0]

    def test_page_tells_other_sites_nothing(self):
        html = framed('<head><meta property="og:image" content="https://x.example/y.png" /></head>', "Title")
        assert "x.example" not in html and "<title>Title</title>" in html

    @pytest.mark.parametrize("path", ["/assets/index.js", "/theme.css", "/gradio_api/queue/join", "/config"])
    def test_what_the_chat_needs_is_served(self, path):
        assert SERVED.fullmatch(path)

    @pytest.mark.parametrize(
        "path", ["/gradio_api/file=/etc/passwd", "/gradio_api/upload", "/login", "/monitoring"]
    )
    def test_nothing_else_is(self, path):
        assert not SERVED.fullmatch(path)


class TestSettling:
    @pytest.mark.parametrize("trouble", [DataError("gone"), 2])
    def test_answer_does_not_wait_long_or_fail_for_the_questions_to_go_on_with(self, monkeypatch, trouble):
        def seek(*_):
            if isinstance(trouble, Exception):
                raise trouble
            time.sleep(trouble)

        monkeypatch.setattr("ui.asking.follow_ups", seek)

        async def events(*_):
            yield make_answer()

        async def views():
            asking = Asking(Asked(question="Why?"))
            line = SimpleNamespace(line=(), events=events, assistant=service(TOWN).assistant)
            return [(view, time.monotonic()) async for view in asking.views(line)]

        began = time.monotonic()
        shown = asyncio.run(views())
        # Once: what settles again takes away what the reader has begun to write or opened in it.
        assert [isinstance(view, Settled) for view, _ in shown].count(True) == 1
        last, settled = shown[-1]
        assert isinstance(last, Settled) and last.follow_ups == () and settled - began < 1.5
