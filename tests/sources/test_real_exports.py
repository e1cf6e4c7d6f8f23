"""The real files, read when present: every row is stored or said to be rejected, and sums agree with the csv module."""

import csv
from pathlib import Path

import pytest

from engagerr_core.sources import Reading, read

REAL = Path(__file__).parents[3] / "shared" / "real" / "exports"
PRESENT = sorted(REAL.iterdir()) if REAL.is_dir() else []
STUDIO = [folder for folder in PRESENT if (folder / "Totals.csv").is_file()]
BULK = [folder for folder in PRESENT if folder.name == "fivetran-dbt_youtube_analytics"]


def readings(folder: Path) -> dict[str, Reading]:
    return {Path(r.path.split(" › ")[0]).name: r for r in read(folder)}


def raw(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("folder", STUDIO, ids=lambda folder: folder.name)
def test_studio_exports_are_read_whole(folder):
    for name, reading in readings(folder).items():
        assert not reading.failure, name
        assert reading.platform == "youtube"
        assert reading.rejected.empty
        assert len(reading.observations) == reading.rows_read
        if name.endswith(".csv"):
            assert reading.rows_read == len(raw(folder / name))


@pytest.mark.parametrize("folder", STUDIO, ids=lambda folder: folder.name)
def test_studio_sums_agree_with_the_csv_module(folder):
    found = readings(folder)
    for name, reading in found.items():
        if not name.endswith(".csv") or name == "subscribers_geo.csv":
            continue
        expected = sum(int(row["Views"]) for row in raw(folder / name))
        assert reading.observations["views"].sum() == expected
    table = next(reading for reading in found.values() if reading.kind.startswith("table by"))
    days = found["Totals.csv"].observations["period_start"]
    assert table.period == (days.min().date(), days.max().date())
    assert table.period_from.startswith("Chart")


@pytest.mark.parametrize("folder", STUDIO, ids=lambda folder: folder.name)
def test_the_total_row_agrees_with_the_totals_by_day(folder):
    found = readings(folder)
    table = next(reading for reading in found.values() if reading.kind.startswith("table by")).observations
    total = table[table["dimension"] == ""]
    if len(total):  # one real file has lost its Total row
        assert total["views"].tolist() == [found["Totals.csv"].observations["views"].sum()]


@pytest.mark.parametrize("folder", [f for f in STUDIO if (f / "subscribers_geo.csv").is_file()], ids=lambda f: f.name)
def test_the_older_table_by_country_is_not_given_the_period_beside_it(folder):
    reading = readings(folder)["subscribers_geo.csv"]
    rows = raw(folder / "subscribers_geo.csv")
    assert reading.observations["followers_net"].sum() == sum(int(row["subscribers"]) for row in rows)
    assert reading.observations["watch_minutes"].sum() == sum(int(row["watch_time_minutes"]) for row in rows)
    assert reading.observations["period_start"].isna().all()
    assert set(reading.observations["dimension_value"]) == {row["country_id"].replace("ZZ", "unknown") for row in rows}
    assert any("period" in warning for warning in reading.warnings)


@pytest.mark.parametrize("folder", BULK, ids=lambda folder: folder.name)
def test_bulk_reports(folder):
    found = readings(folder)
    assert not any(reading.failure for reading in found.values())
    assert all(reading.rejected.empty for reading in found.values())
    basic, rows = found["youtube_channel_basic_data.csv"], raw(folder / "youtube_channel_basic_data.csv")
    expected = sum(int(row["views"]) for row in rows)
    deleted = sum(int(row["views"]) for row in rows if not row["video_id"])
    got = basic.observations
    split = got[got["dimension"] != ""]
    assert len(split) == len(rows)
    totals = got[got["dimension"] == ""]
    by_video, by_account = totals[totals["content"] != ""], totals[totals["content"] == ""]
    assert split["views"].sum() == by_account["views"].sum() == by_video["views"].sum() + deleted == expected
    assert set(basic.contents["content"]) == {row["video_id"] for row in rows} - {""}
    assert split["dimension_value"].str.startswith("deleted|").sum() == sum(not row["video_id"] for row in rows)
    videos = found["youtube_video_data.csv"]
    assert videos.contents["duration"].tolist() == [49 * 60 + 19, 31 * 60 + 28, 32 * 60 + 37]
    assert videos.observations["basis"].unique().tolist() == ["stock"]
    assert videos.observations["observed_at"].notna().all()
