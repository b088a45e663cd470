"""In which language a question is asked. Knows texts; what is done about it is decided elsewhere."""

from collections.abc import Collection
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

from qa import facts

SURE = 0.5
"""Of 2,568 English questions of public sets none was taken for another language at this probability."""

LONG, COPIED = 4, 0.8
"""A title of so many terms is repeated by what has so large a share of them."""

NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}
"""The languages told apart, by ISO 639-1 code; one that few people ask in would only be a wrong guess."""


def foreign(question: str) -> str | None:
    """The English name of the language of `question`, or None when it is English or not sure."""
    code, probability = _identifier().classify(question)
    return NAMES[code] if code != "en" and probability >= SURE else None


def accept(translated: str, question: str, titles: Collection[str] = ()) -> str:
    """`translated`, where it is English and has the numbers of `question`; else `question`.

    Args:
        titles: what the model read beside the question; what repeats a long one is no translation.
    """
    line = translated.strip().split("\n")[0].strip(' "“”')
    told = facts.terms(line)
    faithful = facts.numbers(question) <= facts.numbers(line)
    long = (terms for terms in map(facts.terms, titles) if len(terms) >= LONG)
    copied = any(facts.share(terms, told) >= COPIED for terms in long)
    return line if told and faithful and not copied and not foreign(line) else question


@cache
def _identifier() -> LanguageIdentifier:
    """Read once, which takes up to a second; it is never changed."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(NAMES))
    return identifier
