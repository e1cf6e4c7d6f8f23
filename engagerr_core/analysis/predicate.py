"""Predicates: which question one figure answers, as a text that anybody can paste back."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from urllib.parse import unquote_to_bytes

import pandas as pd

from engagerr_core.analysis.figures import KEYS, UNITS, Frequency, Question, question
from engagerr_core.errors import EngagerrError, InvalidArgument
from engagerr_core.vocabulary.dimensions import dimensions
from engagerr_core.vocabulary.metrics import metric as metric_named

QUESTION = "predicate"  # under this name a frame's `attrs` hold the question that it answers
TABLES = ("", "platforms", "reach")
_MOST_BREAKS = 8  # a text of more lines is broken between its words only
_PLAIN = "-_.:/@"
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?")
_FREQUENCIES = {unit: freq for freq, unit in UNITS.items()}
_EXAMPLE = "standard_views creator=Ada by platform=youtube 2026-10-01..2026-10-28 flow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """The question that one figure answers. `Predicate.parse(str(p)) == p` for every predicate.

    Attributes
    ----------
    metric : its name.
    creator : only this one's rows were asked for; None = everybody's.
    platforms : only these; empty = all.
    keys : pairs of a key (platform, account, content, a label, a dimension) and its value, as in `by`.
    start, end : the period asked for, both days included; None = open.
    freq, period : D, W or M and the first day of the figure's day, week or month; None = the whole period.
    basis : flow or stock.
    table : empty for a figure of `ws.metrics`; else the table of an overview whose figures have rules of their own:
        platforms (sums of reported days only) or reach (bounds).
    as_of : what was known: nothing that was ingested after this instant. None = all.
    coefficient_set : label of the set in force; empty for native figures.
    """

    metric: str
    creator: str | None = None
    platforms: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    start: date | None = None
    end: date | None = None
    freq: Frequency | None = None
    period: date | None = None
    basis: str = "flow"
    table: str = ""
    as_of: datetime | None = None
    coefficient_set: str = ""

    def __post_init__(self) -> None:
        metric_named(self.metric)
        if self.as_of is not None:
            if self.as_of.tzinfo is None:
                raise InvalidArgument(
                    f"as_of {self.as_of} has no time zone. Give an instant, such as {_instant(None)}."
                )
            object.__setattr__(self, "as_of", self.as_of.astimezone(UTC))
        if (self.freq is None) != (self.period is None):
            raise InvalidArgument("Of freq and period one is missing. Give both (a day, week or month) or neither.")
        if self.table not in TABLES:
            raise InvalidArgument(f"There is no table {self.table!r} with figures. Known are {', '.join(TABLES[1:])}.")
        self.question()

    def question(self) -> Question:
        """The question as `analysis.figures.figures` takes it."""
        return question([k for k, _ in self.keys], [self.metric], self.start, self.end, self.freq, self.basis)

    def __str__(self) -> str:
        words = [self.metric]
        if self.creator is not None:
            words.append(f"creator={_quoted(self.creator)}")
        if self.platforms:
            words.append(f"platforms={','.join(map(_quoted, self.platforms))}")
        if self.keys:
            words += ["by", *(f"{key}={_quoted(value)}" for key, value in self.keys)]
        words.append(f"{self.start or ''}..{self.end or ''}")
        if self.freq is not None:
            words.append(f"{UNITS[self.freq]}={self.period}")
        words.append(self.basis)
        if self.table:
            words.append(f"table={self.table}")
        if self.as_of is not None:
            words += ["known", _instant(self.as_of)]
        if self.coefficient_set:
            words.append(f"coefficients={_quoted(self.coefficient_set)}")
        return " ".join(words)

    @classmethod
    def parse(cls, text: str) -> "Predicate":
        """The predicate that a text states. It may be broken into lines, also inside a word, as a printed page does.

        Raises `InvalidArgument` or `UnknownName` for a text that states none.

        >>> p = Predicate.parse("views creator=Ada+L. by platform=youtube 2026-10-01..2026-10-28 flow")
        >>> p.creator, p.keys, p.end
        ('Ada L.', (('platform', 'youtube'),), datetime.date(2026, 10, 28))
        """
        lines = _visible(text).split("\n")
        for joins in _joins(len(lines) - 1):
            with suppress(EngagerrError):
                return cls._read("".join(line + join for line, join in zip(lines, (*joins, ""), strict=True)))
        return cls._read(" ".join(lines))

    @classmethod
    def _read(cls, text: str) -> "Predicate":
        words = text.split()
        spans = [place for place, word in enumerate(words) if _SPAN.fullmatch(word)]
        if not spans or not spans[0] or len(words) < spans[0] + 2:
            raise InvalidArgument(f"{text!r} states no figure. Write it like: {_EXAMPLE}.")
        before, span, basis, after = words[1 : spans[0]], words[spans[0]], words[spans[0] + 1 :], {}
        told: dict[str, Any] = {"metric": words[0], **_before(before, text)}
        found = _SPAN.fullmatch(span)
        told |= {"start": _day(found[1], text), "end": _day(found[2], text)} if found else {}
        if "=" in basis[0] and basis[0].split("=")[0] in _FREQUENCIES and len(basis) > 1:
            unit, _, first = basis[0].partition("=")
            told |= {"freq": _FREQUENCIES[unit], "period": _day(first, text)}
            basis = basis[1:]
        after = _after(basis[1:], text)
        return cls(**told, basis=basis[0], **after)


def _visible(text: str) -> str:
    """The lines of a text without blanks around them and without invisible signs, which no predicate has."""
    lines = ["".join(c for c in line if unicodedata.category(c) != "Cf").strip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line)


def _joins(breaks: int) -> Iterable[tuple[str, ...]]:
    """What the line breaks of a text may have stood for: blanks between words first, then breaks inside words."""
    if breaks > _MOST_BREAKS:
        return [(" ",) * breaks]
    return sorted(product((" ", ""), repeat=max(breaks, 0)), key=lambda joins: joins.count(""))


def _before(words: Sequence[str], text: str) -> dict[str, Any]:
    """What stands between the metric and the days: whose, which platforms, by which keys."""
    told: dict[str, Any] = {}
    keys: list[tuple[str, str]] = []
    by = False
    for word in words:
        name, equals, value = word.partition("=")
        if word == "by" and not by:
            by = True
        elif not equals:
            raise InvalidArgument(
                f"{word!r} in {text!r} is no pair such as platform=youtube. Write it like: {_EXAMPLE}."
            )
        elif not by and name == "creator":
            told["creator"] = _unquoted(value, text)
        elif not by and name == "platforms":
            told["platforms"] = tuple(_unquoted(one, text) for one in value.split(","))
        elif name in KEYS or name in dimensions():
            keys.append((name, _unquoted(value, text)))
        else:
            raise InvalidArgument(f"{text!r} names {name!r}, which is no key. Write it like: {_EXAMPLE}.")
    return {**told, "keys": tuple(keys)}


def _after(words: Sequence[str], text: str) -> dict[str, Any]:
    """What stands after the basis: table, instant, coefficient set."""
    told: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        name, _, value = word.partition("=")
        if word == "known" and left:
            told["as_of"] = _moment(left.pop(0), text)
        elif name in ("table", "coefficients") and value:
            told[{"table": "table", "coefficients": "coefficient_set"}[name]] = _unquoted(value, text)
        else:
            raise InvalidArgument(f"{word!r} in {text!r} says nothing here. Write it like: {_EXAMPLE}.")
    return told


def _quoted(text: str) -> str:
    """Text as one word: letters, digits and marks as they are, a blank as +, all else by its bytes.

    No quote, dollar or bracket is left, so that a predicate is whole between the quotes of any shell.
    """
    return "".join("+" if c == " " else c if _stands(c) else _bytes(c) for c in text)


def _stands(c: str) -> bool:
    invisible = "\ufe00" <= c <= "\ufe0f" or c == "\u034f"  # variation selectors and a joiner: lost when copied
    return c in _PLAIN or (unicodedata.category(c)[0] in "LMN" and not invisible)


def _bytes(c: str) -> str:
    return "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "surrogatepass"))


def _unquoted(word: str, text: str) -> str:
    try:
        return unquote_to_bytes(word.replace("+", " ")).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise InvalidArgument(f"{word!r} in {text!r} is no text. Copy the whole predicate again.") from None


def _day(text: str | None, whole: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidArgument(f"{text!r} in {whole!r} is not a day. Write it like 2026-03-31.") from None


def _moment(text: str, whole: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidArgument(f"{text!r} in {whole!r} is not an instant. Write it like {_instant(None)}.") from None


def _instant(moment: datetime | None) -> str:
    moment = moment or datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def asked_of(
    asked: Question, *, creator: str | None, as_of: datetime | None, coefficient_set: str,
    platforms: Sequence[str] = (), table: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A question as plain data, for the `attrs` of the frame that answers it: ``frame.attrs[QUESTION] = …``.

    `as_of` is what was known when it was answered; the other arguments are as in `Predicate`.
    """
    return {
        "by": list(asked.by),
        "start": f"{asked.start:%Y-%m-%d}" if asked.start is not None else "",
        "end": f"{asked.end:%Y-%m-%d}" if asked.end is not None else "",
        "freq": asked.freq,
        "basis": asked.basis,
        "creator": creator,
        "platforms": list(platforms),
        "table": table,
        "as_of": "" if as_of is None else _instant(as_of),
        "coefficient_set": coefficient_set,
    }


