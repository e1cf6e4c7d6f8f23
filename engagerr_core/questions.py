"""What a workspace can be asked: it fetches the rows, the analysis answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.audience import ReachEstimate
    from engagerr_core.analysis.overview import Overview
    from engagerr_core.workspace import Workspace

FIGURE_METRICS = ("standard_views", "standard_engagements", "engagement_rate")


def metrics(
    workspace: "Workspace",
    by: Sequence[str],
    metrics: Sequence[str],
    start: date | str | None,
    end: date | str | None,
    freq: str | None,
    creator: str | None,
    basis: str | None,
    as_of: date | datetime | str | None,
) -> "pd.DataFrame":
    """See `Workspace.metrics`."""
    from engagerr_core.analysis.figures import figures, question

    asked = question(by, metrics, start, end, freq, basis)  # type: ignore[arg-type]
    return figures(
        workspace.observations(creator=creator, as_of=as_of),
        workspace.contents(creator, as_of=as_of),
        asked,
        workspace.coefficients,
    )


def overview(
    workspace: "Workspace",
    creator: str | None,
    start: date | str | None,
    end: date | str | None,
    platforms: Sequence[str] | None,
    as_of: date | datetime | str | None,
) -> "Overview":
    """See `Workspace.overview`."""
    import pandas as pd

    from engagerr_core.analysis.overview import overview as make

    name = creator or _only_creator(workspace)
    observations, contents = workspace.observations(creator=name, as_of=as_of), workspace.contents(name, as_of=as_of)
    if platforms is not None:
        observations = observations[observations["platform"].isin(platforms)]
        contents = contents[contents["platform"].isin(platforms)]
    first, last = (pd.Timestamp(day) if day else None for day in (start, end))
    return make(name, observations, contents, workspace.coefficients, start=first, end=last)


def reach(
    workspace: "Workspace", creator: str | None, start: date | str | None, end: date | str | None
) -> "ReachEstimate":
    """See `Workspace.reach`."""
    return overview(workspace, creator, start, end, None, None).reach


def reconciliation(workspace: "Workspace", creator: str | None) -> "pd.DataFrame":
    """See `Workspace.reconciliation`."""
    from engagerr_core.analysis.reconciliation import reconcile

    return reconcile(workspace.observations(creator=creator))


def _only_creator(workspace: "Workspace") -> str:
    names = list(workspace.creators()["creator"])
    if len(names) != 1:
        raise InvalidArgument(
            f"No creator was named, and the workspace holds {len(names) or 'none'}"
            + (f": {', '.join(names)}. Name one." if names else ". Ingest files first.")
        )
    return names[0]
