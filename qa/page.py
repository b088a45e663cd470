"""What on a page is title, date and furniture.

Works on blocks: the paragraphs and lines of one cleaned document, in order, each on one line. Furniture is
what surrounds an article on its page: share buttons, credits of pictures, teasers, comment headers. The rules
are for short lines only, so that no sentence with a fact in it is taken for furniture. Knows no files.
"""

import re
from collections.abc import Sequence
from datetime import date

from qa import dates

FURNITURE_CHARACTERS = 160
"""A longer block is never furniture."""
HEADLINE_CHARACTERS = 200
"""A longer block is never a title."""
DATELINE_BLOCKS = 10
"""A date is looked for in so many blocks from the top, and nowhere else."""

DATELINE_CHARACTERS = 120
"""A longer block is never a dateline."""
HEADING_BLOCKS = 20
"""A first-level heading further down is a chapter's."""
MAIL_BLOCKS = 8
"""A message has its subject among so many lines at the top."""
FRONT_LINES = 60
"""Front matter longer than this is none."""

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_DATES = (
    r"(?P<year>\d{4})[-/.](?P<first>\d{1,2})[-/.](?P<second>\d{1,2})",
    r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})",
    rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
    rf"{_DAY}(?:\s+of)?[\s-]+{_MONTH},?[\s-]+{_YEAR}",
)
_LABEL = (
    r"(?:(?P<label>(?:first\s+|last\s+|originally\s+)?(?:published|posted|updated|modified|created|written|filed|"
    r"date|dated|issued|released))(?:\s+(?:on|at))?\s*:?\s*)?"
)
_PERSON = r"(?-i:[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3})"
_AUTHOR = rf"(?:(?:{_PERSON}|admin|staff|editor)(?:(?:,| and| \||/) {_PERSON}){{0,3}})"
_BYLINE = rf"(?:(?:posted |written |published )?by:?\s+{_AUTHOR}[\s,|•·–—-]+(?:on\s+)?)?"
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[.,]?\s+)?"
_TIME = (
    r"(?:[T,\s|@•·–—-]*(?:at\s+)?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})*(?:\s*[ap]\.?m\.?)?"
    r"\s*(?:Z|[+-]\d{2}:?\d{2}|\(?[A-Z]{2,4}\)?)?)?"
)
_TAIL = rf"(?:[\s,]*(?:[|•·–—-]\s*)?(?:by\s+{_AUTHOR}|in\s+{_PERSON}|\d+ (?:min(?:ute)?s? read|comments?)))"
_DATELINES = tuple(
    re.compile(
        rf"[(\[]?{_BYLINE}{_LABEL}{_BYLINE}{_WEEKDAY}{pattern}{_TIME}{_TAIL}{{0,2}}\s*[.)\]]?", re.IGNORECASE
    )
    for pattern in _DATES
)

