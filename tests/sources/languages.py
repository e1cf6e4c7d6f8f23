"""Tables as the platforms write them in other languages: headers, words, days.

Headers and words come from the project's own translations, so that the test is of what is promised there; days are
written after the Unicode locale data, by hand, so that they are independent of the reader.
"""

import re
import tomllib
from datetime import date, datetime
from functools import cache
from pathlib import Path

import engagerr_core.sources.platforms as platforms

LANGUAGES = ("german", "french", "spanish", "portuguese", "italian", "vietnamese", "russian", "japanese")
TRANSLATIONS = Path(platforms.__file__).parent / "translations"
DAY_HEADERS = frozenset(
    ["Date", "Time", "Post time", "Video publish time", "Created date", "Post publish date", "release_date", "date"]
)
PROSE = frozenset(
    [
        "Video title",
        "Title",
        "Description",
        "Post text",
        "Tweet text",
        "Post title",
        "song",
        "Account name",
        "Page name",
    ]
)
MONTHS = {
    "german": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "french": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "vietnamese": "Một,Hai,Ba,Tư,Năm,Sáu,Bảy,Tám,Chín,Mười,Mười Một,Mười Hai",
    "russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
SHORT = {
    "german": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "french": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "spanish": "ene feb mar abr may jun jul ago sept oct nov dic",
    "portuguese": "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    "italian": "gen feb mar apr mag giu lug ago set ott nov dic",
    "russian": "янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.",
}
WEEKDAYS = {
    "german": "Mo.,|Di.,|Mi.,|Do.,|Fr.,|Sa.,|So.,",
    "french": "lun.|mar.|mer.|jeu.|ven.|sam.|dim.",
    "spanish": "lun,|mar,|mié,|jue,|vie,|sáb,|dom,",
    "portuguese": "seg.,|ter.,|qua.,|qui.,|sex.,|sáb.,|dom.,",
    "italian": "lun|mar|mer|gio|ven|sab|dom",
    "vietnamese": "Th 2,|Th 3,|Th 4,|Th 5,|Th 6,|Th 7,|CN,",
    "russian": "пн,|вт,|ср,|чт,|пт,|сб,|вс,",
    "japanese": "月|火|水|木|金|土|日",
}
_NAMED = re.compile(r"(?:[A-Z][a-z]{2}, )?[A-Z][a-z]+ \d{1,2}(?:, \d{4})?")
_NUMERIC = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")


@cache
def translations(language: str) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Headers and words of all platforms in a language: English → what that language writes, one or several."""
    headers: dict[str, tuple[str, ...]] = {}
    words: dict[str, tuple[str, ...]] = {}
    for path in sorted(TRANSLATIONS.glob("*.toml")):
        part = tomllib.loads(path.read_text(encoding="utf-8")).get(language, {})
        for name, found in (("headers", headers), ("words", words)):
            for english, told in part.get(name, {}).items():
                found[f"{path.stem}:{english.casefold()}"] = (told,) if isinstance(told, str) else tuple(told)
    return headers, words


def translated(
    rows: list[list[str]], header: int, reader: str, language: str, choice: int = 0
) -> tuple[list[list[str]], float]:
    """The table in that language, and which part of its headers has a translation.

    `choice` picks among several translations of a header or word.
    """
    headers, words = translations(language)
    names = rows[header]
    told = [_told(headers, reader, name, choice) or _told(words, reader, name, choice) for name in names]
    known = sum(one is not None for one in told) / max(1, sum(1 for name in names if name))
    above = [[_told(words, reader, cell, choice) or cell for cell in row] for row in rows[:header]]
    body = [
        [_cell(cell, name, reader, language, choice) for cell, name in zip(row, _wide(names, row), strict=True)]
        for row in rows[header + 1 :]
    ]
    return [*above, [one or name for one, name in zip(told, names, strict=True)], *body], known


def _wide(names: list[str], row: list[str]) -> list[str]:
    return (names + [""] * len(row))[: len(row)]


def _told(found: dict[str, tuple[str, ...]], reader: str, english: str, choice: int) -> str | None:
    currency = re.search(r" \([A-Z]{3}\)$", english)
    bare = english[: currency.start()] if currency else english
    several = found.get(f"{reader}:{bare.strip().casefold()}")
    if not several:
        return None
    return several[choice % len(several)] + (currency[0] if currency else "")


def _cell(cell: str, name: str, reader: str, language: str, choice: int) -> str:
    if name in PROSE:
        return cell
    if name in DAY_HEADERS:
        if day := _read(cell):
            return written_day(*day, language)
        return cell
    return _told(translations(language)[1], reader, cell, choice) or cell


def _read(cell: str) -> tuple[date, str] | None:
    """An English day and its form: `weekday`, `year`, `yearless` or `numeric`."""
    if _NUMERIC.fullmatch(cell):
        return datetime.strptime(cell, "%m/%d/%Y").date(), "numeric"
    if not _NAMED.fullmatch(cell):
        return None
    for pattern, form in (("%a, %b %d, %Y", "weekday"), ("%b %d, %Y", "year"), ("%B %d %Y", "yearless")):
        try:
            whole = f"{cell} 2024" if form == "yearless" else cell  # a leap year
            return datetime.strptime(whole, pattern).date(), form
        except ValueError:
            continue
    return None


def written_day(day: date, form: str, language: str) -> str:
    """A day in a form of `_read`, as that language writes it.

    >>> written_day(date(2026, 8, 1), "weekday", "german"), written_day(date(2026, 3, 8), "yearless", "vietnamese")
    ('Sa., 1. Aug. 2026', '8 tháng Ba')
    """
    d, month, y = day.day, day.month - 1, day.year
    if language == "japanese":
        if form == "numeric":
            return f"{y}/{day:%m/%d}"
        bare = f"{month + 1}月{d}日" if form == "yearless" else f"{y}年{month + 1}月{d}日"
        return f"{bare}({WEEKDAYS[language].split('|')[day.weekday()]})" if form == "weekday" else bare
    if form == "numeric":
        return f"{day:%d.%m.%Y}" if language in ("german", "russian") else f"{day:%d/%m/%Y}"
    if form == "yearless":
        name = re.split("[ ,]" if language != "vietnamese" else ",", MONTHS[language])[month]
        return {
            "german": f"{d}. {name}",
            "spanish": f"{d} de {name}",
            "portuguese": f"{d} de {name}",
            "vietnamese": f"{d} tháng {name}",
        }.get(language, f"{d} {name}")
    name = f"thg {month + 1}" if language == "vietnamese" else SHORT[language].split()[month]
    said = {
        "german": f"{d}. {name} {y}",
        "portuguese": f"{d} de {name} de {y}",
        "vietnamese": f"{d} {name}, {y}",
        "russian": f"{d} {name} {y} г.",
    }.get(language, f"{d} {name} {y}")
    return f"{WEEKDAYS[language].split('|')[day.weekday()]} {said}" if form == "weekday" else said
