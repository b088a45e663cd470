"""The command line as a person types it."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from qa import cli
from qa.config import Config
from qa.corpus import Corpus
from qa.errors import InputError, ModelError
from qa.lock import DataLock
from qa.model_files import MANIFEST
from qa.types import Turn
from tests.desk import WIRE, desk_with_two_documents  # noqa: F401
from tests.fakes import HashEmbedding
from tests.scripted import events_of, make_answer, make_disputed, make_unanswerable

ROOT = Path(__file__).parent.parent


class TestAsk:
    def test_sentences_come_with_marks_and_verdicts_and_the_sources_below(self, desk):
        result = desk.qa("ask", "Was she given review?")
        citation = make_answer().citations[0]
        assert result.code == 0
        said, _, sources = result.out.partition("\nSources\n")
        assert said == "She was denied judicial review. [1] (word for word)\n"
        assert sources.splitlines() == [
            "[1] A mother is deported — one.txt, 2017-02-24",
            "    “She was denied judicial review.”",
            f"    http://127.0.0.1:8000{citation.url}",
        ]

    def test_json_is_the_contract_object_and_nothing_else(self, desk):
        result = desk.qa("ask", "--json", "Why?")
        assert result.code == 0
        assert json.loads(result.out) == json.loads(json.dumps(asdict(make_answer("Why?"))))
        assert "Looking for passages" in result.err

    def test_sentence_is_shown_before_the_next_one_is_made(self, desk):
        seen = []

        def script(question):
            yield from events_of(make_answer(question))[:-1]
            seen.append(desk._capfd.readouterr().out)
            yield make_answer(question)

        desk.assistant.script = script
        desk.qa("ask", "Why?")
        assert "She was denied judicial review." in seen[0]

    def test_empty_corpus_is_indexed_first_and_said_so(self, desk):
        first, second = desk.qa("ask", "Why?"), desk.qa("ask", "Why?")
        assert f"indexing {desk.documents}" in first.err
        assert "indexing" not in second.err

    def test_dispute_names_each_holder(self, desk):
        desk.answers(make_disputed)
        result = desk.qa("ask", "How many arrests?")
        assert result.code == 0
        assert "The documents disagree:" in result.out
        assert "The wire story: There were 680 arrests. [1]" in result.out
        assert "The blog: There were 600 arrests. [1]" in result.out

    def test_refusal_gives_the_reason_and_the_nearest_passages_and_is_no_failure(self, desk):
        desk.answers(make_unanswerable)
        result = desk.qa("ask", "Who is the mayor of Paris?")
        assert result.code == 0
        assert "No answer: No document names the mayor of Paris." in result.out
        assert "1. A mother is deported — one.txt, 2017-02-24" in result.out

    def test_answer_without_a_language_model_is_labelled(self, desk):
        desk.answers(lambda question: make_answer(question, model="extractive"))
        assert "No language model was used" in desk.qa("ask", "Why?").out

    def test_continue_passes_the_last_conversation_on(self, desk):
        desk.qa("ask", "Who fled?")
        desk.qa("ask", "--continue", "Why?")
        desk.qa("ask", "When?")
        histories = [turns for _, turns, _ in desk.assistant.asked]
        said = Turn(role="assistant", content=make_answer().answer)
        assert histories == [(), (Turn(role="user", content="Who fled?"), said), ()]

    def test_document_is_named_by_id_or_by_file(self, desk):
        desk.qa("index")
        with Corpus.open(Config(data_dir=desk.data), HashEmbedding()) as corpus:
            ids = {source: key for key, source in corpus.ledger.sources().items()}
        desk.qa("ask", "Why?", "--document", ids["wire.txt"], "-d", "blog")
        assert desk.assistant.asked[0][2] == (ids["wire.txt"], ids["blog.txt"])

    @pytest.mark.parametrize(
        ("name", "told"), [("nothing", "fits no document"), ("txt", "fits more than one")]
    )
    def test_document_that_is_not_clear_is_told_with_the_choice(self, desk, name, told):
        result = desk.qa("ask", "Why?", "--document", name)
        assert result.code == 1
        assert told in result.err and "blog.txt, wire.txt" in result.err
        assert desk.assistant.asked == []

    @pytest.mark.parametrize(
        ("question", "told"),
        [("", "no words"), ("\x00\x1b\u200b", "no words"), ("x" * 100_000, "100,000 characters")],
    )
    def test_question_that_is_none_costs_no_time(self, desk, question, told):
        result = desk.qa("ask", question)
        assert result.code == 1 and told in result.err and result.out == ""
        assert desk.opened == 0

    def test_control_characters_and_special_tokens_are_harmless(self, desk):
        assert desk.qa("ask", "<|im_end|> why\x07\x1b[31m?").code == 0
        assert desk.assistant.asked[0][0] == "<|im_end|> why[31m?"

    def test_question_comes_from_standard_input(self, desk):
        desk.qa("ask", "-", stdin="Why\nthat?\n")
        assert desk.assistant.asked[0][0] == "Why\nthat?"

    def test_failure_of_the_model_is_one_message(self, desk):
        desk.assistant.failure = ModelError("The engine died. Type: qa doctor")
        result = desk.qa("ask", "Why?")
        assert result.code == 1
        assert "The language model failed: The engine died. Type: qa doctor" in result.err

    def test_unforeseen_failure_is_one_line_and_a_traceback_only_on_demand(self, desk, monkeypatch, capfd):
        desk.assistant.failure = ZeroDivisionError("odd")
        result = desk.qa("ask", "Why?")
        assert result.code == 1
        assert "ZeroDivisionError: odd" in result.err and "QA_DEBUG=1" in result.err
        monkeypatch.setenv("QA_DEBUG", "1")
        monkeypatch.setattr(sys, "argv", ["qa", "ask", "Why?"])
        with pytest.raises(SystemExit):
            cli.main()
        assert "Traceback" in capfd.readouterr().err

    def test_interrupt_ends_with_130_and_frees_the_data_folder(self, desk):
        def script(question):
            raise KeyboardInterrupt
            yield

        desk.assistant.script = script
        assert desk.qa("ask", "Why?").code == 130
        DataLock(desk.data).release()

    def test_wrong_use_ends_with_2(self, desk):
        assert desk.qa("ask").code == 2
        assert desk.qa("ask", "Why?", "--nonsense").code == 2
        assert desk.qa("nonsense").code == 2

    def test_no_documents_names_the_folder_and_the_next_step(self, desk):
        for path in desk.documents.iterdir():
            path.unlink()
        result = desk.qa("ask", "Why?")
        assert result.code == 1
        assert str(desk.documents) in result.err and "qa index" in result.err

    def test_conversation_that_cannot_be_kept_does_not_cost_the_answer(self, desk):
        desk.qa("index")
        (desk.data / "conversation.json").mkdir()
        result = desk.qa("ask", "Why?")
        assert result.code == 0 and "denied judicial review" in result.out
        assert "conversation.json" in result.err

    def test_damaged_conversation_is_named_before_anything_is_loaded(self, desk):
        desk.data.mkdir()
        (desk.data / "conversation.json").write_text("{half")
        result = desk.qa("ask", "--continue", "Why?")
        assert result.code == 1 and "conversation.json" in result.err and "--continue" in result.err
        assert desk.opened == 0


class TestIndex:
    def test_each_file_is_listed_with_what_happened(self, desk):
        first = desk.qa("index")
        desk.put("wire.txt", WIRE + "\n\nMore arrests followed.")
        desk.put("new.txt", "A new report about the border.")
        desk.put("empty.txt", "")
        (desk.documents / "blog.txt").unlink()
        second = desk.qa("index")
        assert "2 added, 0 changed, 0 removed, 0 unchanged, 0 skipped" in first.out
        assert "1 added, 1 changed, 1 removed, 0 unchanged, 1 skipped" in second.out
        for line in ("added    new.txt", "changed  wire.txt", "removed  blog.txt", "skipped  empty.txt: "):
            assert line in second.out

    def test_folder_can_be_named(self, desk, tmp_path):
        other = tmp_path / "other"
        other.mkdir()
        (other / "report.txt").write_text("A report.")
        assert "added    report.txt" in desk.qa("index", str(other)).out

    def test_missing_folder_is_named(self, desk):
        result = desk.qa("index", "nowhere")
        assert result.code == 1 and "nowhere" in result.err

    def test_data_folder_of_another_process_is_told(self, desk):
        lock = DataLock(desk.data)
        result = desk.qa("index")
        lock.release()
        assert result.code == 1 and str(os.getpid()) in result.err and "in use" in result.err


class TestSearch:
    def test_best_passage_is_first_with_its_file(self, desk):
        result = desk.qa("search", "680 arrests border police")
        assert result.code == 0
        assert result.out.startswith("1. ") and "wire.txt" in result.out.splitlines()[0]
        assert "680 arrests" in result.out

    def test_limit_and_document_are_kept(self, desk):
        assert desk.qa("search", "the", "--limit", "1").out.count(". ") >= 1
        result = desk.qa("search", "arrests", "--document", "blog.txt")
        assert "blog.txt" in result.out and "wire.txt" not in result.out


class TestModels:
    def test_list_names_every_file_its_state_and_the_next_step(self, desk):
        for arguments in (("models",), ("models", "list")):
            result = desk.qa(*arguments)
            assert result.code == 0
            for file in MANIFEST:
                assert f"missing  {file.name}" in result.out
            assert "qa models fetch" in result.out

    def test_fetch_from_a_folder_that_lacks_them_says_which(self, desk, tmp_path):
        (tmp_path / "empty").mkdir()
        result = desk.qa("models", "fetch", "--from", str(tmp_path / "empty"))
        assert result.code == 1
        assert MANIFEST[0].name in result.err


class TestStart:
    def test_version_of_the_installed_command(self):
        command = Path(sys.executable).with_name("qa")
        done = subprocess.run([command, "version"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stdout.startswith("cited-qa ")

    def test_command_line_starts_without_the_engine(self):
        heavy = "chromadb llama_index fastapi onnxruntime openvino_genai httpx ftfy jinja2 uvicorn"
        code = f"import qa.cli, sys; print([name for name in {heavy.split()!r} if name in sys.modules])"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
        )
        assert done.stdout.strip() == "[]"

    def test_help_tells_the_exit_codes_and_settings(self, desk):
        out = desk.qa("--help").out
        for word in (
            "Exit codes",
            "130",
            "QA_TOKEN",
            "ask",
            "chat",
            "index",
            "search",
            "models",
            "doctor",
            "serve",
        ):
            assert word in out


def test_name_that_is_part_of_one_source_only_is_enough():
    sources = {"a" * 16: "wire/one.txt", "b" * 16: "wire/one.txt.bak", "c" * 16: "blog.txt"}
    assert cli.choose(["b" * 16, "wire/one.txt", "BLOG"], lambda: sources) == ("b" * 16, "a" * 16, "c" * 16)
    with pytest.raises(InputError, match="more than one"):
        cli.choose(["wire"], lambda: sources)
