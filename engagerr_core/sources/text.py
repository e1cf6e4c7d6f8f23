"""Bytes to text, in the encodings that exports and re-saved exports come in."""

import codecs
import re
from dataclasses import dataclass

from engagerr_core.errors import UnreadableFile

DAMAGE_TOLERATED = 0.01  # broken characters ÷ all characters beyond ASCII; more means that it is not UTF-8

CONTROL_TOLERATED = 0.05  # control characters ÷ all; pictures and programs have twice as many
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f"))


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text and what the reader should know about the decoding."""

    text: str
    encoding: str
    warning: str = ""


def decode(data: bytes) -> Text:
    """Decode a text table. Raises `UnreadableFile` for bytes that are no text."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return _utf_16(data[len(mark) :], encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    if _is_binary(data[:4096]):
        raise UnreadableFile("It holds binary data, not a table. Export it again as CSV or XLSX.")
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _not_quite_utf_8(data)


def _is_binary(head: bytes) -> bool:
    return len(head.translate(None, _CONTROL)) < (1 - CONTROL_TOLERATED) * len(head)


def _utf_16(data: bytes, encoding: str) -> Text:
    try:
        return Text(data.decode(encoding), encoding)
    except UnicodeDecodeError as problem:
        raise UnreadableFile(
            f"Its UTF-16 text breaks at byte {problem.start}: the file is cut off or damaged. Export it again."
        ) from None


def _not_quite_utf_8(data: bytes) -> Text:
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    beyond = sum(1 for c in text if c > "\x7f")
    if broken <= max(1, DAMAGE_TOLERATED * beyond) and beyond > 2 * broken:
        return Text(
            text, "utf-8", f"{broken} broken characters were replaced by \ufffd; figures are not touched by it."
        )
    encoding = "cp1251" if _looks_cyrillic(data) else "cp1252"
    title = {"cp1251": "Windows-1251 (Cyrillic)", "cp1252": "Windows-1252 (Western)"}[encoding]
    return Text(
        data.decode(encoding, errors="replace"),
        encoding,
        f"The text is not UTF-8 and was read as {title}, as a spreadsheet saves it; other letters may be wrong.",
    )


def _looks_cyrillic(data: bytes) -> bool:
    """Cyrillic words are runs of high bytes; Western accents stand alone between ASCII letters."""
    in_runs = sum(map(len, re.findall(rb"[\xc0-\xff]{2,}", data)))
    return 2 * in_runs > len(re.findall(rb"[\xc0-\xff]", data))