_AGENCY = (
    r"(?:getty images(?: \w+)?|wikimedia(?: commons)?|wikipedia|(?:the )?associated press|flickr|alamy|pexels"
    r"|ap(?: photos?| images)?|reuters(?: photo)?|afp(?: photo)?|epa-efe|upi|shutterstock(?:\.com)?"
    r"|istock(?:photo)?|bloomberg news|unsplash|adobe stock|creative commons|public domain|file photo)"
)
_PICTURE = r"(?:photo|image|picture|video)s?"
_SLASH = r"(?:\s*[/|(]\s*|\s+via\s+|\s+[-–—]\s+)"
_CREDIT = (
    rf"[-–—(\[]*\s*(?:{_PICTURE}(?: credit| courtesy)?(?: by| of|\s*:)\s*)?(?:{_PERSON}{_SLASH})*"
    rf"{_AGENCY}(?:{_SLASH}(?:{_AGENCY}|{_PERSON}))*\s*[)\].]*"
)
_NETWORK = (
    r"(?:facebook|twitter|x|whatsapp|e-?mail|print|pinterest|linked-?in|reddit|tumblr|google ?\+|instagram"
    r"|telegram|messenger|copy link|rss|youtube|share|tweet|pin|more|comments?)"
)
_TALK = r"(?:comments?|conversation|discussion|replies)"
_LINK = r"(?:privacy policy|terms of (?:use|service)|contact us|about us|cookie policy|sitemap|advertise)"
_FURNITURE = re.compile(
    "|".join(
        (
            # Labels of the publishing system.
            r"(?:tags?|tagged(?: with| as)?|categor(?:y|ies)|filed under|posted in|labels)\s*:.*[^.!?]",
            # Sharing.
            r"(?:please )?share(?: (?:this|on|via|with)(?: [\w’']+){0,3})?\s*:?",
            rf"(?:{_NETWORK}(?:\s*\(?\d+\)?)?(?:[\s,|/•·]+|$))+",
            r"(?:like|follow|find|join) us(?: on [^.!?]{1,40})?[.:!]?",
            r"click (?:here|to (?:share|print|e-?mail|tweet))\b[^.]*",
            r"\d[\d,.]*k? (?:shares?|comments?|likes?|views?|retweets?)",
            # Comments.
            r"(?:\d{1,3}|one) (?:thoughts?|comments?|responses?|repl(?:y|ies)) (?:on|to) .*[^.!?]",
            r"(?:comments?|replies)(?: (?:are|is))?(?: now)?(?: (?:closed|off|disabled))?[.:]?",
            r"(?:leave|post|add|write) a (?:reply|comment)\b.{0,40}|no comments?(?: yet)?\.?",
            rf"(?:view|show|read|see|join|load) (?:all |the |more )*{_TALK}(?: \(\d+\))?",
            r"(?:you must )?(?:be )?log(?:ged)? in to (?:comment|reply|post|leave).{0,30}",
            r"be the first to comment.{0,30}",
            # Teasers of other pages: a label and a headline, without the full stop of a sentence.
            r"(?-i:MORE|PLUS|ALSO|RELATED|WATCH|NEXT|PREVIOUS|LISTEN|RECOMMENDED)\s*:\s+.*[^.]",
            r"(?:(?:read|see) (?:more|also|next)|also read|don['’]t miss|related)\s*:.*[^.]",
            r"(?:related|recommended|more|popular|trending|latest) (?:stories|articles|posts|news)\s*:?",
            r"you (?:may|might) also (?:like|be interested in)\s*:?",
            r"(?:continue reading|keep reading|read (?:more|the (?:full|rest|whole)))\b[^.]{0,60}",
            # Credits of pictures; a caption says who is in the picture, and stays.
            _CREDIT,
            rf"[(\[]?{_PICTURE} (?:by|(?:credit|courtesy)(?: of|\s*:)?)\s*{_PERSON}\s*[)\]]?",
            # Notices, forms and navigation.
            r"(?:we use|this (?:web)?site uses|by (?:using|continuing)).*\bcookies\b.*",
            r"(?:accept|reject|manage)(?: all)? cookies",
            r"(?:subscribe|sign up)\b.{0,60}\b(?:newsletters?|updates|e-?mails?|alerts|inbox|free)\b.{0,40}",
            r"(?:subscribe|sign up|sign in|log in|register|menu|search|home|loading|back to top|advertisement"
            r"|sponsored(?: content)?|close|next|previous|skip to (?:main )?content|(?:your )?e-?mail address"
            r"|story continues below(?: advertisement)?|play video|table of contents)[:.…]*",
            r"home(?:\s*[>»/|›]\s*[^.>»/|›]{1,40})+",
            r"(?:(?:©|\(c\)|copyright)\s*)+\d{4}.*|(?:.{0,60}\W)?all rights reserved\.?",
            rf"(?:{_LINK}[\s|•·/,]*)+",
            r"page \d{1,4}(?: of \d{1,4})?|[-–—] ?\d{1,4} ?[-–—]",
            r"[-=_*~#+•·.\s]{3,}",
        )
    ),
    re.IGNORECASE,
)
# Of code, in backticks, every star counts.
_EMPHASIS = re.compile(
    r"(?<![\w*\\`])(?P<mark>\*{1,3})(?=[^\s*])(?P<words>[^*\n`]*[^\s*`])(?P=mark)(?![\w*])"
    r"|(?<![\w\\`])(?P<line>_{1,2})(?=[^\s_])(?P<under>[^_\n`]*[^\s_`])(?P=line)(?!\w)"
)
_KEY = re.compile(r"(?P<key>[A-Za-z][\w -]{0,40}):(?:\s+(?P<value>.*))?$")
_TITLE_LABEL = re.compile(r"(?:title|headline)\s*:\s*", re.IGNORECASE)


def furniture(blocks: Sequence[str]) -> frozenset[int]:
    """Numbers of the blocks that are page furniture; none when nothing else would be left."""
    found = set(range(front_matter(blocks)))
    for number, block in enumerate(blocks):
        if len(block) > FURNITURE_CHARACTERS:
            continue
        dateline = number < DATELINE_BLOCKS and _dateline(block) is not None
        if dateline or _FURNITURE.fullmatch(block.strip("*_#> ") or block):
            found.add(number)
    return frozenset(found) if len(found) < len(blocks) else frozenset()


