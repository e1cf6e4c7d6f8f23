"""What a workspace can be asked: it fetches the rows, the analysis answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.audience import ReachEstimate
    from engagerr_core.analysis.overview import Overview
    from engagerr_core.analysis.quality.report import QualityReport
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
    return make(
        name,
        observations,
        contents,
        workspace.coefficients,
        start=day_of(start),
        end=day_of(end),
        events=workspace.context.events,
    )


def reach(
    workspace: "Workspace", creator: str | None, start: date | str | None, end: date | str | None
) -> "ReachEstimate":
    """See `Workspace.reach`."""
    return overview(workspace, creator, start, end, None, None).reach


def reconciliation(workspace: "Workspace", creator: str | None) -> "pd.DataFrame":
    """See `Workspace.reconciliation`."""
    from engagerr_core.analysis.reconciliation import reconcile

    return reconcile(_rows(workspace, creator, None)[0])


def quality(workspace: "Workspace", creator: str | None) -> "QualityReport":
    """See `Workspace.quality`."""
    from engagerr_core.analysis.quality.report import assess

    observations, contents = _rows(workspace, creator, None)
    accounts, files, quarantine = workspace.accounts(), workspace.files(), workspace.quarantine()
    if creator is not None:
        accounts, files = (table[table["creator"] == creator] for table in (accounts, files))
        # What was refused has no owner: it is told to everybody, unless its file is stored as somebody else's.
        others = set(workspace.files()["file"]) - set(files["file"])
        quarantine = quarantine[~quarantine["file"].isin(others)]
    # Figures under a made-up name were brought to the real account: that name stands for nothing of its own then.
    made_up = accounts["account"] == accounts["creator"] + "/" + accounts["platform"]
    accounts = accounts[~made_up | accounts["account"].isin([*observations["account"], *contents["account"]])]
    return assess(creator or "", observations, contents, accounts, files, quarantine)


def audience(workspace: "Workspace", creator: str | None, *, latest: bool) -> "pd.DataFrame":
    """See `Workspace.audience`."""
    from engagerr_core.analysis.demographics import audience_snapshots, latest_snapshots

    found = audience_snapshots(_rows(workspace, creator, None)[0])
    return latest_snapshots(found) if latest else found


def freshness(workspace: "Workspace", creator: str | None) -> "pd.DataFrame":
    """See `Workspace.freshness`."""
    from engagerr_core.analysis.freshness import freshness as reached
    from engagerr_core.analysis.subjects import daily_flows

    return reached(daily_flows(_rows(workspace, creator, None)[0]))


def _rows(
    workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Observations and contents, figures without an account's name brought to the account they belong to.

    What royalty statements say is put together here, from all of them.
    """
    from engagerr_core.analysis.statements import with_statement_totals
    from engagerr_core.analysis.subjects import with_one_account

    observations, contents = with_one_account(
        workspace.observations(creator=creator, as_of=as_of), workspace.contents(creator, as_of=as_of)
    )
    return with_statement_totals(observations), contents


def _only_creator(workspace: "Workspace") -> str:
    names = list(workspace.creators()["creator"])
    if len(names) != 1:
        raise InvalidArgument(
            f"No creator was named, and the workspace holds {len(names) or 'none'}"
            + (f": {', '.join(names)}. Name one." if names else ". Ingest files first.")
        )
    return names[0]
