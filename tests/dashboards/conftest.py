"""A small workspace for the dashboards, filled through the public interface from files written here."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DAYS = pd.date_range("2026-05-01", "2026-09-20", freq="D")


def write_exports(folder: Path, seed: int = 3) -> None:
    """Daily overviews in the shapes that X and TikTok export (platforms.md), and some posts on X."""
    rng = np.random.default_rng(seed)
    swing = 1 + 0.3 * np.sin(np.arange(len(DAYS)) * 2 * np.pi / 7)
    views = np.round(4_000 * swing * rng.lognormal(0, 0.1, len(DAYS))).astype(int)
    x = pd.DataFrame(
        {
            "Date": [f"{day:%a, %b} {day.day}, {day.year}" for day in DAYS],
            "Impressions": views, "Likes": views // 40, "Engagements": views // 25, "Bookmarks": views // 400,
            "Shares": views // 300, "New follows": views // 500, "Unfollows": 1, "Replies": views // 200,
            "Reposts": views // 250, "Profile visits": views // 100, "Create Post": 1, "Video views": views // 2,
            "Media views": views // 2,
        }
    )  # fmt: skip
    x.iloc[::-1].to_csv(folder / "account_overview_analytics.csv", index=False)
    plays = np.round(9_000 * swing * rng.lognormal(0, 0.15, len(DAYS))).astype(int)
    tiktok = pd.DataFrame(
        {
            "Date": [f"{day:%B} {day.day}" for day in DAYS], "Video Views": plays, "Profile Views": plays // 90,
            "Likes": plays // 15, "Comments": plays // 300, "Shares": plays // 200,
        }
    )  # fmt: skip
    tiktok.to_csv(folder / "Overview.csv", index=False, quoting=1, encoding="utf-8-sig")


@pytest.fixture
def example_workspace(tmp_path: Path) -> Path:
    from engagerr_core import Workspace

    exports = tmp_path / "exports"
    exports.mkdir()
    write_exports(exports)
    with Workspace.open(tmp_path / "workspace", create=True) as workspace:
        summary = workspace.ingest([exports], creator="Ada </script><b>", exported_on=pd.Timestamp("2026-09-21").date())
        assert set(summary.files["platform"]) == {"x", "tiktok"}, summary.files.to_string()
    return tmp_path / "workspace"
