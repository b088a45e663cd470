"""Where sentences begin and end.

Punkt (NLTK's code, the English model that comes inside llama-index-core) knows the common abbreviations; the
rules here add what news and reports need on top of it: offices before names, quotations, note marks, wrapped
lines, lists. Knows nothing of documents or answers: any text, in time proportional to its length.
"""

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from qa.linguistics import PunktParameters, PunktSentenceTokenizer

LONGEST = 1200
"""Characters; a longer sentence is cut at white space, or anywhere when there is none."""
NARROWEST = 40
"""Characters; a column narrower than this is a list of short lines and not wrapped text."""
WIDEST = 200
"""Characters; longer lines are whole paragraphs, so a line break among them is meant."""

Span = tuple[int, int]

# An office or rank: the next word is a name, never a new sentence.
_TITLES = frozenset(
    "adm amb asst atty brig capt cmdr col cpl det dr gen gov hon insp lt maj messrs mlle mme mr mrs ms "
    "pres prof rep reps rev sec sen sens sgt spc st supt".split()
)
# Abbreviations that number something: "No. 1", "Feb. 24", "Fig. 3".
_NUMBERING = frozenset(
    "apr art aug ca cf ch chap circa cl dec eq eqs feb fig figs jan jul jun mar no nos nov oct op p par "
    "para pp sect sep sept v vol vols".split()
)
_ABBREVIATIONS = _TITLES | _NUMBERING | frozenset("al assoc co corp dept etc inc jr ltd sr univ vs".split())
# After an abbreviation which can end a sentence ("in the U.S.", "at 5 p.m."), only these begin a new one.
_STARTERS = frozenset(
    "a after all although an and another as at because before both but by during each even every finally "
    "first for from he her here his how however i if in instead it its just last later many meanwhile "
    "more most my no nobody not now of on once one only or other our she since so some still such that "
    "the their then there these they this those though to two under until we what when where which while "
    "who why with yet you your".split()
)
_CLOSERS = "\"'”’»›)]*_"
_OPENERS = "\"'“‘«‹([*_¿¡"
_END = re.compile(
    rf"(?<![.!?…])(?:(?:\.(?:[^\S\n]\.){{2,4}}|[.!?…]+)[{re.escape(_CLOSERS)}]*(?:\s?\[\d{{1,3}}\])*"
    r"(?=\s|(?<=[a-z]{2}[.!?])[A-Z][a-z]*\s)|[。！？।۔؟]+[」』”’）]*)",
)
_ITEM = re.compile(
    r"\s*(?:[-*+•‣▪◦–—·:]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|#{1,6}|>|\|)\s|[-=_*~]{3,}\s*$"
)
_LEADING_MARK = re.compile(r"(?:[-*+•‣▪◦–·:]|\(?\d{1,3}[.)]|#{1,6}|>)\s+(?=\S)")
_EMPHASISED = re.compile(r"(\*\*|__|\*|_)(?P<words>(?:(?!\1).)+)\1", re.DOTALL)
_SPEAKER = re.compile(r"\s*(?:\[[^\]]{3,30}\]|[A-Z][A-Z.'’-]+(?: [A-Z.'’-]+){0,2}:)\s")
_HEADING = re.compile(r"\s*(?:#{1,6}\s|[-=_*~]{3,}\s*$)")
_TOKEN = re.compile(r"\S{1,60}")
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+|[A-Z][a-z]?\.[A-Z]\w*\.")
# Curly quotation marks are unknown to Punkt; the exchange keeps every offset.
_PLAIN = str.maketrans("“”‘’«»\n\t", '""\'\'""  ')


def split(text: str) -> tuple[Span, ...]:
    """Sentence spans of `text`, in order.

    Every character that is not white space lies in exactly one span, no span begins or ends with white space,
    and none is longer than `LONGEST`. A blank line always ends a sentence; a line break ends one unless the
    line is wrapped (see `wraps`).
    """
    return tuple(
        piece
        for block in _blocks(text)
        for sentence in _sentences(text, block)
        for piece in _pieces(text, sentence)
    )


def bare(text: str, span: Span) -> Span:
    """`span` without the mark that makes it a list item, a heading or a quotation, and without emphasis that
    is put on all of it."""
    start, end = span
    while mark := _LEADING_MARK.match(text, start, end):
        start = mark.end()
    if emphasised := _EMPHASISED.fullmatch(text, start, end):
        start, end = emphasised.span("words")
    return _trim(text, (start, end))


def wraps(line: str, following: str, width: int) -> bool:
    """Whether the break between two lines only keeps within a column of `width` characters.

    True when the first word of `following` had no room left on `line`, or goes on in lower case.
    """
    line, first = line.rstrip(), following.split(maxsplit=1)[:1]
    if not line or not first or not NARROWEST <= width <= WIDEST:
        return False
    if starts_item(following) or _SPEAKER.match(following) or _HEADING.match(line):
        return False
    # A fifth of slack: columns are often measured in points and not in characters.
    return first[0][0].islower() or len(line) + 1 + len(first[0]) > 0.8 * width


