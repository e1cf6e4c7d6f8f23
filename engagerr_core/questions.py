"""What a workspace can be asked: it fetches the rows, the analysis answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.analysis.overview import Overview
    from engagerr_core.analysis.quality.report import QualityReport
    from engagerr_core.analysis.trends import Trends
    from engagerr_core.workspace import Workspace

FIGURE_METRICS = ("standard_views", "standard_engagements", "engagement_rate")


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
    from engagerr_core.analysis.predicate import QUESTION, asked_of_overview
    from engagerr_core.analysis.subjects import as_text
    from engagerr_core.explain import latest_known

    name, known_by, coefficients = (
        creator or _only_creator(workspace),
        workspace.known_by(as_of),
        workspace.coefficients,
    )
    rows, days, known = workspace.stores.settled(
        lambda: (
            known_rows(workspace, name, as_of),
            as_text(workspace.days.accounts(coefficients, name, known_by)),
            latest_known(workspace, known_by),
        )
    )
    observations, contents = rows
    wanted: list[str] = []
    if platforms is not None:
        wanted = _wanted(name, platforms, set(observations["platform"]))
        observations, contents, days = (t[t["platform"].isin(wanted)] for t in (observations, contents, days))
    made = make(
        name,
        observations,
        contents,
        coefficients,
        start=day_of(start),
        end=day_of(end),
        events=workspace.context.events,
        days=days,
        delays=known_delays(workspace, name, as_of),
    )
    for table in ("cards", "platforms", "contents"):
        getattr(made, table).attrs[QUESTION] = asked_of_overview(
            table, made.start, made.end, creator=name, as_of=known, coefficient_set=coefficients.label,
            platforms=wanted,
        )  # fmt: skip
    return made


def trends(
    workspace: "Workspace",
    creator: str | None,
    metric: str,
    platforms: Sequence[str] | None,
    as_of: date | datetime | str | None,
    horizon: int,
    end: date | str | None,
) -> "Trends":
    """See `Workspace.trends`."""
    from engagerr_core.analysis.figures import day_of
    from engagerr_core.analysis.subjects import as_text
    from engagerr_core.analysis.trends import trends as make

    name = workspace.require_creator(creator) or _only_creator(workspace)
    known_by, coefficients = workspace.known_by(as_of), workspace.coefficients
    days, posts, contents = workspace.stores.settled(
        lambda: (
            as_text(workspace.days.accounts(coefficients, name, known_by)),
            as_text(workspace.days.contents(coefficients, name, as_of=known_by)),
            known_contents(workspace, name, as_of),
        )
    )
    if platforms is not None:
        wanted = _wanted(name, platforms, set(days["platform"]))
        days, posts, contents = (table[table["platform"].isin(wanted)] for table in (days, posts, contents))
    if (last := day_of(end)) is not None:
        days, posts = (table[table["day"] <= last] for table in (days, posts))
    return make(
        name, days, posts, contents, coefficients, metric=metric, horizon=horizon, events=workspace.context.events,
        delays=known_delays(workspace, name, as_of),
    )  # fmt: skip


def reconciliation(workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None) -> "pd.DataFrame":
    """See `Workspace.reconciliation`."""
    from engagerr_core.analysis.reconciliation import reconcile

    return reconcile(known_rows(workspace, creator, as_of)[0])


def quality(workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None) -> "QualityReport":
    """See `Workspace.quality`."""
    from engagerr_core.analysis.quality.report import assess

    observations, contents = known_rows(workspace, creator, as_of)
    accounts, files, quarantine = workspace.accounts(), workspace.files(), workspace.quarantine()
    if (known_by := workspace.known_by(as_of)) is not None:
        accounts, files = accounts[accounts["added_at"] <= known_by], files[files["ingested_at"] <= known_by]
        quarantine = quarantine[quarantine["rejected_at"] <= known_by]
        later = files["superseded_at"] > known_by
        columns = {name: files[name].mask(later) for name in ("superseded_by", "superseded_at")}
        files = files.assign(**columns)
    if creator is not None:
        accounts, files = (table[table["creator"] == creator] for table in (accounts, files))
        # What was refused has no owner: it is told to everybody, unless its file is stored as somebody else's.
        others = set(workspace.files()["file"]) - set(files["file"])
        quarantine = quarantine[~quarantine["file"].isin(others)]
    # Figures under a made-up name were brought to the real account: that name stands for nothing of its own then.
    made_up = accounts["account"] == accounts["creator"] + "/" + accounts["platform"]
    accounts = accounts[~made_up | accounts["account"].isin([*observations["account"], *contents["account"]])]
    statements = known_statements(workspace, creator, as_of)
    delays = known_delays(workspace, creator, as_of)
    return assess(creator or "", observations, contents, accounts, files, quarantine, statements, delays)


def delays(workspace: "Workspace", creator: str | None) -> "pd.DataFrame":
    """See `Workspace.delays`."""
    from engagerr_core.analysis.delays import reporting_delays

    return reporting_delays(known_statements(workspace, creator, None))


def restatements(workspace: "Workspace", creator: str | None) -> "pd.DataFrame":
    """See `Workspace.restatements`."""
    from engagerr_core.analysis.delays import restatements as restated

    return restated(known_statements(workspace, creator, None))


def audience(
    workspace: "Workspace", creator: str | None, *, latest: bool, as_of: date | datetime | str | None
) -> "pd.DataFrame":
    """See `Workspace.audience`."""
    from engagerr_core.analysis.demographics import audience_snapshots, latest_snapshots

    found = audience_snapshots(known_rows(workspace, creator, as_of)[0])
    return latest_snapshots(found) if latest else found


def freshness(workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None) -> "pd.DataFrame":
    """See `Workspace.freshness`."""
    from engagerr_core.analysis.freshness import freshness as reached
    from engagerr_core.analysis.subjects import as_text

    days = workspace.days.accounts(workspace.coefficients, creator, workspace.known_by(as_of))
    return reached(as_text(days), known_delays(workspace, creator, as_of))


def known_delays(
    workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None
) -> dict[str, float] | None:
    """Platform → days until a day is final, estimated where the settings say so; None = as registered."""
    if workspace.settings.reporting_delays == "registered":
        return None
    from engagerr_core.analysis.delays import platform_delays, reporting_delays

    return platform_delays(reporting_delays(known_statements(workspace, creator, as_of)))


def known_statements(
    workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None
) -> "pd.DataFrame":
    """Every statement that holds, unresolved, under the accounts' real names."""
    folded = workspace.days.folded(creator, workspace.known_by(as_of))
    rows = workspace.observations(creator=creator, as_of=as_of, resolved=False)
    return rows.assign(account=rows["account"].replace(folded)) if folded else rows


