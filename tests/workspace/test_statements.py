"""Royalty statements of one month: each is a part, and the totals are those of all that are known."""

import numpy as np
import pytest

from engagerr_core import Workspace
from tests.sources.exports import written
from tests.sources.exports_mappings import DISTROKID, line

MARCH = {"start": "2026-03-01", "end": "2026-03-31"}
UNDATED = ["Sale Month", "Store", "Title", "ISRC", "Country", "Quantity", "Earnings (USD)"]


def dated(tmp_path, reported: str, *lines, name: str = ""):
    rows = [DISTROKID, *(line(*cells, reported=reported) for cells in lines)]
    return written(tmp_path / "exports" / f"{name or reported.replace('/', '-')}.csv", rows)


def undated(tmp_path, name: str, *lines):
    rows = [["2026-03", store, "River", "QZABC2600001", "US", units, money] for store, units, money in lines]
    return written(tmp_path / "exports" / name, [UNDATED, *rows])


def totals(ws, platform="spotify", **options) -> dict[str, float]:
    """March's streams and revenue of a platform."""
    found = ws.metrics(by=["platform"], metrics=["streams", "revenue"], **MARCH, **options)
    return {row.metric: round(row.value, 6) for row in found.itertuples() if row.platform == platform}


def test_a_late_adjustment_is_added_whatever_the_order(tmp_path):
    files = [
        dated(tmp_path, "2026-05-15", ("Spotify", "1000", "4.00"), ("Tidal", "10", "0.10")),
        dated(tmp_path, "2026-06-15", ("Spotify", "30", "0.12")),
        dated(tmp_path, "2026-07-15", ("Spotify", "-5", "-0.02")),
    ]
    for number, order in enumerate((files, files[::-1])):
        with Workspace.open(tmp_path / f"ws{number}", create=True) as ws:
            for path in order:
                ws.ingest(path, creator="Ada")
            assert totals(ws) == {"streams": 1025, "revenue": 4.1}
            assert totals(ws, "tidal") == {"streams": 10, "revenue": 0.1}


def test_totals_are_those_of_what_was_known(tmp_path):
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(dated(tmp_path, "2026-05-15", ("Spotify", "1000", "4.00")), creator="Ada")
        then = ws.observations(resolved=False)["known_at"].max()
        ws.ingest(dated(tmp_path, "2026-06-15", ("Spotify", "30", "0.12")), creator="Ada")
        assert totals(ws, as_of=then)["streams"] == 1000
        assert totals(ws)["streams"] == 1030


def test_a_statement_downloaded_twice_counts_once_and_the_later_one_counts(tmp_path):
    first = dated(tmp_path, "2026-05-15", ("Spotify", "1000", "4.00"), ("Spotify", "7", "0.03"))
    late = dated(tmp_path, "2026-06-15", ("Spotify", "30", "0.12"))
    again = dated(tmp_path, "5/15/2026", ("Spotify", "1000", "4.00"), ("Spotify", "7", "0.03"))
    mended = dated(tmp_path, "2026-05-15", ("Spotify", "900", "3.60"), name="mended")
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest([first, late], creator="Ada")
        assert ws.ingest(again, creator="Ada").files["status"].tolist() == ["stored"]
        assert totals(ws) == {"streams": 1037, "revenue": 4.15}
        ws.ingest(mended, creator="Ada")
        assert totals(ws) == {"streams": 930, "revenue": 3.72}


def test_two_songs_in_two_files_of_one_statement_are_both_in_the_account(tmp_path):
    rows = [DISTROKID, line("Spotify", "5", "0.02", isrc="QZABC2600002", title="Lake")]
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(dated(tmp_path, "2026-05-15", ("Spotify", "1000", "4.00")), creator="Ada")
        ws.ingest(written(tmp_path / "exports" / "lake.csv", rows), creator="Ada")
        assert totals(ws) == {"streams": 1005, "revenue": 4.02}


