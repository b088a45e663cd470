"""The real reranker: which text answers, whatever stands beside it."""

from pathlib import Path

import numpy as np
import pytest

from qa.config import Config
from qa.errors import ModelFileError
from qa.model_files import EMBEDDING_TOKENIZER, locate
from qa.reranking import Reranker

QUESTION = "How many people were arrested in the raids?"
TEXTS = ["The raids led to 680 arrests.", "The raids were planned for months.", "Bread is baked at dawn."]


@pytest.fixture(scope="module", name="reranker")
def the_reranker() -> Reranker:
    return Reranker.from_folder(Config.from_env().models_dir)


def test_a_text_that_answers_is_before_one_that_is_only_near_and_far_before_one_about_something_else(
    reranker: Reranker,
):
    answers, near, other = reranker.score(QUESTION, TEXTS)
    assert answers > near + 1 > other + 4


def test_a_text_has_the_same_score_whatever_stands_beside_it_in_the_order_given(reranker: Reranker):
    together = reranker.score(QUESTION, TEXTS)
    assert together.dtype == np.float32
    assert np.array_equal(together[::-1], reranker.score(QUESTION, TEXTS[::-1]))
    assert together[1:2] == reranker.score(QUESTION, TEXTS[1:2])


def test_no_texts_have_no_scores(reranker: Reranker):
    assert reranker.score(QUESTION, []).shape == (0,)


@pytest.mark.parametrize(
    "text", ["", " \n", "\x00", "\ud800 half a pair", "[SEP] 680 arrests [CLS]", "🙂" * 500, "a" * 100_000]
)
def test_any_text_and_any_question_has_a_finite_score(reranker: Reranker, text: str):
    assert np.isfinite(reranker.score(QUESTION, [text, TEXTS[0]])).all()
    assert np.isfinite(reranker.score(text, [TEXTS[0]])).all()


def test_a_file_that_is_no_model_is_named_with_the_next_step(tmp_path: Path):
    (tmp_path / "model.onnx").write_bytes(b"<html>")
    tokenizer = locate(EMBEDDING_TOKENIZER, Config.from_env().models_dir)
    with pytest.raises(ModelFileError, match=r"model\.onnx .*`qa models fetch`"):
        Reranker(tmp_path / "model.onnx", tokenizer)
