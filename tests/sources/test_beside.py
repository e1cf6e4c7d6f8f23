"""What tables of one folder tell about one another, and what a table's name tells of its figures."""

import pytest

from engagerr_core import Workspace
from engagerr_core.sources import read
from tests.sources.exports import YOUTUBE_TABLE, YOUTUBE_TOTALS, only, written

LATER = [["Date", "Views"], ["2026-03-01", "1"], ["2026-03-02", "2"]]


def test_two_downloads_in_one_folder_are_told_apart_by_their_numbers(tmp_path):
    written(tmp_path / "Table data.csv", YOUTUBE_TABLE)
    written(tmp_path / "Totals.csv", YOUTUBE_TOTALS)
    written(tmp_path / "Table data (1).csv", [YOUTUBE_TABLE[0], *YOUTUBE_TABLE[2:]])
    written(tmp_path / "Totals (1).csv", LATER)
    found = {r.path.rsplit("/", 1)[-1]: r for r in read(tmp_path)}
    assert str(found["Table data.csv"].period[0]) == "2026-02-17"
    assert str(found["Table data (1).csv"].period[0]) == "2026-03-01"


def test_the_folders_one_platform_tells_what_headers_do_not(tmp_path):
    written(tmp_path / "alone" / "Totals.csv", [["Date", "Views"], ["8/21/2026", "5"], ["8/22/2026", "6"]])
    (alone,) = read(tmp_path / "alone")
    assert "--platform youtube" in alone.failure
    written(tmp_path / "both" / "Totals.csv", [["Date", "Views"], ["8/21/2026", "5"], ["8/22/2026", "6"]])
    written(tmp_path / "both" / "Table data.csv", YOUTUBE_TABLE)
    totals, table = sorted(read(tmp_path / "both"), key=lambda r: r.kind, reverse=True)
    assert (totals.kind, totals.observations["views"].tolist()) == ("totals by day", [5, 6])
    assert any("files beside it are youtube" in w for w in totals.warnings)
    assert str(table.period[0]) == "2026-08-21"


def test_of_two_platforms_beside_none_is_chosen(tmp_path):
    from tests.sources.exports import X_CONTENT

    written(tmp_path / "Totals.csv", [["Date", "Views"], ["8/21/2026", "5"]])
    written(tmp_path / "Table data.csv", YOUTUBE_TABLE)
    written(tmp_path / "x.csv", X_CONTENT)
    assert "--platform youtube" in next(r for r in read(tmp_path) if r.path.endswith("Totals.csv")).failure


def test_equal_bytes_under_two_songs_names_are_two_songs(tmp_path):
    rows = [["date", "streams"], ["2026-10-01", "1"], ["2026-10-02", "2"]]
    for song in ("Song A", "Song B"):
        written(tmp_path / f"{song}-timeline.csv", rows)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        files = [tmp_path / f"Song {c}-timeline.csv" for c in "AB"]
        ws.ingest(files, creator="Ada")
        assert ws.observations()["content"].nunique() == 2
        version = ws.version
        again = ws.ingest(files, creator="Ada")
        assert set(again.files["status"]) == {"already stored"}
        assert ws.version == version


def test_totals_of_an_unknown_period_can_be_ingested_again_with_it(tmp_path):
    file = written(tmp_path / "exports" / "Table data.csv", YOUTUBE_TABLE)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest([file], creator="Ada")
        assert ws.observations()["period_start"].isna().all()
        ws.ingest([file], creator="Ada", period=("2026-02-01", "2026-02-28"))
        known = ws.observations(start="2026-02-01", end="2026-02-28")
        assert known[known["content"] == ""]["views"].tolist() == [1500]
        assert ws.ingest([file], creator="Ada").files["status"].tolist() == ["already stored"]


@pytest.mark.parametrize("kept", [("Geography", "Views"), ("Views", "Geography")])
def test_a_chart_without_its_days_is_refused_not_taken_for_totals(tmp_path, kept):
    chart = [dict(zip(("Geography", "Views"), row, strict=True)) for row in
             [("DE", "1"), ("DE", "2"), ("DE", "3"), ("FR", "4"), ("FR", "9"), ("IT", "5")]]  # fmt: skip
    file = written(tmp_path / "Chart data.csv", [list(kept), *([row[name] for name in kept] for row in chart)])
    (reading,) = read(file)
    assert "such as the date, is missing" in reading.failure
    assert reading.observations.empty
    whole = [list(kept), *([row[name] for name in kept] for row in chart[:1] + chart[3:4] + chart[5:])]
    assert only(written(tmp_path / "Table data.csv", whole)).observations["views"].tolist() == [1, 4, 5]


def test_a_row_without_any_known_figure_is_told(tmp_path):
    reading = only(written(tmp_path / "Totals.csv", [["Date", "Views"], ["2026-03-01", "1"], ["2026-03-02", ""]]))
    assert reading.rows_read == 2
    assert len(reading.observations) == 1
    assert any("1 row holds no figure" in w for w in reading.warnings)


@pytest.mark.parametrize("unnamed", ["", "Unnamed: 0"])
def test_an_index_that_pandas_left_is_passed_over(tmp_path, unnamed):
    reading = only(written(tmp_path / "Totals.csv", [[unnamed, "Date", "Views"], ["0", "2026-03-01", "7"]]))
    assert reading.observations["views"].tolist() == [7]
    assert reading.unknown_columns == ()
