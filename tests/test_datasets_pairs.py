import pytest

from evals.datasets import mtrag, ragtruth, summedits, wice
from tests.rows import put, said


def test_ragtruth_marks_the_stretches_people_marked(tmp_path):
    row = {
        "id": "rt1",
        "source_id": 7,
        "question": "who pays",
        "passages": [{"id": "7p1", "text": "The town pays."}],
        "response": "The town pays 5 dollars.",
        "spans": [{"start": 14, "end": 23, "text": "5 dollars", "label": "Evident Baseless Info"}],
        "hallucinated": True,
    }
    put(tmp_path, "ragtruth/qa.jsonl", row, row | {"id": "rt2", "spans": [], "hallucinated": False})
    bad, good = ragtruth.pairs(tmp_path)
    assert [bad.claim[start:end] for start, end in bad.unsupported] == ["5 dollars"]
    assert (bad.label, good.label) == ("unsupported", "supported")
    assert (bad.evidence, bad.question, bad.cluster) == (("The town pays.",), "who pays", good.cluster)


def test_ragtruth_summaries_answer_no_question(tmp_path):
    row = {
        "id": "rt1",
        "source_id": 7,
        "question": None,
        "passages": [{"id": "7p1", "text": "The town pays."}],
        "response": "It pays.",
        "spans": [],
        "hallucinated": False,
    }
    (pair,) = ragtruth.pairs(put(tmp_path, "ragtruth/summary.jsonl", row), ragtruth.SUMMARIES)
    assert pair.question is None


@pytest.mark.parametrize(
    ("published", "label"),
    [("supported", "supported"), ("partially_supported", "partly"), ("not_supported", "unsupported")],
)
def test_wice_has_three_labels(tmp_path, published, label):
    row = {
        "id": "w1",
        "claim": "Ann sings.",
        "evidence": ["Ann sings."],
        "label": published,
        "meta": {"id": "d1"},
    }
    (pair,) = wice.pairs(put(tmp_path, "wice/claims.jsonl", row))
    assert (pair.label, pair.cluster) == (label, "d1")


def test_wice_words_without_support_are_characters_of_the_claim(tmp_path):
    row = {
        "id": "t1",
        "claim": "Ann, a vet, is a singer.",
        "claim_tokens": ["Ann", ",", "a", "vet", ",", "is", "a", "``", "singer", "."],
        "non_supported_spans": [False, False, True, True, False, False, False, True, True, False],
        "evidence": ["Ann works."],
        "label": "partially_supported",
        "meta": {"id": "d1-0"},
    }
    (pair,) = wice.pairs(put(tmp_path, "wice/tokens.jsonl", row), wice.TOKENS)
    assert [pair.claim[start:end] for start, end in pair.unsupported] == ["a vet", "singer"]
    assert pair.cluster == "d1"


def test_summaries_of_one_article_are_one_cluster(tmp_path):
    row = {"id": "n1", "evidence": ["It opens."], "claim": "It closes.", "label": "unsupported"}
    put(
        tmp_path,
        "summedits_news/claims.jsonl",
        row,
        row | {"id": "n2"},
        row | {"id": "n3", "evidence": ["No."]},
    )
    first, second, third = summedits.pairs(tmp_path)
    assert first.cluster == second.cluster != third.cluster


RATED = {
    "id": "c1<::>2|gpt",
    "history": said("Who?", "He."),
    "question": "Since when?",
    "passages": [{"id": "p1", "title": None, "text": "Since 1990."}],
    "response": "Since 1990.",
    "human": {"faithfulness": [4.0, 4.0, 2.0]},
}


@pytest.mark.parametrize(
    ("ratings", "label"), [([4, 4, 1], "supported"), ([3, 4, 3], "partly"), ([2, 1, 4], "unsupported")]
)
def test_ratings_become_a_mean_and_the_label_of_their_median(tmp_path, ratings, label):
    row = RATED | {"human": {"faithfulness": ratings}}
    (pair,) = mtrag.pairs(put(tmp_path, "mtrag/human_eval.jsonl", row))
    assert pair.label == label
    assert pair.rating == pytest.approx(sum(ratings) / 3)
    assert pair.ratings == tuple(ratings)
    assert pair.cluster == "c1"


def test_an_answer_without_passages_cannot_be_judged_by_them(tmp_path):
    put(tmp_path, "mtrag/human_eval.jsonl", RATED, RATED | {"id": "c1<::>3|gpt", "passages": []})
    assert [pair.id for pair in mtrag.pairs(tmp_path)] == ["c1<::>2|gpt"]
