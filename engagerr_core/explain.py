"""Explain: where a figure comes from, traced back to the rows and files of the workspace."""

from collections.abc import Sequence
from datetime import date, datetime
from math import nan
from typing import TYPE_CHECKING

from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.lineage import Lineage
    from engagerr_core.analysis.overview import Overview
    from engagerr_core.analysis.predicate import Predicate
    from engagerr_core.analysis.tracing import Statements, Traced
    from engagerr_core.vocabulary.coefficients import CoefficientSet
    from engagerr_core.workspace import Workspace


SOURCES = ("figure", "unit", "value", "low", "high", "rows", "files", "predicate")


def explain(
    workspace: "Workspace", figure: "pd.Series | pd.DataFrame | Predicate | str", metric: str | None = None
) -> "Lineage":
    """Trace a figure back to the rows and files it came from, and make it again from them.

    Parameters
    ----------
    workspace : that gave the figure.
    figure : a row of the frame that `ws.metrics` returned, or of an overview's cards, platforms or contents; or a
        `Predicate`; or its text, as reports print it.
    metric : which figure of a row that has several, such as engagement_rate of an overview's platforms.

    Returns
    -------
    The lineage: value, steps, rows, files, coefficients, definitions, superseded statements.

    Raises
    ------
    InvalidArgument
        The row does not know its question, or there is no such figure.
    """
    return explain_all(workspace, [figure], metric)[0]


def explain_all(
    workspace: "Workspace",
    given: "Sequence[pd.Series | pd.DataFrame | Predicate | str]",
    metric: str | None = None,
) -> "list[Lineage]":
    """Several figures, in their order. Those of one creator and instant share one reading of the lake."""
    asked = [_asked(one, metric) for one in given]
    readings: dict[tuple[str | None, datetime | None], _Reading] = {}
    for p, _ in asked:
        key = (p.creator, p.as_of)
        if key not in readings:
            readings[key] = _Reading(workspace, [q for q, _ in asked if (q.creator, q.as_of) == key])
    return [readings[p.creator, p.as_of].lineage(p, value) for p, value in asked]


def latest_known(workspace: "Workspace", as_of: date | datetime | str | None = None) -> datetime | None:
    """The latest ingestion that is known: of all, or not after `as_of`. None where nothing was ingested by then.

    Figures name this instant: whatever is ingested later, they can be made again as known then.
    """
    from engagerr_core.arguments import last_instant

    instants = workspace.runs()["known_at"]
    limit = last_instant(as_of, workspace.settings.time_zone)
    if limit is not None:
        instants = instants[instants <= limit]
    return None if instants.empty else instants.max().to_pydatetime()


def key_figures(workspace: "Workspace", overview: "Overview") -> "pd.DataFrame":
    """Where an overview's key figures come from: the cards, and each platform's views and engagement rate.

    The overview is one that `ws.overview` gave: its tables know their question.

    Returns
    -------
    One row a figure: figure (in words), unit, value, low, high, rows (how many stored ones entered), files (pairs of a
        path and its rows, the most first), predicate (text for `explain`).
    """
    import pandas as pd

    from engagerr_core.analysis.predicate import predicate_of

    found = []
    for table, names in (("cards", (None,)), ("platforms", ("standard_views", "engagement_rate"))):
        rows = getattr(overview, table).iterrows()
        found += [(row, predicate_of(row, name)) for _, row in rows for name in names]
    reading = _Reading(workspace, [p for _, p in found])
    return pd.DataFrame([reading.sources(p, row) for row, p in found], columns=list(SOURCES))


def _asked(figure: "pd.Series | pd.DataFrame | Predicate | str", metric: str | None) -> "tuple[Predicate, float]":
    """The predicate of what was given, and the value that it came with; NaN = none."""
    import pandas as pd

    from engagerr_core.analysis.predicate import Predicate, predicate_of

    if isinstance(figure, str | Predicate):
        p = Predicate.parse(figure) if isinstance(figure, str) else figure
        if metric is not None:
            raise InvalidArgument(f"A predicate names its metric, so metric={metric!r} is one too many. Leave it out.")
        return p, nan
    p = predicate_of(figure, metric)
    row = figure.iloc[0] if isinstance(figure, pd.DataFrame) else figure
    value = row.get("value") if "value" in row else row.get(p.metric)
    return p, nan if value is None else float(value)