def known_rows(
    workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Observations and contents, figures without an account's name brought to the account they belong to.

    What royalty statements say is put together here, from all of them.
    """
    from engagerr_core.analysis.statements import with_statement_totals
    from engagerr_core.analysis.subjects import with_one_account

    observations, contents = with_one_account(
        *workspace.stores.settled(
            lambda: (workspace.observations(creator=creator, as_of=as_of), workspace.contents(creator, as_of=as_of))
        )
    )
    return with_statement_totals(observations), contents


def known_contents(workspace: "Workspace", creator: str | None, as_of: date | datetime | str | None) -> "pd.DataFrame":
    """Contents with the accounts' real names, as their days have them."""
    from engagerr_core.analysis.subjects import POST

    contents = workspace.contents(creator, as_of=as_of)
    folded = workspace.days.folded(creator, workspace.known_by(as_of))
    return contents.assign(account=contents["account"].replace(folded)).drop_duplicates(POST, keep="last")


def _wanted(creator: str, platforms: Sequence[str], present: set[str]) -> list[str]:
    """The named platforms, by their registered names; at least one of them has figures."""
    from engagerr_core.vocabulary.platforms import platform

    wanted = sorted({platform(one).name for one in ([platforms] if isinstance(platforms, str) else platforms)})
    if not set(wanted) & present:
        raise InvalidArgument(
            f"{creator} has no figures on {', '.join(wanted) or 'no platform at all'}. There are some on "
            f"{', '.join(sorted(present)) or 'none'}."
        )
    return wanted


def _only_creator(workspace: "Workspace") -> str:
    names = list(workspace.creators()["creator"])
    if len(names) != 1:
        raise InvalidArgument(
            f"No creator was named, and the workspace holds {len(names) or 'none'}"
            + (f": {', '.join(names)}. Name one." if names else ". Ingest files first.")
        )
    return names[0]
