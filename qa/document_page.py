"""The evidence page: one document as escaped text, the cited span marked and scrolled to without a script.

Knows documents and HTML; knows nothing of answers or of where documents are kept.
"""

import base64
import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from qa.types import Document

VERSION_DIGITS = 16
"""How many hexadecimal digits of a document's sha256 a link carries."""

THEMES = ("light", "dark")

_STYLE = """
:root { color-scheme: light dark; }
:root.light { color-scheme: light; }
:root.dark { color-scheme: dark; }
:root { --paper: light-dark(#fff, #17181a); --ink: light-dark(#1c1b19, #e9e7e2); }
:root { --soft: light-dark(#5c5a55, #a8a69f); --mark: light-dark(#ffe58a, #5a4a00); }
:root { --line: light-dark(#b98a00, #ffd24d); }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.65 Georgia, serif; }
main { max-width: 42rem; margin: 0 auto; padding: 1.5rem 1rem 40vh; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
.meta, .skipped { color: var(--soft); }
.meta { font: .9375rem/1.4 system-ui, sans-serif; margin: 0 0 1.5rem; overflow-wrap: anywhere; }
.notice { font: 1rem/1.45 system-ui, sans-serif; }
.notice { border-left: .25rem solid var(--line); padding: .5rem .75rem; }
/* The page opens at the cited place, far below: what the reader has to know first stays in sight. */
header { display: contents; }
.notice { position: sticky; top: 0; background: var(--paper); box-shadow: 0 .5rem .75rem var(--paper); }
h1, article { unicode-bidi: plaintext; text-align: start; }
article { white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-bottom: 2px solid var(--line); }
mark { scroll-margin: 30vh; outline: 0; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); color: var(--ink); padding: .5rem; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of the document that is shown in one way."""

    text: str
    cited: bool
    skipped: bool
    first: bool
    """Whether the cited span begins here."""


class DocumentPage:
    """Renders documents; holds the parsed template."""

    def __init__(self) -> None:
        loader = FileSystemLoader(Path(__file__).parent)
        environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._template = environment.get_template("document.html")
        digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        self.security_policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'self'"
        )
        """The Content-Security-Policy that the page needs and no more."""

    def render(
        self,
        document: Document,
        start: str | None,
        end: str | None,
        version: str | None,
        theme: str | None = None,
    ) -> str:
        """The page as HTML; all but `document` is what the link said, whatever it is.

        `theme` is `light` or `dark` for whoever has chosen one; else the browser's is taken.
        """
        span = _span(document.text, start, end)
        notices = []
        if version and not document.sha256.startswith(version.lower()[:VERSION_DIGITS]):
            notices.append(
                "This document has changed since it was cited; the marked place may not be the one meant."
            )
        if span is None and (start or end):
            notices.append(
                f"The cited passage does not exist: the link asks for characters {(start or '?')[:20]} "
                f"to {(end or '?')[:20]}, and this document has {len(document.text):,}."
            )
        return self._template.render(
            style=Markup(_STYLE),
            theme=theme if theme in THEMES else "",
            title=document.title,
            date=document.date,
            source=document.source,
            notice=" ".join(notices),
            cited=span is not None,
            segments=segments(document.text, span, document.skipped),
        )

    def render_missing(self, document_id: str) -> str:
        """The page for an id which no document has."""
        notice = f"No document has the id {document_id[:40]!r}. It may have been removed since it was cited."
        return self._template.render(
            style=Markup(_STYLE), theme="", title="This document is not here", notice=notice, segments=None
        )


def segments(
    text: str, span: tuple[int, int] | None, skipped: tuple[tuple[int, int], ...]
) -> tuple[Segment, ...]:
    """`text` cut where the look changes; joined again they are `text`."""
    cuts = {0, len(text)}.union(*skipped, span or ())
    edges = sorted(cut for cut in cuts if 0 <= cut <= len(text))
    return tuple(
        Segment(
            text=text[start:end],
            cited=span is not None and span[0] <= start < span[1],
            skipped=any(first <= start < last for first, last in skipped),
            first=span is not None and start == span[0],
        )
        for start, end in pairwise(edges)
    )


def _span(text: str, start: str | None, end: str | None) -> tuple[int, int] | None:
    first, last = _offset(start), _offset(end)
    if first is None or last is None or not first < last <= len(text):
        return None
    return first, last


def _offset(value: str | None) -> int | None:
    # int() would also take signs, underscores, foreign digits and a megabyte of nines.
    if value is None or not (value.isascii() and value.isdigit() and len(value) <= 12):
        return None
    return int(value)
