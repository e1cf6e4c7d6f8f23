"""Royalty statements and music services, told by shipped mappings."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core import Workspace
from engagerr_core.analysis.statements import PARTS
from engagerr_core.sources import read
from engagerr_core.sources.mappings.countries import country_code
from engagerr_core.sources.mappings.loading import parsed_mapping
from engagerr_core.sources.mappings.periods import read_span, read_spans
from tests.sources.exports import only, written
from tests.sources.exports_mappings import DISTROKID, line, readings, totals


def test_a_statement_is_cut_by_service_and_its_lines_add_up(tmp_path):
    rows = [
        DISTROKID,
        line("Spotify", "1,000", "3.25"),
        line("Spotify", "200", "0.75", isrc="QZABC2600001"),
        line("Spotify", "50", "-0.50", country="GBR"),
        line("Apple Music", "9", "0.10"),
    ]
    got = readings(written(tmp_path / "bank.tsv", rows))
    assert set(got) == {"spotify", "apple_music"}
    spotify = got["spotify"]
    assert spotify.kind == "royalty statement"
    lines = spotify.observations[spotify.observations["dimension"] != ""]
    assert set(lines["dimension"]) == {"country|service|statement", "service|statement"}
    parts = lines[lines["dimension"] == "service|statement"]
    assert parts[["dimension_value", "streams", "row"]].to_numpy().tolist() == [["Spotify|2026-05-15", 1250, 0]]
    lines = lines.drop(index=parts.index)
    assert dict(zip(lines["dimension_value"], lines["streams"], strict=True)) == {
        "US|Spotify|2026-05-15": 1200,
        "GB|Spotify|2026-05-15": 50,
    }
    for content in (True, False):
        total = totals(spotify, content)
        assert total["streams"].tolist() == [1250]
        assert total["revenue"].round(9).tolist() == [3.5]
        assert total["currency"].tolist() == ["USD"]
        assert total["row"].tolist() == [0]
        assert total["period_start"].dt.date.tolist() == [date(2026, 3, 1)]
        assert total["period_end"].dt.date.tolist() == [date(2026, 3, 31)]
    assert totals(spotify, True)["content"].tolist() == ["QZABC2600001"]
    assert spotify.contents["title"].tolist() == ["River"]
    assert len({reading.file for reading in got.values()}) == 2
    assert spotify.warnings == ()


def test_units_are_streams_or_sales_or_not_known(tmp_path):
    rows = [
        DISTROKID,
        line("Apple Music", "9", "0.10"),
        line("iTunes", "2", "1.40", country="DE"),
        line("TikTok", "77", "0.02"),
        line("Tiny Unheard-Of Store", "5", "0.01"),
    ]
    got = readings(written(tmp_path / "bank.tsv", rows))
    apple = totals(got["apple_music"], False)
    assert (apple["streams"].tolist(), apple["purchases"].tolist()) == ([9], [2])
    other = got["other_music"]
    assert other.observations["streams"].isna().all()
    assert other.observations["purchases"].isna().all()
    assert totals(other, False)["revenue"].round(9).tolist() == [0.03]
    assert any("Tiny Unheard-Of Store" in warning and "TikTok" not in warning for warning in other.warnings)


def test_one_bad_line_of_a_statement_is_set_aside_with_its_line(tmp_path):
    rows = [DISTROKID, line("Spotify", "1", "1"), line("Deezer", "2", "1", month="soon"), line("Spotify", "x", "1")]
    got = readings(written(tmp_path / "bank.tsv", rows))
    assert totals(got["spotify"], False)["streams"].tolist() == [1]
    assert got["spotify"].rejected[["row", "column", "value"]].to_numpy().tolist() == [[4, "Quantity", "x"]]
    assert got["deezer"].observations.empty
    assert got["deezer"].rejected[["row", "column", "value"]].to_numpy().tolist() == [[3, "Sale Month", "soon"]]


def test_songs_without_a_code_go_by_their_release_then_their_title_and_money_is_never_lost(tmp_path):
    header = [name for name in DISTROKID if name != "UPC"]
    plain = [cell for name, cell in zip(DISTROKID, line("Spotify", "1", "1", isrc="N/A"), strict=True) if name != "UPC"]
    nameless = [*plain[:4], "", "", *plain[6:]]
    got = readings(written(tmp_path / "bank.tsv", [header, plain, nameless]))["spotify"]
    assert got.rejected.empty
    assert set(got.observations["content"]) == {"River", ""}
    assert totals(got, True)["revenue"].tolist() == [1]
    assert totals(got, False)["revenue"].tolist() == [2]


def test_a_release_code_that_a_spreadsheet_rounded_costs_no_line_that_names_its_song(tmp_path):
    def rounded(*cells, **options) -> list[str]:
        return [*(sold := line(*cells, **options))[:6], "1.98E+11", *sold[7:]]

    rows = [DISTROKID, rounded("Spotify", "1", "1"), rounded("Spotify", "2", "1", isrc=""),
            rounded("Spotify", "4", "1", isrc="", title=""), line("Spotify", "8", "1", isrc="")]  # fmt: skip
    got = readings(written(tmp_path / "bank.csv", rows))["spotify"]
    assert got.rejected[["row", "column", "value"]].to_numpy().tolist() == [[4, "UPC", "1.98E+11"]]
    assert "rounded number" in got.rejected["reason"][0]
    songs = totals(got, True).set_index("content")["streams"]
    assert songs.to_dict() == {"QZABC2600001": 1, "River": 2, "198000000011": 8}
    assert any("code of 2 rows is not known" in warning for warning in got.warnings)


def test_a_line_of_totals_is_no_artist(tmp_path):
    total = ["Total", *[""] * 6, "3", *[""] * 4, "2"]
    grace = [cell.replace("Ada", "Grace") for cell in line("Spotify", "1", "1")]
    got = readings(written(tmp_path / "a.csv", [DISTROKID, line("Spotify", "2", "1"), total]))
    assert not any("artists" in warning for reading in got.values() for warning in reading.warnings)
    assert sum(len(reading.rejected) for reading in got.values()) == 1
    got = readings(written(tmp_path / "b.csv", [DISTROKID, line("Spotify", "2", "1"), grace]))["spotify"]
    assert any("names 2 artists" in warning for warning in got.warnings)


@pytest.mark.parametrize(
    ("written_as", "told"),
    [("2026-05-15", "2026-05-15"), ("15.05.2026", "2026-05-15"), ("5/15/2026", "2026-05-15"),
     ("May 2026", "2026-05-01 to 2026-05-31"), ("ST-77", "ST-77"), ("20260", "20260"), ("a|b", "a/b")],
)  # fmt: skip
def test_a_statement_has_one_name_however_its_day_is_written(tmp_path, written_as, told):
    rows = [DISTROKID, line("Spotify", "2", "1", reported=written_as)]
    got = readings(written(tmp_path / "a.csv", rows))["spotify"]
    assert got.observations["dimension_value"].tolist() == [f"US|Spotify|{told}", f"Spotify|{told}"]


def test_a_statement_without_its_day_is_known_by_its_lines(tmp_path):
    rows = [line("Spotify", "2", "1.23456789", reported=""), line("Spotify", "3", "1", reported="")]
    files = {
        "a": rows, "turned": rows[::-1], "cut off": [[c.replace("1.23456789", "1.2346") for c in r] for r in rows],
        "other units": [rows[0], line("Spotify", "4", "1", reported="")],
        "other money": [rows[0], line("Spotify", "3", "2", reported="")],
        "with another": [*rows, line("Spotify", "9", "1")],
    }  # fmt: skip
    names = {}
    for name, lines in files.items():
        got = readings(written(tmp_path / f"{name}.csv", [DISTROKID, *lines]))["spotify"]
        names[name] = next(value for value in got.observations["dimension_value"] if "untitled" in value)
    assert len({names[name] for name in ("a", "turned", "cut off", "with another")}) == 1
    assert len(set(names.values())) == 3


OF_TWO_CURRENCIES = """
columns = [
  {header = "Reporting Date", dimension = "statement"},
  {header = "Sale Month", field = "month"},
  {header = "Store", dimension = "service"},
  {header = "Title", field = "title"},
  {header = "ISRC", field = "content"},
  {header = "Country of Sale", dimension = "country"},
  {header = "Quantity", metric = "streams", negative = true},
  {header = "Earnings", metric = "revenue", unit = "money", negative = true},
  {header = "Currency", dimension = "currency"},
]
[[kinds]]
platform = "spotify"
name = "statement in several currencies"
requires = ["month", "statement", "service", "content", "title", "country", "streams", "revenue", "currency"]
basis = "flow"
period = "told"
statement = true
title_as_id = true
"""


def test_one_song_of_one_statement_in_two_currencies_is_kept_apart(tmp_path):
    header = [*DISTROKID[:-1], "Earnings", "Currency"]
    rows = [header, [*line("Spotify", "1", "1"), "USD"], [*line("Spotify", "2", "2", country="DE"), "EUR"],
            [*line("Spotify", "4", "4", isrc="QZABC2600002", title="Lake"), "EUR"]]  # fmt: skip
    mapping = parsed_mapping(OF_TWO_CURRENCIES, "two")
    (got,) = read(written(tmp_path / "a.csv", rows), mappings=(mapping,))
    parts = got.observations[got.observations["dimension"].isin(PARTS)]
    assert set(parts["dimension_value"]) == {
        "EUR|Spotify|2026-05-15", "USD|Spotify|2026-05-15", "Spotify|2026-05-15",
    }  # fmt: skip
    songs = totals(got, True).set_index("content")
    assert songs["streams"].to_dict() == {"QZABC2600001": 3, "QZABC2600002": 4}
    assert songs["revenue"].dropna().to_dict() == {"QZABC2600002": 4}
    assert songs.loc["QZABC2600002", "currency"] == "EUR"


SYMPHONIC = ["Reporting Period", "Label", "Release Name", "UPC Code", "Track Title", "ISRC Code", "Track Artists",
             "Digital Service Provider", "Activity Period", "Territory", "Delivery", "Content Type", "Sale or Void",
             "Count", "Royalty ($US)"]  # fmt: skip


@pytest.mark.parametrize(("half", "thousand", "amount"), [("0,5", "1.200", "1,248"), ("0.5", "1,200", "1.248")])
def test_the_statement_as_a_whole_tells_its_decimal_mark(tmp_path, half, thousand, amount):
    rows = [DISTROKID, line("Spotify", "7", half), line("Tidal", thousand, amount)]
    got = readings(written(tmp_path / "bank.tsv", rows))
    assert totals(got["tidal"], False)[["streams", "revenue"]].to_numpy().tolist() == [[1200, 1.248]]
    assert totals(got["spotify"], False)["revenue"].tolist() == [0.5]


def test_a_void_line_takes_back_what_was_counted(tmp_path):
    def sold(void: str, count: str, money: str) -> list[str]:
        return ["JUN-26", "Mine", "Water", "198000000011", "River", "QZABC2600001", "Ada", "Spotify", "May 2026", "USA",
                "Streaming", "Single", void, count, money]  # fmt: skip

    rows = [SYMPHONIC, sold("Sale", "100", "0.30"), sold("Void", "40", "-0.12")]
    got = readings(written(tmp_path / "a.csv", rows))["spotify"]
    total = totals(got, False)
    assert total["streams"].tolist() == [60]
    assert total["revenue"].round(9).tolist() == [0.18]
    assert total["currency"].tolist() == ["USD"]
    assert total["period_end"].dt.date.tolist() == [date(2026, 5, 31)]
    assert got.observations["dimension"].tolist()[0] == "country|label|release|royalty_type|service|statement"


TUNECORE = ["Sales Period", "Posted Date", "Store Name", "Country Of Sale", "Artist", "Release Type", "Release Title",
            "Song Title", "Label", "UPC", "Optional UPC", "TC Song ID", "Optional ISRC", "Sales Type", "# Units Sold",
            "Per Unit Price", "Net Sales", "Net Sales Currency", "Exchange Rate", "Total Earned",
            "Currency"]  # fmt: skip


def test_a_day_stands_for_its_month_and_the_amount_earned_is_read(tmp_path):
    rows = [TUNECORE, ["2026-07-01", "2026-09-01", "Deezer", "FR", "Ada", "Single", "River", "River", "", "1", "", "12",
                       "QZABC2600001", "Streaming", "1,200", "0.001", "1.10", "EUR", "1.1", "1.21", "USD"]]  # fmt: skip
    got = readings(written(tmp_path / "a.csv", rows))["deezer"]
    total = totals(got, False)
    assert (total["streams"].tolist(), total["revenue"].tolist(), total["currency"].tolist()) == (
        [1200],
        [1.21],
        ["USD"],
    )
    assert got.period == (date(2026, 7, 1), date(2026, 7, 31))


def test_a_preamble_above_the_header_is_passed_over(tmp_path):
    header = ["Reporting Period", "Accounting Period", "Artist(s)", "Release", "Track", "UPC", "ISRC", "Partner",
              "Country", "Type", "Units", "Revenue (USD)", "Revenue Share (%)", "Split Pay Share (%)"]  # fmt: skip
    rows = [
        ["Account ID", *[""] * 13], ["0b1f-22", *[""] * 13], header,
        ["2026-05-01", "2026-07-01", "Ada", "Water", "River", "1", "QZABC2600001", "Spotify", "US", "stream", "10",
         "0.04", "100", "100"],
    ]  # fmt: skip
    got = readings(written(tmp_path / "a.csv", rows))["spotify"]
    assert totals(got, False)["revenue"].tolist() == [0.04]
    assert got.observations["row"].tolist() == [4, 0]


def test_a_statement_of_an_unknown_distributor_with_first_and_last_day(tmp_path):
    header = ["Sale Start Date", "Sale End Date", "DSP", "Track Title", "Track ISRC", "Territory", "Units",
              "Net Revenue", "Currency"]  # fmt: skip
    rows = [header, ["2026-04-01", "2026-06-30", "Tidal", "River", "QZABC2600001", "Germany", "30", "0,25", "EUR"]]
    got = readings(written(tmp_path / "a.csv", rows))["tidal"]
    total = totals(got, False)
    assert (total["streams"].tolist(), total["revenue"].tolist(), total["currency"].tolist()) == ([30], [0.25], ["EUR"])
    assert got.period == (date(2026, 4, 1), date(2026, 6, 30))
    assert got.observations["dimension_value"].tolist()[0].startswith("DE|Tidal|untitled ")
    assert any("no day or number of its own" in warning for warning in got.warnings)


BANDCAMP = ["date", "paid to", "item type", "item name", "artist", "currency", "item price", "quantity", "net amount"]


def test_amounts_in_two_currencies_are_never_added(tmp_path):
    rows = [
        BANDCAMP,
        ["5/3/26 10:12am", "a@b.c", "track", "River", "Ada", "USD", "1", "1", "0.75"],
        ["5/3/26 11:12am", "a@b.c", "track", "River", "Ada", "EUR", "1", "2", "1.50"],
        ["5/4/26 11:12pm", "a@b.c", "album", "Water", "Ada", "EUR", "7", "1", "5.95"],
    ]
    got = only(written(tmp_path / "sales.csv", rows))
    assert (got.platform, got.kind) == ("bandcamp", "sales (Bandcamp)")
    lines = got.observations[got.observations["dimension"] != ""]
    assert dict(zip(lines["dimension_value"], zip(lines["currency"], lines["revenue"], strict=True), strict=True)) == {
        "USD|track": ("USD", 0.75),
        "EUR|track": ("EUR", 1.50),
        "EUR|album": ("EUR", 5.95),
    }
    days = totals(got, False)
    assert days["period_start"].dt.date.tolist() == [date(2026, 5, 3), date(2026, 5, 4)]
    assert days["purchases"].tolist() == [3, 1]
    assert np.isnan(days["revenue"][0])
    assert days["revenue"][1] == 5.95
    assert any("EUR, USD" in warning for warning in got.warnings)
    assert not any("a@b.c" in str(value) for value in got.observations.to_numpy().ravel())


def test_a_statement_in_a_workspace_gives_figures_by_platform(tmp_path):
    rows = [
        DISTROKID,
        line("Spotify", "100", "0.30"),
        line("Spotify", "40", "0.12", country="DE"),
        line("Tidal", "9", "0.1"),
    ]
    path = written(tmp_path / "exports" / "bank.tsv", rows)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        assert set(ws.ingest(path, creator="Ada").files["status"]) == {"stored"}
        assert set(ws.ingest(path, creator="Ada").files["status"]) == {"already stored"}
        found = ws.metrics(by=["platform"], metrics=["streams", "revenue"], start="2026-03-01", end="2026-03-31")
        values = {(row.platform, row.metric): round(row.value, 9) for row in found.itertuples()}
        assert values[("spotify", "streams")] == 140
        assert values[("spotify", "revenue")] == 0.42
        assert values[("tidal", "streams")] == 9
        assert set(ws.accounts()["account"]) == {"Ada/spotify", "Ada/tidal"}
        assert set(ws.contents()["content"]) == {"QZABC2600001"}


# Periods and countries


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-03", (2026, 3, 1), (2026, 3, 31)), ("2024/02", (2024, 2, 1), (2024, 2, 29)),
        ("202611", (2026, 11, 1), (2026, 11, 30)), ("3/2026", (2026, 3, 1), (2026, 3, 31)),
        ("Mar 2026", (2026, 3, 1), (2026, 3, 31)), ("JUN-25", (2025, 6, 1), (2025, 6, 30)),
        ("June 2025", (2025, 6, 1), (2025, 6, 30)), ("2026 Dezember", (2026, 12, 1), (2026, 12, 31)),
        ("2026-Q1", (2026, 1, 1), (2026, 3, 31)), ("Q4 2025", (2025, 10, 1), (2025, 12, 31)),
        ("2026Q2", (2026, 4, 1), (2026, 6, 30)), ("2025", (2025, 1, 1), (2025, 12, 31)),
    ],
)  # fmt: skip
def test_months_quarters_and_years(text, first, last):
    assert read_span(text) == (date(*first), date(*last))


@given(st.dates(date(1995, 1, 1), date(2060, 12, 31)))
def test_a_month_holds_each_of_its_days(day):
    starts, ends, wrong = read_spans(pd.Series([day.isoformat(), f"{day:%Y-%m}", ""], dtype="str"), whole_month=True)
    assert not wrong
    assert starts[0] == starts[1] <= np.datetime64(day) <= ends[0] == ends[1]
    assert (ends[0] + 1).astype(object).day == 1
    assert np.isnat(starts[2])


def test_a_first_of_a_month_tells_the_order_of_its_column():
    starts, ends, wrong = read_spans(pd.Series(["3/1/2026", "4/1/2026"], dtype="str"), whole_month=True)
    assert not wrong
    assert starts.astype(str).tolist() == ["2026-03-01", "2026-04-01"]
    assert ends.astype(str).tolist() == ["2026-03-31", "2026-04-30"]
    assert read_spans(pd.Series(["3/2/2026"], dtype="str"), whole_month=True)[2]
    assert read_spans(pd.Series(["soon", "2026-13"], dtype="str"), whole_month=True)[2].keys() == {0, 1}


@pytest.mark.parametrize(
    ("text", "code"),
    [("US", "US"), ("usa", "US"), ("United Kingdom", "GB"), ("DEU", "DE"), ("Brasil", "BR"), ("ZZ", "unknown"),
     ("", "unknown"), ("NA", "NA"), ("OU", "OU"), ("Côte d'Ivoire", "CI")],
)  # fmt: skip
def test_countries(text, code):
    assert country_code(text) == code
