"""How far the days of each account reach: a bar where days are known, a hole where they are missing."""

from typing import TYPE_CHECKING

from engagerr_core.charts.figure import Figure, nothing_to_draw
from engagerr_core.charts.specification import UTC, Specification, data, title, tooltip
from engagerr_core.charts.theme import SERIES, TEXT
from engagerr_core.charts.wording import day, one_line, platform_title

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.quality.report import QualityReport

ROW, WIDTH = 26, 520
LEAST_SHARE = 0.004  # of the width: a stretch of one day among years stays visible


def freshness_figure(quality: "QualityReport") -> Figure:
    """One row an account: days that are final in full colour, provisional ones paler, missing days empty."""
    if quality.stretches.empty:
        return nothing_to_draw(
            "No account has daily figures",
            kind="Bar chart",
            of="known days by account",
            advice="Ingest the accounts' daily overviews.",
        )
    drawn = _rows(quality.stretches)
    finding = _finding(quality)
    subtitle = "Bars: days with figures, paler where they may still be restated; holes: days missing"
    return Figure(
        drawing={"title": title(finding, subtitle), **_drawing(drawn)},
        title=finding,
        alt=f"Bar chart of known days by account, one bar a stretch of days, where {finding[0].lower()}{finding[1:]}",
        data=drawn,
    )


def _rows(stretches: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    several = len(stretches["creator"].unique()) > 1
    accounts = stretches[["creator", "platform", "account"]].drop_duplicates()
    one_each = not accounts.duplicated(["creator", "platform"]).any()
    names = [
        " · ".join(
            part
            for part in (one_line(c, 30) if several else "", platform_title(p), "" if one_each else one_line(a, 24))
            if part
        )
        for c, p, a in stretches[["creator", "platform", "account"]].itertuples(index=False, name=None)
    ]
    begin = pd.to_datetime(stretches["first_day"], utc=True).dt.as_unit("ms")
    end = pd.to_datetime(stretches["last_day"], utc=True).dt.as_unit("ms") + pd.Timedelta(days=1)
    least = (end.max() - begin.min()) * LEAST_SHARE
    return pd.DataFrame({
        "name": names, "begin": begin, "end": end.where(end - begin >= least, begin + least),
        "days": [f"{day(a)} to {day(b)}" for a, b in zip(stretches["first_day"], stretches["last_day"], strict=True)],
        "state": stretches["provisional"].map({True: "may still change", False: "final"}).to_numpy(),
    })  # fmt: skip


def _finding(quality: "QualityReport") -> str:
    missing = int(quality.freshness["missing_days"].astype("int64").sum())
    if missing:
        return f"{missing:,} {'day is' if missing == 1 else 'days are'} missing between first and last"
    reached = quality.freshness["last_day"]
    if reached.min() < reached.max():
        return f"No day is missing; one account ends {day(reached.min())}"
    return f"No day is missing up to {day(reached.max())}"


def _drawing(drawn: "pd.DataFrame") -> Specification:
    names = list(dict.fromkeys(drawn["name"]))
    named = {"labelColor": TEXT, "labelLimit": 260}
    place = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": named}
    months = {"format": "%b %Y", "tickCount": 7}
    days = {"field": "begin", "type": "temporal", "scale": UTC, "title": None, "axis": months}
    pale = {"condition": {"test": "datum.state == 'final'", "value": 1}, "value": 0.4}
    return {
        "data": data(drawn),
        "width": WIDTH,
        "height": ROW * len(names),
        "mark": {"type": "bar", "height": 12, "color": SERIES[0]},
        "encoding": {
            "y": place, "x": days, "x2": {"field": "end"}, "opacity": pale,
            "tooltip": tooltip({"name": "Account", "days": "Days", "state": "State"}),
        },
    }  # fmt: skip
