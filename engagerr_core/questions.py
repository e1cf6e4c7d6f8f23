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
    return figures(*_rows(workspace, creator, as_of), asked, workspace.coefficients)


def overview(
    workspace: "Workspace",
    creator: str | None,
    start: date | str | None,
    end: date | str | None,
    platforms: Sequence[str] | None,
    as_of: date | datetime | str | None,
) -> "Overview":
    """See `Workspace.overview`."""
    from engagerr_core.analysis.figures import day_of
    from engagerr_core.analysis.overview import overview as make
    from engagerr_core.vocabulary.platforms import platform

    name = creator or _only_creator(workspace)
    observations, contents = _rows(workspace, name, as_of)
    if platforms is not None:
        wanted = {platform(one).name for one in ([platforms] if isinstance(platforms, str) else platforms)}
        present = sorted(set(observations["platform"]))
        if not wanted & set(present):
            raise InvalidArgument(
                f"{name} has no figures on {', '.join(sorted(wanted)) or 'no platform at all'}. There are some on "
                f"{', '.join(present) or 'none'}."
            )
        observations = observations[observations["platform"].isin(wanted)]
        contents = contents[contents["platform"].isin(wanted)]
    return make(name, observations, contents, workspace.coefficients, start=day_of(start), end=day_of(end))


def reach(
    workspace: "Workspace", creator: str | None, start: date | str | None, end: date | str | None
) -> "ReachEstimate":
    """See `Workspace.reach`."""
    return overview(workspace, creator, start, end, None, None).reach


def reconciliation(workspace: "Workspace", creator: str | None) -> "pd.DataFrame":
    """See `Workspace.reconciliation`."""
    from engagerr_core.analysis.reconciliation import reconcile

    return reconcile(_rows(workspace, creator, None)[0])


def _rows(
    workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Observations and contents, figures without an account's name brought to the account they belong to."""
    from engagerr_core.analysis.subjects import with_one_account

    return with_one_account(
        workspace.observations(creator=creator, as_of=as_of), workspace.contents(creator, as_of=as_of)
    )


def _only_creator(workspace: "Workspace") -> str:
    names = list(workspace.creators()["creator"])
    if len(names) != 1:
        raise InvalidArgument(
            f"No creator was named, and the workspace holds {len(names) or 'none'}"
            + (f": {', '.join(names)}. Name one." if names else ". Ingest files first.")
        )
    return names[0]
