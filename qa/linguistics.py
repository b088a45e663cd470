"""NLTK's sentence splitter, stemmer and edit distance.

NLTK imports SciPy for statistics that nobody asks for here, and does without where there is none. That was a
quarter of the time until the first question could be asked, so there is none while NLTK is imported.
"""

import sys

_scipy = sys.modules.get("scipy")
sys.modules["scipy"] = None  # type: ignore[assignment]
try:
    from nltk.metrics.distance import edit_distance  # type: ignore[import-untyped]
    from nltk.stem.snowball import SnowballStemmer  # type: ignore[import-untyped]
    from nltk.tokenize.punkt import (  # type: ignore[import-untyped]
        PunktParameters,
        PunktSentenceTokenizer,
    )
finally:
    del sys.modules["scipy"]
    if _scipy:
        sys.modules["scipy"] = _scipy

__all__ = ["PunktParameters", "PunktSentenceTokenizer", "SnowballStemmer", "edit_distance"]
