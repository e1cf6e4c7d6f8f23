"""The quality of a workspace's data: findings of all stages, freshness and reconciliation."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from engagerr_core.analysis.freshness import freshness, known_stretches
from engagerr_core.analysis.quality.agreement import agreement_findings
from engagerr_core.analysis.quality.completeness import completeness_findings
from engagerr_core.analysis.quality.findings import SEVERITIES, findings_table
from engagerr_core.analysis.quality.history import history_findings, restatement_findings
from engagerr_core.analysis.quality.ranges import range_findings
from engagerr_core.analysis.quality.schema import schema_findings
from engagerr_core.analysis.reconciliation import reconcile, unexplained
from engagerr_core.analysis.results import Result
from engagerr_core.analysis.subjects import daily_flows, lifetimes


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport(Result):
    """What to know before trusting the figures.

    Attributes
    ----------
    creator : whose data; empty = of everybody in the workspace.
    findings : one row a finding; see `findings.findings_table`.
    freshness : how far each account's days reach; see `freshness.freshness`.
    stretches : runs of known days; see `freshness.known_stretches`.
    reconciliation : our totals beside the platforms' own; see `reconciliation.reconcile`.
    files : the stored tables, as `Workspace.files` gives them.
    quarantine : rows and files that were not stored, as `Workspace.quarantine` gives them.
    """

    creator: str
    findings: pd.DataFrame
    freshness: pd.DataFrame
    stretches: pd.DataFrame
    reconciliation: pd.DataFrame
    files: pd.DataFrame
    quarantine: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Findings a severity, worst first."""
        found = self.findings["severity"].value_counts()
        return {severity: int(found.get(severity, 0)) for severity in SEVERITIES}

    @property
    def exit_code(self) -> int:
        """0, or 1 where anything is wrong as it stands."""
        return int(self.counts["error"] > 0)

    def __str__(self) -> str:
        of = f" of {self.creator}" if self.creator else ""
        if self.files.empty and self.quarantine.empty and self.freshness.empty:
            return f"Nothing is stored{of} yet. Ingest files first."
        counted = [_counted(number, word) for word, number in self.counts.items() if number]
        said = [f"The data{of}: {', '.join(counted) or 'nothing to mind'}."]
        if total := len(self.reconciliation):
            agree = int((self.reconciliation["difference"] == 0).sum())
            strange = len(unexplained(self.reconciliation))
            said.append(
                f"{agree:,} of {total:,} totals agree with the platforms’ own exactly, {total - agree - strange:,} "
                f"differ for a known reason, {strange:,} for none."
            )
        if len(self.freshness):
            last = self.freshness["last_final_day"].min()
            until = "no day is final everywhere" if pd.isna(last) else f"final everywhere up to {last:%d %b %Y}"
            said.append(f"{_counted(len(self.freshness), 'account')} with days: {until}.")
        return "\n".join(said)


def assess(
    creator: str,
    observations: pd.DataFrame,
    contents: pd.DataFrame,
    accounts: pd.DataFrame,
    files: pd.DataFrame,
    quarantine: pd.DataFrame,
    statements: pd.DataFrame | None = None,
    delays: Mapping[str, float] | None = None,
) -> QualityReport:
    """Validate in four stages, reconcile with the platforms' totals, and say how far the days reach.

    Parameters
    ----------
    creator : whose data these are; empty = of everybody.
    observations : resolved observation rows, figures of one account under one name.
    contents : the content table.
    accounts, files, quarantine : as the workspace gives them.
    statements : unresolved rows, for final days that were restated; None = these are not looked at.
    delays : platform → days until a day is final, in place of the registered ones.
    """
    daily, posts = daily_flows(observations), lifetimes(observations, contents)
    reconciled = reconcile(observations)
    return QualityReport(
        creator=creator,
        findings=findings_table(
            [
                *schema_findings(observations, files, quarantine),
                *range_findings(observations),
                *history_findings(observations),
                *restatement_findings(statements, delays),
                *completeness_findings(daily, posts, accounts),
                *agreement_findings(reconciled),
            ]
        ),
        freshness=freshness(daily, delays),
        stretches=known_stretches(daily, delays),
        reconciliation=reconciled,
        files=files,
        quarantine=quarantine,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
