"""One stage of the assistant switched off: by wrappers around a real assistant with a scripted model."""

import threading

import numpy as np
import pytest

from evals.ablation import Ablation, as_json, as_markdown
from evals.run import evaluate
from evals.switches import STAGES, Agreeing, Parting, Recording, apart, has_work, read_stages, without
from evals.types import Report
from qa import Assistant, Config, InputError, Prompt, Turn
from qa.corpus import Corpus
from tests.drafting import DraftingModel
from tests.evaluation import answer, case, document, engine, refusal
from tests.fakes import HashEmbedding
from tests.scripted import make_document, make_passage

WIRE = "Arrests\n\nThe border police made 680 arrests in one week.\n\nThe minister spoke on Monday."
BLOG = "Raids\n\nThe border police made 600 arrests in one week, the blog says.\n\nIt rained all day."
ASKED = "How many arrests did the border police make in one week?"
HISTORY = (Turn(role="user", content="Who spoke?"), Turn(role="assistant", content="The minister."))


@pytest.fixture(name="assistant_with")
def assistant_over_two_reports(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "wire.txt").write_text(WIRE)
    (folder / "blog.txt").write_text(BLOG)
    embedder = HashEmbedding()
    with Corpus.open(Config(data_dir=tmp_path / "data"), embedder) as corpus:
        corpus.sync(folder)
        yield lambda model: Assistant(Config(documents_dir=folder), corpus, Embedder(embedder), model)


class Embedder:
    """What the assistant asks of its embedder, by way of the one that needs no model."""

    def __init__(self, embedding):
        self._embedding = embedding

    def __getattr__(self, name):
        return getattr(self._embedding, name)

    def embed_kept(self, texts):
        return np.array([self._embedding._get_query_embedding(text) for text in texts], dtype=np.float32)


def ask(assistant, stage, question=ASKED, history=()):
    return without(stage)(assistant)[1](question, history, ())


def prompt(passages, question):
    return Prompt(system="S", user=f"{passages}\n\nQuestion: {question}\nAnswer.")


class TestModels:
    def test_one_that_agrees_never_asks(self):
        model = DraftingModel(odds=0.0)
        assert Agreeing(model).yes([prompt("P", "Q")] * 2, threading.Event()) == ([1.0, 1.0], 0)
        assert model.asked == []

    def test_one_prompt_over_several_passages_becomes_one_for_each(self):
        one, other = 'Passage from "A":\nA says 1.', 'Passage from "B":\nB says 1.'
        made = apart(prompt(f"{one}\n\n{other}", "Q?"))
        assert made == (prompt(one, "Q?"), prompt(other, "Q?"))
        assert apart(prompt(one, "Q?")) == (prompt(one, "Q?"),)

    def test_what_is_written_from_each_passage_is_one_answer(self):
        model = DraftingModel({"A says": "It is one.", "B says": "They are two."})
        asked = prompt('Passage from "A":\nA says 1.\n\nPassage from "B":\nB says 2.', "Q?")
        (piece,) = Parting(model).write([asked], 72, threading.Event())
        assert (piece.text, piece.finished, len(model.asked)) == ("It is one. They are two.", True, 2)

    def test_a_model_behind_another_is_closed_with_it(self):
        model = DraftingModel()
        Recording(model).close()
        assert model.closed


