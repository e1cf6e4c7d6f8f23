"""The planner behind `ws.metrics`: which tables answer a question, over which days, beside which others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from engagerr_core.arguments import checked_day
from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.figures import Frequency, Question
    from engagerr_core.analysis.windows import Compare, Window
    from engagerr_core.workspace import Workspace


def metrics(
    workspace: "Workspace",
    by: Sequence[str],
    metrics: Sequence[str],
    *,
    start: date | str | None,
    end: date | str | None,
    freq: str | None,
    creator: str | None,
    basis: str | None,
    as_of: date | datetime | str | None,
    window: str | None,
    compare: str | None,
) -> "pd.DataFrame":
    """See `Workspace.metrics`."""
    from engagerr_core.analysis.figures import question

    asked = question(by, metrics, start, end, cast("Frequency | None", freq), basis)
    workspace.require_creator(creator)
    known_by = workspace.known_by(as_of)

    def answered() -> "pd.DataFrame":
        if window is None and compare is None:
            return _figures(workspace, asked, creator, known_by)
        span = _window(workspace, creator, known_by, window, start, end, compare)
        return _compared(workspace, asked, creator, known_by, span, wanted=compare is not None)

    return workspace.stores.settled(answered)


def _figures(
    workspace: "Workspace", asked: "Question", creator: str | None, known_by: datetime | None
) -> "pd.DataFrame":
    """Flows of accounts and posts from the daily tables; lifetimes, and what is split by a dimension, from the rows."""
    import pandas as pd

    from engagerr_core.analysis.figures import figures
    from engagerr_core.analysis.predicate import QUESTION, asked_of
    from engagerr_core.explain import latest_known
    from engagerr_core.questions import known_contents, known_rows
    from engagerr_core.vocabulary.context import LABELS

    days, coefficients = workspace.days, workspace.coefficients
    if asked.basis == "stock" or asked.dimension:
        found = figures(*known_rows(workspace, creator, known_by), asked, coefficients)
    else:
        labelled = bool(set(LABELS) & set(asked.by))
        contents = known_contents(workspace, creator, known_by) if labelled else pd.DataFrame()
        if asked.posts:
            rows = days.contents(coefficients, creator, asked.start, asked.end, known_by)
        else:
            rows = days.accounts(coefficients, creator, known_by)
        found = figures(days.periods(coefficients, creator, known_by), contents, asked, coefficients, rows)
    known = latest_known(workspace, known_by)
    found.attrs[QUESTION] = asked_of(asked, creator=creator, as_of=known, coefficient_set=coefficients.label)
    return found


def _window(
    workspace: "Workspace",
    creator: str | None,
    known_by: datetime | None,
    name: str | None,
    start: date | str | None,
    end: date | str | None,
    compare: str | None,
) -> "Window":
    """The window asked for; a named one ends with the last day that all accounts have reported finally."""
    from engagerr_core.analysis.freshness import last_whole_period
    from engagerr_core.analysis.subjects import as_text
    from engagerr_core.analysis.windows import window
    from engagerr_core.questions import known_delays

    accounts = as_text(workspace.days.accounts(workspace.coefficients, creator, known_by))
    last = last_whole_period(accounts, 1, known_delays(workspace, creator, known_by))
    return window(
        name or "",
        last[1].date() if last else None,
        None if accounts.empty else accounts["day"].min().date(),
        start=checked_day("start", start),
        end=checked_day("end", end),
        compare=cast("Compare | None", compare),
    )


def _compared(
    workspace: "Workspace",
    asked: "Question",
    creator: str | None,
    known_by: datetime | None,
    span: "Window",
    *,
    wanted: bool,
) -> "pd.DataFrame":
    """Figures of a window and, where wanted, what they were in its comparison."""
    import pandas as pd

    from engagerr_core.analysis.subjects import POST
    from engagerr_core.analysis.windows import with_comparison
    from engagerr_core.questions import known_contents
    from engagerr_core.vocabulary.context import LABELS

    def of(first: date, last: date) -> "pd.DataFrame":
        during = replace(asked, start=pd.Timestamp(first), end=pd.Timestamp(last))
        return _figures(workspace, during, creator, known_by)

    now = of(span.start, span.end)
    if not wanted:
        return now
    if span.compared_start is None or span.compared_end is None:
        raise InvalidArgument(
            f"{span.title} was to be compared, but it has nothing before it. Ask for a bounded window, such as 30d."
        )
    before = of(span.compared_start, span.compared_end)
    contents = known_contents(workspace, creator, known_by)
    days, coefficients = workspace.days, workspace.coefficients
    ground = days.accounts(coefficients, creator, known_by)
    if asked.posts and asked.basis == "flow":
        first, last = pd.Timestamp(span.compared_start), pd.Timestamp(span.end)
        labels = [label for label in LABELS if label in asked.by]
        ground = days.contents(coefficients, creator, first, last, known_by)
        ground = ground.merge(contents[[*POST, *labels]], on=POST, how="left")
    compared = with_comparison(now, before, span, ground, contents, coefficients, freq=asked.freq)
    compared.attrs |= now.attrs
    return compared