def test_statements_without_a_day_are_each_their_own_and_say_so(tmp_path):
    first = undated(tmp_path, "a.csv", ("Spotify", "1000", "4.001234567"), ("Spotify", "20", "0.08"))
    turned = undated(tmp_path, "a2.csv", ("Spotify", "20", "0.080"), ("Spotify", "1000", "4.00123"))
    late = undated(tmp_path, "b.csv", ("Spotify", "30", "0.12"))
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        assert "no day or number of its own" in str(ws.ingest(first, creator="Ada").files["warnings"].iloc[0])
        ws.ingest(late, creator="Ada")
        assert totals(ws)["streams"] == 1050
        assert ws.ingest(turned, creator="Ada").files["status"].tolist() == ["stored"]
        assert totals(ws)["streams"] == 1050
        assert totals(ws)["revenue"] == pytest.approx(4.20123)


def test_money_of_two_statements_in_two_currencies_is_unknown_and_the_streams_are_not(tmp_path):
    euros = [cell.replace("USD", "EUR") for cell in DISTROKID]
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(dated(tmp_path, "2026-05-15", ("Spotify", "1000", "4.00"), ("Tidal", "1", "0.5")), creator="Ada")
        rows = [euros, line("Spotify", "30", "0.12", reported="2026-06-15")]
        ws.ingest(written(tmp_path / "exports" / "euros.csv", rows), creator="Ada")
        assert totals(ws)["streams"] == 1030
        assert np.isnan(totals(ws)["revenue"])
        assert totals(ws, "tidal") == {"streams": 1, "revenue": 0.5}


def test_a_log_of_single_sales_replaces_the_days_that_it_tells_again(tmp_path):
    header = ["date", "item type", "item name", "artist", "currency", "item price", "quantity", "net amount"]
    sold = [["5/3/26 10:12am", "track", "River", "Ada", "USD", "1", "1", "0.75"],
            ["5/4/26 11:12am", "track", "River", "Ada", "USD", "1", "2", "1.50"]]  # fmt: skip
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        for number in (1, 2):
            ws.ingest(written(tmp_path / "exports" / f"{number}.csv", [header, *sold[:number]]), creator="Ada")
        found = ws.metrics(by=["platform"], metrics=["purchases", "revenue"])
        assert found["value"].tolist() == [3, 2.25]


def test_what_the_platform_says_itself_stands_beside_the_statements(tmp_path):
    songs = [["Song", "Streams", "Listeners"], ["Total", "2000", "300"], ["River", "2000", "300"]]
    path = written(tmp_path / "exports" / "songs.csv", songs)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(path, creator="Ada", platform="tidal", period=tuple(MARCH.values()))
        ws.ingest(dated(tmp_path, "2026-05-15", ("Tidal", "1900", "4.00")), creator="Ada")
        assert totals(ws, "tidal") == {"streams": 2000, "revenue": 4}
        (listeners,) = ws.metrics(by=["platform"], metrics=["listeners"], **MARCH)["value"]
        assert listeners == 300


def test_all_other_questions_still_have_their_answers(tmp_path):
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(dated(tmp_path, "2026-05-15", ("Spotify", "1000", "4.00"), ("Spotify", "5", "1")), creator="Ada")
        before = ws.quality().findings, ws.freshness()
        ws.ingest(dated(tmp_path, "2026-06-15", ("Spotify", "30", "0.12")), creator="Ada")
        lines = ws.reconciliation()
        assert set(lines["reason"]) == {"agrees"}
        assert lines.loc[lines["metric"] == "streams", "ours"].tolist() == [1035]
        assert ws.freshness().equals(before[1])
        assert set(ws.quality().findings["rule"]) == set(before[0]["rule"])
        shown = ws.overview(**MARCH)
        assert shown.creator == "Ada"
        assert not (ws.observations()["dimension"] == "").any()