class TestStages:
    def test_without_the_checker_a_draft_is_told_whatever_it_says(self, assistant_with):
        model = DraftingModel({"Arrests": "The police made 999 arrests in Paris."})
        assistant = assistant_with(model)
        assert "999" not in assistant.ask(ASKED).answer
        raw = ask(assistant, "checker")
        assert raw.status == "answered" and raw.answer == "The police made 999 arrests in Paris. [1]"
        assert raw.sentences[0].verdict == "unsupported"
        (cited,) = raw.citations
        held = assistant.corpus.ledger.document(cited.document_id)
        assert held.source == "wire.txt" and held.text[cited.start : cited.end] == cited.quote

    def test_a_rewritten_question_is_no_draft_though_it_quotes_a_passage(self, assistant_with):
        said = "The border police made 680 arrests in one week."
        talk = (Turn(role="user", content="What happened?"), Turn(role="assistant", content=said))
        model = DraftingModel(rewritten="How many arrests did the border police make in one week?")
        assert ask(assistant_with(model), "checker", "How many was that?", talk).status == "unanswerable"

    def test_of_two_looks_the_first_is_told(self):
        class TwoLooks(DraftingModel):
            def _reply(self, prompt, max_tokens):
                return "Second." if "more" in prompt.user else "First."

        recording = Recording(TwoLooks())
        recording.searched = True
        passage = make_passage(make_document("The boy is five. He has more."))
        for read in ("The boy is five.", "The boy is five. He has more."):
            list(recording.write([prompt(read, "How old?")], 72, threading.Event()))
        list(recording.write([prompt("He has more.", "What has he?")], 72, threading.Event()))
        assert [text for text, _ in recording.drafts([passage])] == ["First.", "Second."]

    def test_without_the_checker_what_the_model_refuses_stays_refused(self, assistant_with):
        raw = ask(assistant_with(DraftingModel()), "checker")
        assert raw.status == "unanswerable" and raw.reason and raw.citations == ()

    def test_without_its_opinion_the_model_is_not_asked_for_yes_or_no(self, assistant_with):
        model = DraftingModel({"Arrests": "The border police made 680 arrests."})
        ask(assistant_with(model), "opinion")
        assert model.asked and not [one for one in model.asked if "Yes or No" in one.user]

    def test_without_the_joint_prompt_each_source_is_read_by_itself(self, assistant_with):
        model = DraftingModel({"Arrests": "The border police made 680 arrests in one week."})
        assistant = assistant_with(model)
        assistant.ask(ASKED)
        assert "680" in model.asked[0].user and "600" in model.asked[0].user
        model.asked.clear()
        given = ask(assistant, "joint")
        assert not ("680" in model.asked[0].user and "600" in model.asked[0].user)
        assert given.status == "disputed" and "680" in given.answer and "600" in given.answer

    def test_without_refusal_what_was_written_first_is_told(self, assistant_with):
        model = DraftingModel({"Arrests": "The mayor of Lima is 12 years old."})
        assistant = assistant_with(model)
        assert assistant.ask(ASKED).status == "unanswerable"
        given = ask(assistant, "refusal")
        assert given.status == "answered" and "mayor of Lima" in given.answer

    def test_without_refusal_what_is_answered_stays_as_it_is(self, assistant_with):
        assistant = assistant_with(DraftingModel({"Arrests": "The border police made 680 arrests."}))
        whole = assistant.ask(ASKED)
        assert whole.status == "disputed" and ask(assistant, "refusal").answer == whole.answer

    def test_without_rewriting_the_conversation_is_not_heard(self, assistant_with):
        model = DraftingModel(rewritten="Who spoke on Monday?")
        assistant = assistant_with(model)
        asked = "And when did he do that?"
        assert assistant.ask(asked, HISTORY).standalone_question != asked
        assert ask(assistant, "rewriting", asked, HISTORY).standalone_question == asked

    @pytest.mark.parametrize("stage", STAGES)
    def test_the_assistant_itself_is_as_before(self, assistant_with, stage):
        model = DraftingModel({"Arrests": "The border police made 680 arrests."})
        assistant = assistant_with(model)
        ask(assistant, stage)
        assert assistant.model is model and "680" in assistant.ask(ASKED).answer

    def test_without_a_model_the_next_command_is_named(self, assistant_with):
        with pytest.raises(InputError, match="qa models fetch"):
            without("checker")(assistant_with(None))

    def test_stages_are_read_by_name(self):
        assert read_stages([]) == tuple(STAGES)
        assert read_stages(["refusal", "checker"]) == ("checker", "refusal")
        with pytest.raises(InputError, match="'magic'"):
            read_stages(["magic"])

    def test_only_what_a_stage_has_a_part_in_is_asked_again(self):
        assert not has_work("rewriting", answer("five"), ()) and has_work(
            "rewriting", answer("five"), HISTORY
        )
        assert not has_work("refusal", answer("five"), ()) and has_work("refusal", refusal(), ())
        assert has_work("checker", answer("five"), ())


class TestTable:
    def ablation(self):
        def report(told):
            held = engine(lambda question, history: told(question), document())
            cases = [case(id=str(n), question=str(n), cluster=str(n)) for n in range(12)]
            return Report(
                results=evaluate(held, cases).results, suite="seeds", engine="scripted", checker="w"
            )

        whole = report(lambda question: answer("He is five."))
        worse = report(lambda question: answer("He is ten." if int(question) < 9 else "He is five."))
        return Ablation(whole=whole, without={"checker": worse, "opinion": whole})

    def test_a_row_tells_what_was_lost_and_whether_by_chance(self):
        made = as_json(self.ablation())["without"]["checker"]
        assert made["answers_changed"] == 9
        assert made["right"]["change"] == pytest.approx(-0.75) and made["right"]["interval"][1] < 0
        assert made["mcnemar"]["only_whole"] == 9 and made["mcnemar"]["p"] < 0.01
        assert made["figures"]["all"]["right"]["value"] == pytest.approx(0.25)

    def test_a_switch_that_takes_nothing_away_is_seen(self):
        told = as_markdown(self.ablation())
        assert "| without opinion | 0 of 12 |" in told
        assert "| without checker | 9 of 12 | -75.0 points" in told and "9 lost, 0 won" in told
        assert STAGES["checker"] in told
