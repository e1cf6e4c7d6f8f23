"""Definition registry: what a platform meant by a metric, and since when."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from engagerr_core.vocabulary.tables import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One meaning of one platform's metric during one span of days.

    `formats` is empty where the definition speaks of the account as a whole and of every format without a row of its
    own. `valid_from` and `valid_to` are inclusive; None is open. `comparable_to` names the metric that continues the
    older notion, or is empty. `stands_for`: the figures of these days are that notion already, by the platform's own
    word, and may stand for it unscaled.
    """

    platform: str
    metric: str
    text: str
    formats: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    comparable_to: str = ""
    stands_for: bool = False

    @property
    def name(self) -> str:
        """Stable identifier, such as ``youtube.views@2026-08-24``."""
        formats = f"[{'+'.join(self.formats)}]" if self.formats else ""
        since = f"@{self.valid_from.isoformat()}" if self.valid_from else ""
        return f"{self.platform}.{self.metric}{formats}{since}"


@cache
def definitions() -> tuple[Definition, ...]:
    """The shipped registry."""
    return tuple(
        Definition(**{**row, "formats": tuple(row["formats"])}) for row in shipped("definitions.toml")["definition"]
    )


def definitions_of(platform: str, metric: str, format: str = "") -> tuple[Definition, ...]:
    """The definitions of one platform's metric, oldest first; a single open one where the registry is silent."""
    rows = [d for d in definitions() if d.platform == platform and d.metric == metric]
    own = [d for d in rows if format and format in d.formats] or [d for d in rows if not d.formats]
    if not own:
        return (Definition(platform=platform, metric=metric, text="As the platform counts it."),)
    return tuple(sorted(own, key=lambda d: d.valid_from or date.min))


def definition_in_force(platform: str, metric: str, start: date | None, end: date | None, format: str = "") -> str:
    """Name of the definition in force from start to end; several, joined by `` | ``, where it changed in between."""
    first, last = start or date.min, end or date.max
    return " | ".join(
        d.name
        for d in definitions_of(platform, metric, format)
        if (d.valid_from or date.min) <= last and first <= (d.valid_to or date.max)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionChange:
    """A day on which a platform began to count a metric differently.

    `comparable_to` is that of the definition that begins, or of the one that ended. `series` is the metric under which
    the figures go on: the metric itself or, where that is on its way out, the one that continues it.
    """

    platform: str
    metric: str
    day: date
    formats: tuple[str, ...]
    text: str
    comparable_to: str
    series: str

    @property
    def common(self) -> str:
        """The metric in which both sides of the change can be told."""
        return self.comparable_to or self.metric

    def concerns(self, format: str) -> bool:
        """Whether posts of a format are counted differently since that day; an unknown format may be."""
        if not format or self.formats:
            return not format or format in self.formats
        return format not in formats_apart(self.platform, self.metric)


def formats_apart(platform: str, metric: str) -> frozenset[str]:
    """Formats for which a platform's metric has definitions of its own."""
    return frozenset(f for d in definitions() if (d.platform, d.metric) == (platform, metric) for f in d.formats)


def definition_changes(
    platforms: tuple[str, ...] | None = None, start: date | None = None, end: date | None = None
) -> tuple[DefinitionChange, ...]:
    """Changes that took effect from start to end, in order of day; all where nothing is named.

    A metric that simply ended counts as a change on the day after its last one.
    """
    found: dict[tuple, DefinitionChange] = {}
    for d in definitions():
        if platforms is not None and d.platform not in platforms:
            continue
        chain = definitions_of(d.platform, d.metric, *d.formats[:1])
        days = [d.valid_from] if d.valid_from else []
        if d.valid_to and not any(o.valid_from == d.valid_to + timedelta(1) for o in chain):
            days.append(d.valid_to + timedelta(1))
        for day in days:
            if (start is None or day >= start) and (end is None or day <= end):
                found[d.platform, d.metric, day, d.formats] = DefinitionChange(
                    platform=d.platform,
                    metric=d.metric,
                    day=day,
                    formats=d.formats,
                    text=d.text if day == d.valid_from else f"{d.metric} ended: {d.text}",
                    comparable_to=d.comparable_to,
                    series=d.comparable_to if chain[-1].valid_to else d.metric,
                )
    return tuple(sorted(found.values(), key=lambda c: (c.day, c.platform, c.metric, c.formats)))
