import json
from dataclasses import asdict, replace

import pytest

from evals.cases import load
from evals.drafts import add_drafts, new_cases
from evals.feedback import case_from_feedback, cases_from_feedback
from qa import Assistant, Config, InputError
from qa.corpus import Corpus
from tests.drafting import DraftingModel
from tests.evaluation import case
from tests.fakes import HashEmbedding
from tests.scripted import make_answer, make_disputed, make_unanswerable
from tests.town import KNOWS, TOWN, VOTES

DRAFT = case(state="draft", note="Look at it.")


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class TestFile:
    def test_what_was_written_is_read_again(self, tmp_path):
        add_drafts([DRAFT], tmp_path / "cases.jsonl")
        assert load(tmp_path / "cases.jsonl") == (DRAFT,)

    def test_what_a_person_decides_stands_first_and_defaults_are_left_out(self, tmp_path):
        add_drafts([DRAFT], tmp_path / "cases.jsonl")
        (row,) = rows(tmp_path / "cases.jsonl")
        assert list(row)[:3] == ["state", "question", "note"]
        assert "standalone" not in row

    def test_lines_of_a_person_are_kept_as_they_are(self, tmp_path):
        path = tmp_path / "cases.jsonl"
        add_drafts([DRAFT], path)
        edited = path.read_text().replace("draft", "accepted").strip()
        path.write_text(edited)
        other = replace(DRAFT, id="other", question="What else?")
        assert add_drafts([DRAFT, other], path) == (other,)
        assert path.read_text().startswith(f"{edited}\n")
        assert [each.state for each in load(path)] == ["accepted", "draft"]

    def test_a_broken_file_is_named_before_anything_is_drafted(self, tmp_path):
        (tmp_path / "cases.jsonl").write_text("{}\n")
        with pytest.raises(InputError, match="line 1: id"):
            new_cases(tmp_path / "documents", 4, tmp_path / "cases.jsonl", Config())

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(InputError, match="name another file"):
            add_drafts([DRAFT], tmp_path / "file" / "cases.jsonl")

    def test_a_draft_may_lack_what_an_accepted_case_must_have(self, tmp_path):
        path = tmp_path / "cases.jsonl"
        add_drafts([replace(DRAFT, facts=(), gold=())], path)
        assert load(path)
        path.write_text(path.read_text().replace("draft", "accepted"))
        with pytest.raises(InputError, match="needs a vital fact"):
            load(path)


class TestNew:
    @pytest.fixture(name="folder")
    def folder_of_a_person(self, tmp_path, monkeypatch):
        (tmp_path / "papers").mkdir()
        (tmp_path / "papers" / "town.txt").write_text(TOWN)

        def from_config(config):
            embedder = HashEmbedding()
            self.config = config
            return Assistant(config, Corpus.open(config, embedder), embedder, DraftingModel(KNOWS))

        monkeypatch.setattr(Assistant, "from_config", from_config)
        return tmp_path / "papers"

    def test_cases_over_any_folder_are_written_for_a_person(self, folder, tmp_path):
        config = Config(data_dir=tmp_path / "data")
        added = new_cases(folder, 4, tmp_path / "cases.jsonl", config)
        assert load(tmp_path / "cases.jsonl") == added
        assert VOTES in [each.question for each in added]

    def test_the_index_of_other_documents_is_left_alone(self, folder, tmp_path):
        new_cases(folder, 2, tmp_path / "cases.jsonl", Config(data_dir=tmp_path / "data"))
        assert self.config.data_dir != tmp_path / "data"
        assert self.config.data_dir.is_relative_to(tmp_path / "data")

    def test_the_index_of_these_documents_is_used(self, folder, tmp_path):
        config = Config(data_dir=tmp_path / "data", documents_dir=folder)
        new_cases(folder, 2, tmp_path / "cases.jsonl", config)
        assert self.config.data_dir == tmp_path / "data"


def rated(answer, rating="down", **fields):
    row = {"time": "2026-01-01T00:00:00+00:00", "question": answer.question, "history": []}
    return row | {"answer": asdict(answer), "rating": rating, "reason": "Wrong name"} | fields


class TestFeedback:
    def test_a_thumbs_down_is_a_draft_with_the_reason_and_the_answer_that_must_fail(self):
        answer = make_answer()
        draft = case_from_feedback(rated(answer))
        assert (draft.question, draft.state, draft.wrong) == (answer.question, "draft", (answer.answer,))
        assert "Wrong name" in draft.note
        assert draft.gold[0][0].quote == answer.citations[0].quote

    def test_a_refusal_that_was_turned_down_shows_where_the_answer_may_stand(self):
        draft = case_from_feedback(rated(make_unanswerable()))
        assert draft.wrong == ()
        assert draft.gold
        assert "refused" in draft.note

    def test_a_disputed_answer_stays_a_conflict(self):
        draft = case_from_feedback(rated(make_disputed()))
        assert (draft.kind, draft.disputed) == ("conflict", True)

    def test_a_follow_up_keeps_its_conversation(self):
        history = [{"role": "user", "content": "Who fled?"}, {"role": "assistant", "content": "A mother."}]
        draft = case_from_feedback(rated(make_answer(), history=history))
        assert (draft.kind, len(draft.history)) == ("follow-up", 2)
        assert draft.standalone

    def test_a_thumbs_up_is_no_case(self):
        assert case_from_feedback(rated(make_answer(), rating="up")) is None

    def test_a_file_gives_each_complaint_once_and_can_be_added_to_the_cases(self, tmp_path):
        path = tmp_path / "feedback.jsonl"
        lines = [
            rated(make_answer()),
            rated(make_unanswerable()),
            rated(make_answer(), "up"),
            rated(make_answer()),
        ]
        path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
        drafts = cases_from_feedback(path)
        assert len(drafts) == 2
        assert add_drafts(drafts, tmp_path / "cases.jsonl") == drafts
        assert add_drafts(cases_from_feedback(path), tmp_path / "cases.jsonl") == ()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"rating": "sideways"}, "rating"),
            ({"question": ""}, "question"),
            ({"history": [{"role": "judge", "content": "?"}]}, "history.0.role"),
            ({"answer": {"id": "1"}}, "answer"),
            ({"answer": None}, "answer"),
        ],
    )
    def test_a_broken_row_is_named_by_line_and_field(self, tmp_path, change, field):
        path = tmp_path / "feedback.jsonl"
        path.write_text(f"\n{json.dumps(rated(make_answer()) | change)}\n")
        with pytest.raises(InputError, match=rf"feedback.jsonl, line 2: {field}: "):
            cases_from_feedback(path)

    def test_a_file_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"none\.jsonl"):
            cases_from_feedback(tmp_path / "none.jsonl")
