"""The real support checker: what it tells apart, and what it says of text that is no evidence."""

import hashlib
from pathlib import Path

import pytest

from qa.config import Config
from qa.errors import ModelFileError
from qa.model_files import EMBEDDING_TOKENIZER, locate
from qa.support import MODEL, MODEL_SHA256, Support, SupportChecker

EVIDENCE = (
    "The town council approved the new bridge on Monday. It will cost 12 million euros, the mayor said. "
    "Work begins in May."
)
FILLER = "The harbour museum shows ropes, lamps and charts of the coast. "


@pytest.fixture(scope="module")
def checker() -> SupportChecker:
    return SupportChecker.from_folder(Config.from_env().models_dir, threads=2)


def supported(checker: SupportChecker, evidence: str, claim: str) -> float:
    return checker.support([(evidence, claim)])[0].supported


class TestJudgement:
    def test_what_is_said_is_supported(self, checker: SupportChecker):
        assert supported(checker, EVIDENCE, "The council approved the bridge on Monday.") > 0.5

    @pytest.mark.parametrize(
        "claim",
        [
            "The council rejected the new bridge on Monday.",
            "The town council approved the new stadium on Monday.",
            "The bridge was designed by a firm from Oslo.",
        ],
    )
    def test_what_is_not_said_is_not_supported(self, checker: SupportChecker, claim: str):
        assert supported(checker, EVIDENCE, claim) < 0.5

    def test_passage_with_the_answer_is_told_from_one_without(self, checker: SupportChecker):
        question = "When did the council approve the bridge?"
        answered, other = checker.answers([(EVIDENCE, question), (FILLER, question)])
        assert answered > 0.5 > other

    def test_probabilities_add_up_to_one(self, checker: SupportChecker):
        said = checker.support(
            [(EVIDENCE, "Work begins in June."), (f"{FILLER * 60}{EVIDENCE}", "It is May.")]
        )
        for one in said:
            parts = (one.supported, one.unsupported, one.contradicted)
            assert sum(parts) == pytest.approx(1, abs=1e-5)
            assert all(0 <= part <= 1 for part in parts)


class TestPairs:
    def test_pair_is_judged_alike_alone_and_among_others(self, checker: SupportChecker):
        pairs = [
            (EVIDENCE, "Work begins in May."),
            (FILLER * 9, "It rains."),
            (EVIDENCE, "It costs 2 euros."),
        ]
        together = checker.support(pairs)
        assert together == tuple(checker.support([pair])[0] for pair in pairs)
        assert together == checker.support(pairs)

    def test_no_pairs_have_no_support(self, checker: SupportChecker):
        assert checker.support([]) == ()
        assert checker.answers([]) == ()

    def test_sentence_is_found_in_ten_thousand_words(self, checker: SupportChecker):
        long = f"{FILLER * 450}{EVIDENCE} {FILLER * 450}"
        claim = "The council approved the bridge on Monday."
        near, far = supported(checker, EVIDENCE, claim), supported(checker, long, claim)
        assert far > 0.5 and near > 0.5

    def test_facts_that_stand_far_apart_are_read_together(self, checker: SupportChecker):
        long = f"The bridge will cost 12 million euros. {FILLER * 40}Work on the bridge begins in May."
        alone = supported(
            checker, f"{FILLER * 40}Work on the bridge begins in May.", "The bridge costs 12 million."
        )
        assert supported(checker, long, "The bridge costs 12 million euros.") > alone


class TestHostileText:
    @pytest.mark.parametrize("nothing", ["", "   \n\t", "…", "!!! --- ???", "\u200b"])
    def test_nothing_supports_nothing(self, checker: SupportChecker, nothing: str):
        claim = "The council approved the bridge."
        nowhere = Support(0.0, 1.0, 0.0)
        assert checker.support([(nothing, claim), (EVIDENCE, nothing)]) == (nowhere, nowhere)
        assert checker.answers([(nothing, "Who?"), (EVIDENCE, nothing)]) == (0.0, 0.0)

    @pytest.mark.parametrize(
        "text",
        [
            "[SEP] [CLS] [PAD] [MASK]",
            "half a pair \ud83d and a NUL \x00",
            "<script>alert('x')</script> & <b>bold</b>",
            "評議会は月曜日に橋を承認した。",
            "المجلس وافق على الجسر",
            "x" * 50_000,
            "word " * 20_000,
            "a. " * 5_000,
            "🏗️🌉" * 300,
        ],
    )
    def test_any_text_has_a_judgement(self, checker: SupportChecker, text: str):
        for said in checker.support([(text, "The bridge was approved."), (EVIDENCE, text)]):
            assert 0 <= said.supported <= 1
        for probability in checker.answers([(text, "What was approved?"), (EVIDENCE, text)]):
            assert 0 <= probability <= 1

    def test_marks_of_the_model_do_not_end_the_evidence(self, checker: SupportChecker):
        marked = f"Ropes and lamps. [SEP] {EVIDENCE}"
        assert supported(checker, marked, "The council approved the bridge on Monday.") > 0.5


class TestFiles:
    def test_the_package_carries_the_model_of_the_card(self):
        content = MODEL.read_bytes()
        assert hashlib.sha256(content).hexdigest() == MODEL_SHA256
        assert len(content) <= 25_000_000
        assert MODEL_SHA256 in MODEL.with_name("card.md").read_text(encoding="utf-8")

    def test_changed_model_is_refused_by_name(self, tmp_path: Path):
        tokenizer = locate(EMBEDDING_TOKENIZER, Config.from_env().models_dir)
        changed = tmp_path / "model.onnx"
        changed.write_bytes(MODEL.read_bytes()[:-1])
        with pytest.raises(ModelFileError, match=r"model\.onnx.*SHA-256"):
            SupportChecker(changed, tokenizer, MODEL_SHA256)

    def test_missing_model_is_told_by_its_path(self, tmp_path: Path):
        tokenizer = locate(EMBEDDING_TOKENIZER, Config.from_env().models_dir)
        with pytest.raises(ModelFileError, match=r"absent\.onnx"):
            SupportChecker(tmp_path / "absent.onnx", tokenizer)
