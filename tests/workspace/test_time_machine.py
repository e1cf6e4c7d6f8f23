"""Corrections and late files, from exported files to headlines: what happened is told apart from growth."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engagerr_core import Workspace

HEADER = "Time,Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views"
FIRST, DAYS = date(2026, 5, 1), 60
PUBLISHED = int(datetime(2026, 4, 30, 12, tzinfo=UTC).timestamp())  # an id of TikTok's begins with the second
POSTS = {str((PUBLISHED << 32) + number): daily for number, daily in enumerate((1000, 400, 60))}  # views a day
FALL, SHARE = 40, 0.12  # on this day the platform takes back so much of all views


def export(folder: Path, day: int, views: dict[str, int]) -> Path:
    """What TikTok Studio hands over at the end of a day: the lifetime counters of all posts."""
    on = FIRST + timedelta(day)
    lines = [HEADER]
    for post, total in views.items():
        link = f"https://www.tiktok.com/@ada/video/{post}"
        lines.append(f"{on:%B} {on.day},A title,{link},April 30,{total // 10},{total // 100},{total // 200},{total}")
    path = folder / f"Content_{on}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def counters(day: int, *, corrected: bool = True) -> dict[str, int]:
    """Lifetime views of each post: steady growth, and a correction of the lifetime on one day."""
    made = {}
    for place, (post, daily) in enumerate(POSTS.items()):
        steps = np.random.default_rng(place).poisson(daily, DAYS)
        total = int(steps[: day + 1].sum()) + 50 * daily
        if corrected and day >= FALL:
            total -= int(SHARE * (int(steps[: FALL + 1].sum()) + 50 * daily))
        made[post] = total
    return made


@pytest.fixture(scope="module")
def corrected(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corrected")
    with Workspace.open(folder / "workspace", create=True) as ws:
        for day in range(DAYS):
            on = FIRST + timedelta(day)
            known_at = datetime(on.year, on.month, on.day, 22, tzinfo=UTC)
            path = export(folder, day, counters(day))
            done = ws.ingest(path, creator="Ada", account="ada", platform="tiktok", exported_on=on, known_at=known_at)
            assert list(done.files["status"]) == ["stored"], done
    return folder / "workspace"


def views(ws: Workspace, **asked) -> pd.DataFrame:
    return ws.metrics(metrics=["views"], by=["platform"], **asked)


def test_a_correction_of_twelve_per_cent_makes_neither_a_negative_headline_nor_a_spike(corrected):
    fallen = pd.Timestamp(FIRST + timedelta(FALL))
    with Workspace.open(corrected) as ws:
        daily = views(ws, freq="D").set_index("period")["value"]
        weekly = views(ws, freq="W").set_index("period")["value"]
        month = views(ws, start=fallen - pd.Timedelta(days=13), end=fallen + pd.Timedelta(days=14))
    usual = sum(POSTS.values())
    assert fallen not in daily.dropna().index  # the day itself is unknown, not 0 and not negative
    known = daily.dropna()
    assert known.between(0.8 * usual, 1.2 * usual).all()
    assert (weekly.dropna() > 0).all()
    headline = month.iloc[0]
    assert 0.9 * 27 * usual < headline["value"] < 1.1 * 27 * usual
    assert headline["coverage"] == pytest.approx(27 / 28)
    assert headline["origin"] == "estimated"  # a sum over the posts that were exported
    # what differencing without a thought would give
    fall = sum(counters(FALL)[post] - counters(FALL - 1)[post] for post in POSTS)
    assert fall < -5 * usual


def test_the_correction_is_told_with_its_kind(corrected):
    with Workspace.open(corrected) as ws:
        findings = ws.quality().findings
    told = findings[findings["rule"] == "counter corrected"]
    assert set(told["content"]) == set(POSTS)
    assert (told["value"] < told["expected"]).all()


def test_the_change_against_the_period_before_is_no_fall(corrected):
    with Workspace.open(corrected) as ws:
        compared = views(ws, start=FIRST + timedelta(FALL - 5), end=FIRST + timedelta(FALL + 8), compare="previous")
    row = compared.iloc[0]
    assert row["change"] == pytest.approx(0, abs=0.08), row


def test_as_known_before_the_correction_there_is_none(corrected):
    before, after = FIRST + timedelta(FALL - 1), FIRST + timedelta(FALL)
    with Workspace.open(corrected) as ws:
        asked = {"by": ["content"], "metrics": ["views"], "basis": "stock"}
        then, now = (ws.metrics(**asked, as_of=day).set_index("content")["value"] for day in (before, after))
    assert then.to_dict() == {post: float(total) for post, total in counters(FALL - 1).items()}
    assert now.to_dict() == {post: float(total) for post, total in counters(FALL).items()}
    assert (now < 0.93 * then).all()


def test_tables_and_memory_agree_and_only_the_last_month_is_made_again(corrected, tmp_path):
    import shutil

    folder = Path(shutil.copytree(corrected, tmp_path / "workspace"))
    with Workspace.open(folder) as ws:
        memory = views(ws, freq="D")
        assert set(ws.refresh().parts["month"]) == {"2026-05", "2026-06"}
        pd.testing.assert_frame_equal(views(ws, freq="D"), memory, check_exact=True)
        on = FIRST + timedelta(DAYS)
        path = export(tmp_path, DAYS, {post: total + 100 for post, total in counters(DAYS - 1).items()})
        ws.ingest(path, creator="Ada", account="ada", platform="tiktok", exported_on=on)
        assert set(ws.refresh().parts["month"]) == {"2026-06"}
        assert views(ws, freq="D").iloc[-1]["value"] == 100 * len(POSTS)
        assert ws.refresh().parts.empty
