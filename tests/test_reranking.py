"""The real reranker: which text answers, whatever stands beside it."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from qa.config import Config
from qa.errors import ModelFileError
from qa.model_files import EMBEDDING_TOKENIZER, locate
from qa.reranking import MODEL, MODEL_SHA256, Reranker

QUESTION = "How many people were arrested in the raids?"
TEXTS = ["The raids led to 680 arrests.", "The raids were planned for months.", "Bread is baked at dawn."]


@pytest.fixture(scope="module", name="reranker")
def the_reranker() -> Reranker:
    return Reranker.from_folder(Config.from_env().models_dir)


def test_a_text_that_answers_is_told_from_one_that_is_only_near_and_from_one_about_something_else(
    reranker: Reranker,
):
    answers, near, other = reranker.answers(QUESTION, TEXTS)
    assert answers > 0.8 and near < 0.3 and other < 0.05


def test_a_text_has_the_same_probability_whatever_stands_beside_it_in_the_order_given(reranker: Reranker):
    together = reranker.answers(QUESTION, TEXTS)
    assert together.dtype == np.float32
    assert np.array_equal(together[::-1], reranker.answers(QUESTION, TEXTS[::-1]))
    assert together[1:2] == reranker.answers(QUESTION, TEXTS[1:2])


def test_no_texts_have_no_probabilities(reranker: Reranker):
    assert reranker.answers(QUESTION, []).shape == (0,)


@pytest.mark.parametrize(
    "text", ["", " \n", "\x00", "\ud800 half a pair", "[SEP] 680 arrests [CLS]", "🙂" * 500, "a" * 100_000]
)
def test_any_text_and_any_question_has_a_probability(reranker: Reranker, text: str):
    for answers in (reranker.answers(QUESTION, [text, TEXTS[0]]), reranker.answers(text, [TEXTS[0]])):
        assert ((answers >= 0) & (answers <= 1)).all()


def test_a_file_that_is_no_model_is_named_with_the_next_step(tmp_path: Path):
    (tmp_path / "model.onnx").write_bytes(b"<html>")
    tokenizer = locate(EMBEDDING_TOKENIZER, Config.from_env().models_dir)
    with pytest.raises(ModelFileError, match=r"model\.onnx .*`qa models fetch`"):
        Reranker(tmp_path / "model.onnx", tokenizer)


def test_a_missing_file_is_told_by_its_path(tmp_path: Path):
    tokenizer = locate(EMBEDDING_TOKENIZER, Config.from_env().models_dir)
    with pytest.raises(ModelFileError, match=r"absent\.onnx .*[Ii]nstall the package again"):
        Reranker(tmp_path / "absent.onnx", tokenizer, MODEL_SHA256)


class TestThePackagesModel:
    def test_it_is_the_one_of_the_card(self):
        assert hashlib.sha256(MODEL.read_bytes()).hexdigest() == MODEL_SHA256
        assert f"SHA-256 `{MODEL_SHA256}`" in (MODEL.parent / "card.md").read_text(encoding="utf-8")

    def test_another_one_is_not_opened(self, tmp_path: Path):
        (tmp_path / "model.onnx").write_bytes(MODEL.read_bytes() + b" ")
        tokenizer = locate(EMBEDDING_TOKENIZER, Config.from_env().models_dir)
        with pytest.raises(
            ModelFileError, match=r"SHA-256 of model\.onnx is not .*Install the package again"
        ):
            Reranker(tmp_path / "model.onnx", tokenizer, MODEL_SHA256)