def unemphasised(text: str) -> str:
    """Markdown without the stars and lines that only make words bold or slanted."""
    return _EMPHASIS.sub(lambda match: match["words"] or match["under"], text)


def mail_subject(blocks: Sequence[str]) -> str | None:
    """What the first message of an exchange of letters is about; None when the text is none."""
    head = blocks[:MAIL_BLOCKS]
    if not head or not re.match(r"(?:From|Von|De): *\S", head[0]):
        return None
    subjects = (re.match(r"(?:Subject|Betreff|Objet): *(?P<words>\S.*)$", block) for block in head)
    return next((subject["words"] for subject in subjects if subject), None)


def front_matter(lines: Sequence[str]) -> int:
    """How many lines at the top are a block of `key: value` lines between two `---`; 0 without one."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:FRONT_LINES], start=1):
        if line.rstrip() in ("---", "..."):
            return number + 1
        if line.strip() and not (_KEY.match(line) or line.startswith((" ", "-", "#"))):
            return 0
    return 0


def title(blocks: Sequence[str], skipped: frozenset[int]) -> str | None:
    """The title the page gives itself: in its front matter, as a top heading, or as a headline above it all.

    None when the text begins without one.
    """
    for block in blocks[: front_matter(blocks)]:
        key = _KEY.match(block)
        if key and key["key"].lower() == "title" and _bare(key["value"] or ""):
            return _bare(key["value"])[:HEADLINE_CHARACTERS]
    if subject := mail_subject(blocks):
        return subject[:HEADLINE_CHARACTERS]
    content = [block for number, block in enumerate(blocks) if number not in skipped]
    for block in content[:HEADING_BLOCKS]:
        if block.startswith("# ") and _bare(block):
            return _bare(block)[:HEADLINE_CHARACTERS]
    return _bare(_TITLE_LABEL.sub("", content[0])) if content and _is_headline(content[0]) else None


def written_on(blocks: Sequence[str]) -> str | None:
    """The ISO day in a dateline at the top of the page; never a date out of running text.

    A day of publication counts before one of an update.
    """
    found = [_dateline(block) for block in blocks[: max(DATELINE_BLOCKS, front_matter(blocks))]]
    datelines = sorted((line for line in found if line is not None), key=lambda line: line[0])
    return datelines[0][1] if datelines else None


def _is_headline(block: str) -> bool:
    if len(block) > HEADLINE_CHARACTERS or not any(character.isalpha() for character in block):
        return False
    if block.startswith(("- ", "* ", "• ", "> ", "|")):
        return False
    # A headline has no full stop, unless it ends in an abbreviation ("… in the U.S.").
    return not block.endswith((".", ":", ";", ",", "…", ".”", '."')) or bool(
        re.search(r"\b[A-Z]\.[A-Z]\.$", block)
    )


def _bare(heading: str) -> str:
    """Without the marks of Markdown, YAML and quotation around it."""
    heading = re.sub(r"^#{1,6}\s+|\s+#+$", "", heading.strip())
    heading = re.sub(r"(\*\*|__|\*|`)(\S.*?)\1", r"\2", heading)
    for mark in "\"'":
        if len(heading) > 2 and heading[0] == heading[-1] == mark:
            heading = heading[1:-1]
    return heading.strip()


def _dateline(block: str) -> tuple[bool, str] | None:
    """Whether the day in this line is that of an update, and the day; None when the line is no dateline."""
    line = re.sub(r"[\"*_]", "", block).strip()
    if len(line) > DATELINE_CHARACTERS:
        return None
    for pattern in _DATELINES:
        match = pattern.fullmatch(line)
        day = _day(match, line) if match else None
        if match and day:
            label = (match.group("label") or "").lower()
            return label.endswith(("updated", "modified")), day.isoformat()
    return None


def _day(match: re.Match[str], line: str) -> date | None:
    parts = match.groupdict()
    if parts.get("month"):
        month, day = dates.month(parts["month"]), int(parts["day"])
    elif match.start("year") < match.start("first"):
        month, day = int(parts["first"]), int(parts["second"])
    else:
        day, month = int(parts["first"]), int(parts["second"])
        american = "/" in line and re.search(r"\d\s*[ap]\.?m\b|\b[ECMP][SD]?T\b", line, re.IGNORECASE)
        if month > 12 or (american and day <= 12):
            day, month = month, day
    try:
        return date(int(parts["year"]), month, day)
    except ValueError:
        return None