def goes_on(line: str, following: str) -> bool:
    """Whether a long line breaks off within a sentence, which `following` takes up in lower case."""
    open_ended = line[-1:].isalnum() or line.endswith(",")
    return len(line) >= NARROWEST and open_ended and following[:1].islower() and not starts_item(following)


def starts_item(line: str) -> bool:
    """Whether the line begins a list item, a heading, a quotation or a table row by its mark."""
    return _ITEM.match(line) is not None


def _blocks(text: str) -> Iterator[Span]:
    """Stretches which no sentence crosses, without the white space around them."""
    for paragraph in re.finditer(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*", text):
        lines = [
            (paragraph.start() + line.start(), paragraph.start() + line.end())
            for line in re.finditer(r"[^\n]+", paragraph.group())
        ]
        width = max(end - start for start, end in lines)
        start = lines[0][0]
        for this, following in pairwise(lines):
            if not wraps(text[slice(*this)], text[slice(*following)], width):
                yield _trim(text, (start, this[1]))
                start = following[0]
        yield _trim(text, (start, lines[-1][1]))


def _sentences(text: str, block: Span) -> Iterator[Span]:
    begin, end = block
    content = text[begin:end]
    start = 0
    for match in _END.finditer(content):
        if match.end() < len(content) and _ends(content, start, match):
            yield _trim(content, (start, match.end()), begin)
            start = match.end()
    yield _trim(content, (start, len(content)), begin)


def _ends(content: str, start: int, match: re.Match[str]) -> bool:
    """Whether the full stop at `match` ends the sentence that began at `start`."""
    mark = match.group()
    if mark[0] not in ".!?…":
        return True
    before = content[max(start, match.start() - 40) : match.start() + 1].split()
    word = before[-1].lstrip(_OPENERS) if before else mark
    following = _TOKEN.search(content, match.end())
    after = following.group().lstrip(_OPENERS) if following else ""
    if match.end() - start <= 12 and _ENUMERATOR.fullmatch(content[start : match.end()].strip("# ")):
        return False
    name = word.rstrip(".").lower()
    abbreviated = mark[0] == "." and (name in _ABBREVIATIONS or _DOTTED.fullmatch(word) is not None)
    if abbreviated and len(mark) == 1:
        return _abbreviation_ends(name, after)
    if not content[match.end()].isspace():
        # "in the world.An official said": a space was lost, in "System.Linq" none was.
        return word.islower() and _word(after) in _STARTERS
    quoted = mark[0] != "." or len(mark.rstrip("]0123456789[ ")) > 1
    if after[:1].islower() and quoted:
        return False
    if mark.startswith(("…", "..", ". .")):
        return _word(after) in _STARTERS
    # Only the two words at the stop: over a whole text Punkt's own expressions can take quadratic time.
    return quoted or bool(_punkt().text_contains_sentbreak(f"{word} {after}".translate(_PLAIN)))


def _abbreviation_ends(name: str, after: str) -> bool:
    if name in _TITLES or (name in _NUMBERING and after[:1].isdigit()):
        return False
    return after[:1].isupper() and _word(after) in _STARTERS


def _word(text: str) -> str:
    return re.split(r"[^\w]", text, maxsplit=1)[0].lower()


def _pieces(text: str, sentence: Span) -> Iterator[Span]:
    start, end = sentence
    while end - start > LONGEST:
        space = max(text.rfind(white, start + 1, start + LONGEST) for white in " \n\t")
        cut = space if space > start else start + LONGEST
        yield _trim(text, (start, cut))
        start, end = _trim(text, (cut, end))
    if start < end:
        yield start, end


def _trim(text: str, span: Span, offset: int = 0) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return offset + start, offset + end


@cache
def _punkt() -> PunktSentenceTokenizer:
    spec = importlib.util.find_spec("llama_index.core")
    assert spec is not None and spec.origin is not None, "llama-index-core is a dependency"
    folder = Path(spec.origin).parent / "_static" / "nltk_cache" / "tokenizers" / "punkt_tab" / "english"
    rows = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in folder.iterdir()}
    parameters = PunktParameters()
    parameters.abbrev_types = set(rows["abbrev_types"]) | _ABBREVIATIONS
    parameters.sent_starters = set(rows["sent_starters"])
    parameters.collocations = {tuple(row.split("\t")) for row in rows["collocations"]}
    for row in rows["ortho_context"]:
        word, _, flags = row.rpartition("\t")
        parameters.ortho_context[word] = int(flags)
    return PunktSentenceTokenizer(parameters)