class _Reading:
    """What was stored about a creator, as known at an instant, read once for several figures."""

    def __init__(self, workspace: "Workspace", asked: "Sequence[Predicate]") -> None:
        first = asked[0]
        self._workspace = workspace
        self._sets = {p.coefficient_set: _coefficients(workspace, p.coefficient_set) for p in asked}
        columns = _columns(asked, self._sets)
        whole = workspace.stores.settled(lambda: _statements(workspace, first.creator, first.as_of, columns))
        self._statements: dict[tuple[str, ...], Statements] = {(): whole}
        files = workspace.files()
        self._files, self._paths = files, dict(zip(files["file"], files["path"], strict=True))
        self._answers: dict[tuple[object, ...], pd.DataFrame] = {}
        self._overviews: dict[tuple[object, ...], Overview] = {}

    def lineage(self, p: "Predicate", given: float) -> "Lineage":
        """Of one figure."""
        from engagerr_core.analysis import lineage_tables as tables
        from engagerr_core.analysis.lineage import Lineage
        from engagerr_core.analysis.tracing import terms_of

        coefficients = self._sets[p.coefficient_set]
        value, low, high = self._in_overview(p, coefficients) if p.table else self._figure(p, coefficients)
        statements, traced = self._traced(p, value)
        rows = tables.rows_table(statements, tables.entered(traced), self._paths)
        superseded = tables.superseded_table(statements, traced, self._paths)
        definitions = tables.definitions_table(traced)
        return Lineage(
            predicate=p,
            value=value,
            low=low,
            high=high,
            given=given,
            steps=tables.steps(statements, p, traced, rows, superseded, definitions, coefficients),
            rows=rows,
            files=tables.files_table(rows, self._files),
            coefficients=terms_of(traced),
            definitions=definitions,
            superseded=superseded,
        )

    def sources(self, p: "Predicate", row: "pd.Series") -> tuple[object, ...]:
        """One row of `key_figures`, of a card or of a platform's row."""
        from engagerr_core.analysis.lineage_tables import entered
        from engagerr_core.vocabulary.metrics import metric

        of_card = "value" in row
        value = float(row["value" if of_card else p.metric])
        rated = p.metric == "engagement_rate"
        low, high = (row[name] for name in (("low", "high") if of_card else ("rate_low", "rate_high")))
        statements, traced = self._traced(p, value)
        files = statements.stored.loc[entered(traced)["place"].unique(), "file"].value_counts()
        told = sorted((-count, self._paths.get(str(file), str(file))) for file, count in files.items())
        one = metric(p.metric)
        return (
            row["title"] if of_card else f"{row['title']}: {one.title.lower()}",
            "people" if p.table == "reach" else one.unit,
            value,
            float(low) if of_card or rated else nan,
            float(high) if of_card or rated else nan,
            int(files.to_numpy().sum()),
            [(path, -count) for count, path in told],
            str(p),
        )

    def _traced(self, p: "Predicate", value: float) -> "tuple[Statements, list[Traced]]":
        from engagerr_core.analysis.tracing import trace
        from engagerr_core.analysis.tracing_reach import trace_reach

        coefficients = self._sets[p.coefficient_set]
        statements = self._of(p.platforms)
        if p.table == "reach":
            return statements, trace_reach(statements, p, coefficients)
        return statements, trace(statements, p, coefficients, value)

    def _of(self, platforms: tuple[str, ...]) -> "Statements":
        if platforms not in self._statements:
            self._statements[platforms] = self._statements[()].only(platforms)
        return self._statements[platforms]

    def _figure(self, p: "Predicate", coefficients: "CoefficientSet") -> tuple[float, float, float]:
        """A figure of `ws.metrics`: the same question again, all of it, since cells of one answer may share a day."""
        from dataclasses import replace

        from engagerr_core.analysis.tracing import answer, figure_of

        nobody = tuple((key, "") for key, _ in p.keys)
        same = replace(p, keys=nobody, period=None, freq=None)
        if (same, p.freq) not in self._answers:
            self._answers[same, p.freq] = answer(self._of(p.platforms), p, coefficients)
        row = figure_of(self._answers[same, p.freq], p)
        return float(row["value"]), float(row["low"]), float(row["high"])

    def _in_overview(self, p: "Predicate", coefficients: "CoefficientSet") -> tuple[float, float, float]:
        """A figure with rules of its own: of a platform's row, or the bounds of reach."""
        if p.creator is None or p.start is None or p.end is None:
            raise InvalidArgument(
                f"{str(p)!r} is of an overview, which has one creator, a first and a last day. Name them."
            )
        if coefficients.label != self._workspace.coefficients.label:
            raise InvalidArgument(
                f"{str(p)!r} is of an overview, which is made with the coefficient set in force. Name "
                f"{coefficients.name} as coefficient_set in workspace.toml first."
            )
        key = (p.platforms, p.start, p.end)
        if key not in self._overviews:
            self._overviews[key] = self._workspace.overview(p.creator, p.start, p.end, p.platforms or None, p.as_of)
        made = self._overviews[key]
        if p.table == "reach":
            card = made.cards[made.cards["metric"] == "reach"].to_dict("records")[0]
            return float(card["value"]), float(card["low"]), float(card["high"])
        rows = made.platforms[made.platforms["platform"] == dict(p.keys).get("platform")]
        if rows.empty or p.metric not in rows:
            raise InvalidArgument(
                f"There is no figure {str(p)!r} among an overview's platforms. Look at ws.overview(…).platforms."
            )
        row = rows.to_dict("records")[0]
        bounds = ("rate_low", "rate_high") if p.metric == "engagement_rate" else ()
        low, high = (float(row[name]) for name in bounds) if bounds else (nan, nan)
        return float(row[p.metric]), low, high