def asked_of_overview(
    table: str, start: date, end: date, *, creator: str, as_of: datetime | None, coefficient_set: str,
    platforms: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """The same for a table of an overview: cards, platforms or contents."""
    by = {"cards": (), "platforms": ("platform",), "contents": ("platform", "account", "content")}[table]
    asked = question(by, start=start, end=end, basis="stock" if table == "contents" else "flow")
    return asked_of(
        asked, creator=creator, as_of=as_of, coefficient_set=coefficient_set, platforms=platforms,
        table="platforms" if table == "platforms" else "",
    )  # fmt: skip


def predicate_of(row: "pd.Series | pd.DataFrame", metric: str | None = None) -> Predicate:
    """The predicate of one row of a frame that knows its question.

    `metric` chooses the figure where a row has several, as those of an overview's platforms and contents have; None =
    the row's own, else standard views.
    """
    row = _one_row(row)
    asked = row.attrs.get(QUESTION)
    if not isinstance(asked, Mapping):
        raise InvalidArgument(
            "This row does not say which question it answers: merging, pivoting and the like lose it. Take the row "
            "from the frame that ws.metrics or ws.overview returned, or give the predicate as text."
        )
    name = metric or (str(_of(row, "metric")) if "metric" in row or _is_metric(row.name) else "standard_views")
    basis, table, freq = asked["basis"], asked["table"], asked["freq"]
    if table == "platforms" and metric_named(name).kind == "derived":
        basis = "stock"  # of the posts published in the period; the platform's other figures are of its days
    if name == "reach" and not asked["by"] and not table:
        table = "reach"
    return Predicate(
        metric=name,
        creator=asked["creator"],
        platforms=tuple(asked["platforms"]),
        keys=tuple((key, str(_of(row, key))) for key in asked["by"]),
        start=_day(asked["start"], asked["start"]),
        end=_day(asked["end"], asked["end"]),
        freq=freq,
        period=None if freq is None else pd.Timestamp(_of(row, "period")).date(),
        basis=basis,
        table=table,
        as_of=_moment(asked["as_of"], asked["as_of"]) if asked["as_of"] else None,
        coefficient_set="" if metric_named(name).kind == "native" else asked["coefficient_set"],
    )


def _is_metric(name: object) -> bool:
    from engagerr_core.vocabulary.metrics import metrics

    return isinstance(name, str) and name in metrics()


def _one_row(row: object) -> pd.Series:
    if isinstance(row, pd.Series):
        return row
    if isinstance(row, pd.DataFrame) and len(row) == 1:
        return (row if row.index.names == [None] else row.reset_index()).iloc[0]
    size = f"{len(row)} rows" if isinstance(row, pd.DataFrame) else f"a {type(row).__name__}"
    raise InvalidArgument(
        f"One figure is explained at a time, and {size} were given. Give one row, such as frame.iloc[0]."
    )


def _of(row: pd.Series, name: str) -> Any:
    """A value of the row; the row's own name stands for one that became the index."""
    if name in row:
        return row[name]
    if isinstance(row.name, str | date | pd.Timestamp):
        return row.name
    raise InvalidArgument(f"This row has no {name!r} any more, and the figure is not known without. Keep that column.")
