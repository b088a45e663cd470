"""From the bytes of a text file to clean characters.

Knows encodings, mojibake and characters that nobody can see. Knows nothing of lines, paragraphs or pages.
"""

import codecs
import re
import unicodedata

import charset_normalizer
import ftfy

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "a rich-text document"),
    (b"SQLite format 3", "a database"),
)
_LIKELY = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 iso8859_2 iso8859_5 iso8859_7 koi8_r "
    "mac_roman cp437 cp850 cp874 cp932 euc_jp gb18030 big5 cp949"
).split()
_SAMPLE_BYTES = 65536

_REPAIR = ftfy.TextFixerConfig(
    unescape_html=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    # Done below: ftfy does not count what it takes out.
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
# Controls, fillers, the soft hyphen, zero-width, bidirectional and tag characters; a variation selector
# without a character before it that it could vary. Joiners are judged by their neighbours.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
    "|(?<![^\\s\ufe00-\ufe0f])[\ufe00-\ufe0f]"
)
_JOINED_SCRIPTS = (
    "\u0600-\u07bf\u0840-\u08ff\u0900-\u0dff\u0e80-\u109f\u1780-\u18af"  # Arabic to Mongolian
    "\u1b00-\u1bff\ua840-\uabff\ufb50-\ufdff\ufe70-\ufefc"  # Balinese to the Arabic forms
)
_EMOJI = "\u2190-\u2bff\u3030\u303d\ufe0f\U0001f000-\U0001faff"
_NEEDLESS_JOINER = re.compile(
    f"(?<![{_JOINED_SCRIPTS}{_EMOJI}])[\u200c\u200d]"
    f"|[\u200c\u200d](?![{_JOINED_SCRIPTS}{_EMOJI}])"
    f"|(?<=[{_EMOJI}])\u200c"
)


class NotTextError(ValueError):
    """The bytes are no text; `str(error)` continues the sentence "the file …"."""


def decode(raw: bytes) -> str:
    """The characters of `raw`, whichever encoding it was written in.

    Raises:
        NotTextError: it is of a binary format, or no encoding fits.
    """
    for signature, kind in _SIGNATURES:
        if raw.startswith(signature):
            raise NotTextError(f"is {kind}")
    try:
        text = _decode(raw)
    except (UnicodeError, LookupError) as error:
        raise NotTextError("is in an encoding that could not be recognised") from error
    controls = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\v\f\r\x1b")
    if "\0" in text or controls > len(text) // 100:
        raise NotTextError("holds binary data")
    return text


def clean(text: str) -> tuple[str, int]:
    """`text` with broken encoding repaired and invisible characters taken out, and how many there were.

    Line ends become `\\n`, a form feed a blank line. Quotation marks, ellipses, ligatures and HTML entities
    stay as they are. The result is in Unicode's composed form (NFC).
    """
    text = ftfy.fix_text(text.replace("\f", "\n\n").replace("\v", "\n"), _REPAIR)
    text, hidden = _HIDDEN.subn("", text)
    text, joiners = _NEEDLESS_JOINER.subn("", text)
    return unicodedata.normalize("NFC", text), hidden + joiners


def _decode(raw: bytes) -> str:
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return raw.decode(name)
    if b"\0" in raw:
        return raw.decode(_unmarked_wide(raw))
    text = raw.decode("utf-8", "surrogateescape")
    wrong = re.findall("[\udc80-\udcff]", text)
    if not wrong:
        return text
    if len(wrong) < sum(not character.isascii() for character in text) / 2:
        # UTF-8 with stray bytes in it: pages are pasted together from more than one source.
        return re.sub("[\udc80-\udcff]", _stray, text)
    return raw.decode(_guess(raw))


def _stray(match: re.Match[str]) -> str:
    return match.group().encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def _unmarked_wide(raw: bytes) -> str:
    """UTF-16 without its mark, by where the zero bytes of Latin letters stand."""
    even, odd = raw[0::2].count(0), raw[1::2].count(0)
    if len(raw) % 2 or min(even, odd) * 20 > max(even, odd) or max(even, odd) * 5 < len(raw):
        raise NotTextError("holds binary data")
    return "utf-16-le" if odd > even else "utf-16-be"


def _guess(raw: bytes) -> str:
    telling = b"\n".join(line for line in raw.splitlines() if not line.isascii())[:_SAMPLE_BYTES]
    matches = charset_normalizer.from_bytes(telling, cp_isolation=_LIKELY)
    best = matches.best()
    if best is None:
        raise NotTextError("is in an encoding that could not be recognised")
    # Short Western texts fit several tables alike; the commonest is then the right one.
    for match in matches:
        as_good = match.chaos <= best.chaos + 0.05 and match.coherence >= best.coherence - 0.1
        if as_good and "cp1252" in match.could_be_from_charset:
            return "cp1252"
    return best.encoding