def _columns(asked: "Sequence[Predicate]", sets: "dict[str, CoefficientSet]") -> list[str]:
    """The columns of an observation that the figures may be made from; bounds of reach rest on exposures, too."""
    from engagerr_core.analysis.used import natives_of
    from engagerr_core.vocabulary.observation import COLUMNS, METRICS

    wanted: set[str] = set()
    for p in asked:
        for name in (p.metric, "standard_views") if p.table == "reach" else (p.metric,):
            wanted.update(natives_of(name, sets[p.coefficient_set]))
    return [name for name in COLUMNS if name not in METRICS or name in wanted]


def _statements(
    workspace: "Workspace", creator: str | None, as_of: datetime | None, columns: list[str]
) -> "Statements":
    """Every stored row, and what resolves from it: once as figures, once as the places of the rows that told them."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    from engagerr_core.analysis.tracing import Statements
    from engagerr_core.store.resolve import resolve
    from engagerr_core.vocabulary.observation import METRICS

    def asked(resolved: bool) -> "dict[str, object]":
        return {"resolved": resolved, "as_of": as_of, "creator": creator, "columns": columns}

    table = workspace.observation_table(**asked(False))  # type: ignore[arg-type]
    resolved = workspace.observations(**asked(True))  # type: ignore[arg-type]
    place = pa.array(np.arange(len(table), dtype=float))
    told = table
    for at, name in enumerate(table.column_names):
        if name in METRICS:
            known = pc.if_else(pc.is_valid(table[name]), place, pa.scalar(None, pa.float64()))
            told = told.set_column(at, table.schema.field(name), known)
    places = resolve(told)
    twin = {name: places[name].to_numpy() for name in places.column_names if name in METRICS}
    stored = workspace.observations(**asked(False))  # type: ignore[arg-type]
    return Statements.of(
        stored=pd.concat([stored, _replaced(workspace, stored, creator, as_of)], ignore_index=True),
        resolved=resolved,
        told=resolved.assign(**twin),
        contents=workspace.contents(creator, as_of=as_of),
    )


def _replaced(
    workspace: "Workspace", stored: "pd.DataFrame", creator: str | None, as_of: datetime | None
) -> "pd.DataFrame":
    """Rows of statements that were replaced as a whole: nothing rests on them, but they tell what was said before."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from engagerr_core.analysis.daily import as_frame

    files = workspace.stores.superseded(as_of)
    if not files:
        return stored.iloc[:0]
    rows = workspace.lake.read(list(stored.columns), creator=creator, as_of=as_of)
    return as_frame(rows.filter(pc.is_in(rows["file"], pa.array(sorted(files))))).astype(stored.dtypes.to_dict())


def _coefficients(workspace: "Workspace", label: str) -> "CoefficientSet":
    """The set of that label: the one in force, else another of the workspace's or the shipped ones."""
    from engagerr_core.vocabulary.coefficients import load_coefficient_set

    now = workspace.coefficients
    if not label or now.label == label:
        return now
    name, _, version = label.partition(" ")
    found = load_coefficient_set(name, workspace.path / "coefficients") if name.isidentifier() else None
    if found is None or found.label != label:
        raise InvalidArgument(
            f"This figure was made with the coefficient set {label!r}, and {found.label if found else now.label} is "
            f"what there is. Put version {version or label} back into the folder coefficients to make the figure again."
        )
    return found
