"""A source of made-up overviews, which remembers what it was asked."""

from datetime import date

import pandas as pd

from engagerr_core.analysis.overview import Overview
from engagerr_core.errors import InvalidArgument
from tests.charts.example_overview import END, example_overview


class ExampleSource:
    def __init__(
        self,
        creators: tuple[str, ...] = ("Ada", "Grace"),
        platforms: tuple[str, ...] = ("youtube", "instagram", "tiktok"),
    ) -> None:
        self.names, self.platforms, self.asked = creators, platforms, []  # fmt: skip
        self.known: list[date | None] = []

    def creators(self) -> pd.DataFrame:
        return pd.DataFrame({"creator": list(self.names), "added_at": pd.Timestamp("2026-09-21", tz="UTC")})

    def overview(
        self,
        creator: str,
        start: date | None = None,
        end: date | None = None,
        platforms: list[str] | None = None,
        as_of: date | None = None,
    ) -> Overview:
        self.asked.append((creator, start, end, platforms))
        self.known.append(as_of)
        if start is not None and end is not None and end < date(2024, 1, 1):
            raise InvalidArgument(f"Nothing is known of <b>{creator}</b> before 2024. Choose a later period.")
        end = end or END
        days = 28 if start is None else (end - start).days + 1
        chosen = tuple(p for p in self.platforms if platforms is None or p in platforms)
        return example_overview(chosen, days=days, creator=creator, end=end)
