"""The real embedding model: meaning, order, and vectors that do not depend on their neighbours."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from qa.config import Config
from qa.embedding import OnnxEmbedding
from qa.errors import ModelFileError
from qa.model_files import EMBEDDING, EMBEDDING_TOKENIZER, locate

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def embedding() -> OnnxEmbedding:
    models_dir = Config.from_env().models_dir
    return OnnxEmbedding(locate(EMBEDDING, models_dir), locate(EMBEDDING_TOKENIZER, models_dir))


@pytest.fixture(scope="module")
def passages() -> list[str]:
    words = " ".join(
        path.read_text(encoding="utf-8", errors="replace") for path in sorted(SEEDS.iterdir())
    ).split()
    lengths = (3, 90, 17, 150, 1, 40, 120, 8, 60, 200, 5, 33)
    return [" ".join(words[100 * n : 100 * n + length]) for n, length in enumerate(lengths)]


def test_vectors_are_unit_rows_of_384_numbers(embedding: OnnxEmbedding, passages: list[str]):
    vectors = embedding.embed(passages)
    assert vectors.shape == (len(passages), embedding.dimension) == (len(passages), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_texts_that_mean_the_same_are_nearer_than_texts_that_do_not(embedding: OnnxEmbedding):
    question, answer, other = embedding.embed(
        ["How many people were arrested?", "Police detained 680 suspects.", "The bread was baked at dawn."]
    )
    assert question @ answer > question @ other + 0.2


def test_a_text_has_the_same_vector_alone_and_in_any_batch(embedding: OnnxEmbedding, passages: list[str]):
    together = embedding.embed(passages)
    backwards = embedding.embed(passages[::-1])[::-1]
    alone = np.concatenate([embedding.embed([passage]) for passage in passages])
    assert np.abs(together - alone).max() < 1e-5
    assert np.abs(backwards - alone).max() < 1e-5


def test_rows_come_in_the_order_given(embedding: OnnxEmbedding, passages: list[str]):
    vectors = embedding.embed(passages)
    for n in (1, 4, 9):
        assert np.argmax(vectors @ embedding.embed([passages[n]])[0]) == n


def test_no_texts_make_no_rows(embedding: OnnxEmbedding):
    assert embedding.embed([]).shape == (0, 384)


@pytest.mark.parametrize(
    "text", ["", " \n", "\x00", "\ud800 half a pair", "<|im_end|>", "🙂" * 500, "a" * 100_000]
)
def test_any_text_has_a_finite_unit_vector(embedding: OnnxEmbedding, text: str):
    vector = embedding.embed([text, "an ordinary sentence beside it"])[0]
    assert np.isfinite(vector).all()
    assert abs(np.linalg.norm(vector) - 1) < 1e-5


def test_words_after_the_256th_token_do_not_count(embedding: OnnxEmbedding):
    kept, grown, changed = embedding.embed(["word " * 254, "word " * 254 + "other", "word " * 253 + "other"])
    assert np.array_equal(kept, grown)
    assert not np.array_equal(kept, changed)


def test_the_words_of_the_language_come_the_most_common_first(embedding: OnnxEmbedding):
    words = list(embedding.words)
    assert "lawyer" in words and "laywer" not in words
    assert words.index("the") < words.index("lawyer") < words.index("mandolin")


def test_llama_index_gets_the_same_vectors(embedding: OnnxEmbedding, passages: list[str]):
    expected = embedding.embed(passages)
    assert np.allclose(embedding.get_text_embedding_batch(passages), expected, atol=1e-6)
    assert np.allclose(embedding.get_text_embedding(passages[1]), expected[1], atol=1e-6)
    assert np.allclose(embedding.get_query_embedding(passages[1]), expected[1], atol=1e-6)
    assert np.allclose(asyncio.run(embedding.aget_query_embedding(passages[1])), expected[1], atol=1e-6)


def test_a_file_that_is_no_model_is_named_with_the_next_step(tmp_path: Path):
    (tmp_path / "model.onnx").write_bytes(b"<html>")
    tokenizer = locate(EMBEDDING_TOKENIZER, Config.from_env().models_dir)
    with pytest.raises(ModelFileError, match=r"model\.onnx .*`qa models fetch`"):
        OnnxEmbedding(tmp_path / "model.onnx", tokenizer)


def test_kept_vectors_are_those_of_the_texts_in_the_order_given_and_are_not_made_again(
    embedding: OnnxEmbedding, passages: list[str], monkeypatch: pytest.MonkeyPatch
):
    asked = [passages[2], passages[0], passages[2]]
    assert np.allclose(embedding.embed_kept(asked), embedding.embed(asked), atol=1e-6)
    monkeypatch.setattr(OnnxEmbedding, "_run", lambda *_: pytest.fail("read again"))
    assert np.array_equal(embedding.embed_kept(asked[::-1]), embedding.embed_kept(asked)[::-1])


def test_only_the_last_texts_are_kept(embedding: OnnxEmbedding, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("qa.embedding._KEPT_TEXTS", 2)
    embedding.embed_kept(["one", "two"])
    embedding.embed_kept(["one", "three"])
    assert list(embedding._kept) == ["one", "three"]
    assert embedding.embed_kept(["one", "two", "three"]).shape == (3, 384)
