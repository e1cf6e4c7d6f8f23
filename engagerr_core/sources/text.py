"""Bytes to text, in the encodings that exports and re-saved exports come in."""

import codecs
import re
from dataclasses import dataclass, replace

from engagerr_core.errors import UnreadableFile

DAMAGE_TOLERATED = 0.01  # broken characters ÷ all characters beyond ASCII; more means that it is not UTF-8
CONTROL_TOLERATED = 0.05  # control characters ÷ all; pictures and programs have twice as many
HEAD = 4096  # bytes that tell what a file is
KANA_EXPECTED = 0.1  # lead bytes of kana ÷ bytes beyond ASCII in Japanese text; hardly any elsewhere
REPAIRS = 2  # times that text is taken for Western and saved as UTF-8 again

INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"  # characters of no width; the joiners inside words and emoji are kept
_AT_THE_EDGE = re.compile(f'(?<![^,;\t|"\r\n])[{INVISIBLE}]+|[{INVISIBLE}]+(?![^,;\t|"\r\n])')
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
_NAMED = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"PAR1": "a Parquet table",
    b"SQLite format 3": "a database",
    b"\x1f\x8b": "a file packed with gzip",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
}
_NAMED_TEXT = (
    (re.compile(rb"[\[{]"), "JSON, as a programming interface answers"),
    (re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE), "a web page"),
    (re.compile(rb"<[?!]?[a-z]", re.IGNORECASE), "XML"),
)
_TITLES = {
    "cp1252": "Windows-1252 (Western)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp932": "Shift JIS (Japanese)",
    "mac_roman": "Mac OS Roman (Western)",
}


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text and what the reader should know about the decoding."""

    text: str
    encoding: str
    warning: str = ""


def decode(data: bytes, *, markup: bool = False) -> Text:
    """Decode a text table, or a page with tables, without the invisible characters around its cells.

    Raises
    ------
    UnreadableFile
        The bytes are no text table.
    """
    decoded = _decoded(data, markup)
    if not any(character in decoded.text for character in INVISIBLE):
        return decoded
    return replace(decoded, text=_AT_THE_EDGE.sub("", decoded.text))


def _decoded(data: bytes, markup: bool) -> Text:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return _utf_16(data[len(mark) :], encoding)
    if encoding := _unmarked_utf_16(data[:HEAD]):
        return _utf_16(data, encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    if not markup and (what := no_table(data)):
        raise UnreadableFile(f"It holds {what}, not a table. Export it again as CSV or XLSX.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _not_quite_utf_8(data)
    return _repaired(text)


def no_table(head: bytes) -> str:
    """What a file is that begins so, where it cannot be a table of text; empty where it can be one."""
    head = head[:HEAD]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _unmarked_utf_16(head):
        return ""
    for magic, what in _NAMED.items():
        if head.startswith(magic):
            return what
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for form, what in _NAMED_TEXT:
        if form.match(start):
            return what
    printable = len(head.translate(None, _CONTROL))
    return "" if printable >= (1 - CONTROL_TOLERATED) * len(head) else "binary data"


def _unmarked_utf_16(head: bytes) -> str:
    """The order of bytes where every second byte of the beginning is mostly null, as in UTF-16 without its mark."""
    pairs = len(head) // 2
    nulls = [head[:2].count(0), head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)]
    if nulls[0] != 1 or pairs < 4:  # an export begins with a letter or a quotation mark
        return ""
    most, least = max(nulls[1:]), min(nulls[1:])
    if most < pairs / 4 or least > pairs / 50:
        return ""
    return "utf-16-le" if nulls[2] == most else "utf-16-be"


def _utf_16(data: bytes, encoding: str) -> Text:
    if len(data) % 2 and data.endswith(b"\n"):  # a tool that knows no UTF-16 has ended the last line
        data = data[:-1]
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise UnreadableFile(
            f"Its UTF-16 text breaks at byte {problem.start}: the file is cut off or damaged. Export it again."
        ) from None
    return Text(text.removeprefix("\ufeff"), encoding)


def _not_quite_utf_8(data: bytes) -> Text:
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    beyond = sum(map(len, re.findall(r"[^\x00-\x7f]+", text)))
    if broken <= max(1, DAMAGE_TOLERATED * beyond) and beyond > 2 * broken:
        return Text(
            text, "utf-8", f"{broken} broken characters were replaced by \ufffd; figures are not touched by it."
        )
    encoding = _resaved_as(data)
    return Text(
        data.decode(encoding, errors="replace"),
        encoding,
        f"The text is not UTF-8 and was read as {_TITLES[encoding]}, as a spreadsheet saves it; "
        "other letters may be wrong.",
    )


def _resaved_as(data: bytes) -> str:
    """The encoding of a spreadsheet's system, told from how its letters lie among the bytes."""
    if _looks_japanese(data):
        return "cp932"
    if _looks_cyrillic(data):
        return "cp1251"
    return "mac_roman" if b"\r" in data and b"\n" not in data else "cp1252"


def _looks_japanese(data: bytes) -> bool:
    """Japanese text is full of kana, whose first bytes are quotation marks elsewhere; and all of it must decode."""
    kana = len(re.findall(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]", data))
    if kana < KANA_EXPECTED * len(re.findall(rb"[\x80-\xff]", data)):
        return False
    try:
        data.decode("cp932")
    except UnicodeDecodeError:
        return False
    return True


def _looks_cyrillic(data: bytes) -> bool:
    """Cyrillic words are runs of high bytes alone; Western accents stand between ASCII letters, two at times."""
    in_runs = sum(map(len, re.findall(rb"(?<![A-Za-z])[\xc0-\xff]{2,}(?![A-Za-z])", data)))
    return 2 * in_runs > len(re.findall(rb"[\xc0-\xff]", data))


def _western_bytes(text: str) -> bytes:
    """Text back to the bytes that were taken for Windows-1252, the five that it leaves undefined included."""
    return text.encode("cp1252", errors=_UNDEFINED)


def _undefined_bytes(problem: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    return problem.object[problem.start : problem.end].encode("latin-1"), problem.end


_UNDEFINED = "engagerr-undefined-bytes"
codecs.register_error(_UNDEFINED, _undefined_bytes)


def _repaired(text: str) -> Text:
    """Text whose UTF-8 was taken for a one-byte encoding and saved as UTF-8 again, as ``Ã¼`` for ``ü``.

    It is repaired only if all of it goes back to bytes that are UTF-8, which no other text does.
    """
    read, times = text, 0
    while times < REPAIRS and not read.isascii() and (back := _undone(read)):
        read, times = back, times + 1
    read = read.removeprefix("\ufeff")
    if not times:
        return Text(read, "utf-8")
    return Text(read, "utf-8", "Its letters had been saved in a wrong encoding (Ã¼ for ü) and were put right.")


def _undone(text: str) -> str:
    for to_bytes in (_western_bytes, lambda text: text.encode("cp1251")):
        try:
            return to_bytes(text).decode("utf-8")
        except UnicodeError:
            continue
    return ""
