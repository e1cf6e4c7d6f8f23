"""Ingest: once and only once, refusing by name, storing the rest."""

import gc
import weakref
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import text

import engagerr_core.ingest as ingest_module
from engagerr_core.errors import InvalidArgument
from engagerr_core.ingest_summary import recall
from engagerr_core.sources import read
from engagerr_core.store import contents
from tests.store.example_readings import daily, posts, reading, rejected, sha
from tests.workspace.steps import NOW, state, store


def failed(name, why="It is not a table. Export it again."):
    return reading(name, daily(name, 0), platform="", kind="", failure=why, rows_read=0, period=None)


def test_rows_contents_and_files_are_there(ws):
    summary = store(ws, reading("a", contents=posts("a", ("v1", "v2"))))
    assert summary.exit_code == 0
    assert str(summary) == "1 of 1 table stored with 5 observations."
    assert ws.observations()["views"].tolist() == [1, 2, 3, 4, 5]
    assert ws.contents()["title"].tolist() == ["Title of v1", "Title of v2"]
    (file,) = ws.files().to_dict("records")
    assert (file["file"], file["rows_stored"], file["creator"], file["account"]) == (sha("a"), 5, "Ada", "Ada/youtube")
    assert (file["period_start"], file["ingested_at"]) == (pd.Timestamp("2026-01-01"), pd.Timestamp(NOW))
    assert ws.creators()["creator"].tolist() == ["Ada"]


def test_the_same_files_twice_change_nothing(ws):
    many = [reading("a", contents=posts("a", ("v1",)), rejected=rejected("a", 9)), reading("b"), failed("c")]
    first = store(ws, *many)
    before, version = state(ws), ws.version
    second = store(ws, *many, known_at=None)
    assert (state(ws), ws.version) == (before, version)
    assert second.files["status"].tolist() == ["already stored", "already stored", "refused"]
    assert second.files["rows_stored"].sum() == 0
    assert first.exit_code == second.exit_code == 1
    assert len(ws.runs()) == 1


def test_the_same_bytes_under_two_names_are_stored_once(ws):
    summary = store(ws, reading("a"), reading("a", path="exports/copy of a.csv"))
    assert summary.files["status"].tolist() == ["stored", "already stored"]
    assert len(ws.observations(resolved=False)) == 5


def test_a_refused_file_is_named_and_the_others_stored(ws):
    summary = store(ws, failed("a"), reading("b"))
    assert summary.exit_code == 1
    assert "1 of 2 tables stored with 5 observations, 1 refused." in str(summary)
    assert "exports/Ada/a.csv: It is not a table." in str(summary)
    (row,) = ws.quarantine().to_dict("records")
    assert (row["path"], row["reason"]) == ("exports/Ada/a.csv", "It is not a table. Export it again.")
    assert pd.isna(row["row"])


def test_a_file_that_is_mended_leaves_quarantine(ws):
    store(ws, failed("a"))
    store(ws, reading("a"))
    assert ws.quarantine().empty


def test_nothing_usable(ws):
    summary = store(ws, failed("a"), failed("b"))
    assert summary.exit_code == 2
    assert ws.observations().empty
    assert ws.runs().empty


def test_no_files_at_all(ws):
    summary = store(ws)
    assert (summary.exit_code, str(summary)) == (2, "Nothing to ingest: no exported file was found.")
    assert summary.to_frame().empty
    assert summary.rejected.empty


def test_a_file_without_one_trusted_row_is_refused(ws):
    summary = store(ws, reading("a", daily("a", 0), rejected=rejected("a", 2, 3), rows_read=2))
    assert summary.files["status"].tolist() == ["refused"]
    assert ws.files().empty
    assert ws.quarantine()["row"].tolist() == [pd.NA, 2, 3]


def test_rejected_rows_are_kept_with_their_reason(ws):
    summary = store(ws, reading("a", rejected=rejected("a", 7)))
    assert summary.exit_code == 1
    assert summary.rejected.to_dict("records") == [
        {"path": "exports/Ada/a.csv", "row": 7, "column": "Views", "value": "many", "reason": "not a count",
         "advice": "Mend the cell."}
    ]  # fmt: skip
    assert ws.quarantine()[["row", "column", "value"]].to_numpy().tolist() == [[7, "Views", "many"]]


def test_a_conflicting_account_is_refused_by_name(ws):
    store(ws, reading("a", account="UC1"))
    summary = store(ws, reading("b", account="UC1"), reading("c"), creator="Bo")
    assert summary.files["status"].tolist() == ["refused", "stored"]
    assert "belongs to Ada" in summary.files["reasons"][0]
    assert set(ws.observations()["creator"]) == {"Ada", "Bo"}


def test_the_account_brings_its_creator(ws):
    store(ws, reading("a", account="UC1"))
    store(ws, reading("b", account="UC1", account_title="Ada Makes"), creator=None)
    assert set(ws.observations(resolved=False)["creator"]) == {"Ada"}
    assert ws.accounts()["title"].tolist() == ["Ada Makes"]


def test_the_same_bytes_of_another_account_are_stored_as_its_own(ws):
    """Two small accounts can hand over the very same result card."""
    first = store(ws, reading("a"), creator="Ada")
    other = store(ws, reading("a"), creator="Bo")
    again = store(ws, reading("a"), creator="Bo")
    assert [s.files["status"][0] for s in (first, other, again)] == ["stored", "stored", "already stored"]
    rows = ws.observations(resolved=False)
    assert len(set(rows.groupby("creator").size())) == 1
    assert rows["file"].nunique() == 2
    assert store(ws, reading("a"), creator=None).files["status"][0] == "already stored"


def test_of_two_exports_in_one_batch_the_one_that_reaches_further_prevails(ws):
    for turn, names in enumerate((("wide", "narrow"), ("narrow", "wide"))):
        made = {
            "wide": reading(
                f"w{turn}", daily(f"w{turn}").assign(views=7.0), period=(date(2026, 1, 1), date(2026, 2, 1))
            ),
            "narrow": reading(f"n{turn}", daily(f"n{turn}").assign(views=5.0)),
        }
        store(ws, *(made[name] for name in names), creator=f"Ada {turn}")
    assert set(ws.observations()["views"]) == {7.0}


def test_within_one_batch_too(ws):
    store(ws, reading("a", account="UC1", account_title="Ada M"), reading("b", account="UC1"), creator=None)
    assert set(ws.observations(resolved=False)["creator"]) == {"Ada"}


def test_figures_under_two_accounts_of_one_creator_are_said(ws):
    store(ws, reading("a"))
    summary = store(ws, reading("b", account="UC1"))
    assert "under UC1 and under Ada/youtube" in summary.files["warnings"][0]
    assert "Ada/youtube and under UC1" in store(ws, reading("c")).files["warnings"][0]


def test_posts_go_with_their_rows_account(ws):
    rows = daily("a", 2).assign(account=["1", "2"], content=["p1", "p2"])
    contents = posts("a", ("p1", "p2")).assign(account=["1", "2"])
    store(ws, reading("a", rows, contents=contents))
    assert ws.contents()[["account", "content"]].to_numpy().tolist() == [["1", "p1"], ["2", "p2"]]
    assert ws.observations()[["account", "content"]].to_numpy().tolist() == [["1", "p1"], ["2", "p2"]]


def test_rows_that_a_reader_made_wrongly_are_refused_by_name(ws):
    summary = store(ws, reading("a", daily("a").assign(basis="sum")), reading("b"))
    assert "basis 'sum' is none of" in summary.files["reasons"][0]
    assert summary.files["status"].tolist() == ["refused", "stored"]


def test_one_commit_a_batch_and_a_new_one_beyond_its_size(ws, monkeypatch):
    monkeypatch.setattr(ingest_module, "BATCH_ROWS", 10)
    store(ws, *[reading(name) for name in "abcde"])
    assert ws.runs()["rows_stored"].tolist() == [10, 10, 5]
    assert ws.lake.version == 3


def test_instants_of_ingestion_only_grow(ws):
    store(ws, reading("a"), known_at=None)
    store(ws, reading("b"), known_at=None)
    first, second = ws.runs()["known_at"]
    assert first < second
    assert ws.observations(resolved=False)["known_at"].nunique() == 2


def test_a_clock_set_back_does_not_reorder(ws):
    late = NOW + timedelta(days=9_999)
    store(ws, reading("a"), known_at=late)
    store(ws, reading("b"), known_at=None)
    assert ws.runs()["known_at"].is_monotonic_increasing


@pytest.mark.parametrize("said", [{"creator": " "}, {"account": ""}, {"known_at": NOW.replace(tzinfo=None)}])
def test_empty_names_and_zoneless_instants_are_refused(ws, said):
    with pytest.raises(InvalidArgument):
        store(ws, reading("a"), **said)
    assert ws.observations().empty


def test_progress_names_each_table(ws):
    seen = []
    store(ws, reading("a"), failed("b"), progress=seen.append)
    assert seen == ["exports/Ada/a.csv", "exports/Ada/b.csv"]


def test_hostile_text_is_stored_as_it_is_and_shown_escaped(ws):
    name = "<script>alert('x')</script>"
    title = "'); DROP TABLE contents;-- \0 \u202e"
    summary = store(
        ws,
        reading("a", contents=posts("a", ("v1",), title=[title]), path=f"{name}.csv", account=name, account_title=name),
        creator=name,
    )
    assert ws.contents()["title"].tolist() == [title.replace("\0", "")]
    assert ws.observations(creator=name)["account"].unique().tolist() == [name]
    assert "<script>" not in summary._repr_html_()
    assert "&lt;script&gt;" in summary._repr_html_()


def test_a_table_without_rows_is_stored_as_such(ws):
    summary = store(ws, reading("a", daily("a", 0)))
    assert summary.files["status"].tolist() == ["stored"]
    assert ws.lake.version == 0
    assert store(ws, reading("a", daily("a", 0))).files["status"].tolist() == ["already stored"]


def test_files_from_real_bytes(ws, tmp_path):
    folder = tmp_path / "Ada" / "youtube"
    folder.mkdir(parents=True)
    (folder / "Table data.csv").write_text(
        "Date,Views\n2026-01-01,10\n2026-01-02,20\n2026-01-03,lots\n", encoding="utf-8"
    )
    summary = ws.ingest(tmp_path / "Ada")
    assert summary.files[["platform", "status", "rows_rejected", "creator"]].to_numpy().tolist() == [
        ["youtube", "stored", 1, "Ada"]
    ]
    assert ws.observations()["views"].tolist() == [10, 20]
    assert ws.ingest([folder]).files["status"].tolist() == ["already stored"]


def test_readings_go_once_they_are_entered(ws, monkeypatch):
    """Only one batch is held at a time: memory does not grow with the number of files."""
    monkeypatch.setattr(ingest_module, "BATCH_ROWS", 10)
    frames = []

    def one_after_another():
        for name in "abcdef":
            rows = daily(name)
            frames.append(weakref.ref(rows))
            yield reading(name, rows)
            del rows
            gc.collect()
            assert sum(frame() is not None for frame in frames) <= 2

    owner = ingest_module.Owner(creator="Ada")
    ingest_module.ingest(ws.lake, ws.catalogue, one_after_another(), owner=owner, known_at=NOW)
    assert len(ws.files()) == 6


def test_more_posts_than_are_entered_at_once(ws, monkeypatch):
    monkeypatch.setattr(contents, "ENTERED_AT_ONCE", 3)
    ids = tuple(f"v{i}" for i in range(10))
    store(ws, reading("a", contents=posts("a", ids)))
    assert ws.contents()["content"].tolist() == sorted(ids)


def test_rows_set_aside_earlier_go_when_the_same_file_is_refused_and_then_mended(ws):
    wrong = reading("a", daily("a", 0), rejected=rejected("a", 2, 3), rows_read=2)
    store(ws, wrong)
    store(ws, wrong)
    assert len(ws.quarantine()) == 3
    store(ws, reading("a", rejected=rejected("a", 4)))
    assert ws.quarantine()["row"].tolist() == [4]


def test_two_tables_of_one_batch_in_quarantine(ws):
    store(ws, failed("a"), failed("b"), reading("c", rejected=rejected("c", 7)), failed("a", why="Still none."))
    assert sorted(ws.quarantine()["reason"]) == ["It is not a table. Export it again.", "Still none.", "not a count"]


def again(ws, paths, creator="Ada", version="1", **given):
    """Ingest with what is known of folders that were read before. Also says which tables were not read again."""
    seen = []

    def noted():
        known = recall(ws.catalogue, creator, None, version)
        for one in read(paths, recall=known, **given):
            seen.append(one.is_recalled)
            yield one

    owner = ingest_module.Owner(creator=creator)
    return ingest_module.ingest(ws.lake, ws.catalogue, noted(), owner=owner), seen


@pytest.fixture
def exports(tmp_path):
    for name in ("Ada", "Bo"):
        (tmp_path / "exports" / name).mkdir(parents=True)
        table = f"Date,Views\n2026-01-01,{len(name)}\n2026-01-02,20\n2026-01-03,lots\n"
        (tmp_path / "exports" / name / "Table data.csv").write_text(table, encoding="utf-8")
        (tmp_path / "exports" / name / "Totals.csv").write_text("Geography,Views\nTotal,5\nDE,5\n", encoding="utf-8")
    return tmp_path / "exports"


def test_folders_that_are_stored_are_not_read_again_and_say_the_same(ws, exports):
    first, seen = again(ws, exports)
    assert not any(seen)
    asked = ws.version, state(ws)
    owner = ingest_module.Owner(creator="Ada")
    plain = ingest_module.ingest(ws.lake, ws.catalogue, read([exports]), owner=owner)  # every file read
    found, seen = again(ws, exports)
    assert all(seen)
    pd.testing.assert_frame_equal(found.files, plain.files)
    pd.testing.assert_frame_equal(found.rejected, plain.rejected)
    assert (str(found), found.exit_code) == (str(plain), plain.exit_code)
    assert (ws.version, state(ws)) == asked
    assert set(first.files["status"]) <= {"stored", "already stored"}


@pytest.mark.parametrize(
    "changed", [{"creator": "Cy"}, {"version": "2"}, {"period": (date(2026, 1, 1), date(2026, 1, 3))}]
)
def test_other_circumstances_are_read(ws, exports, changed):
    again(ws, exports)
    assert not any(again(ws, exports, **changed)[1])


def test_a_folder_in_which_one_file_changed_is_read_whole(ws, exports):
    again(ws, exports)
    (exports / "Bo" / "Totals.csv").write_text("Geography,Views\nTotal,6\nDE,6\n", encoding="utf-8")
    found, seen = again(ws, exports)
    assert seen == [True, True, False, False]
    assert found.files["status"].tolist().count("stored") == 1


def test_a_folder_with_a_refused_file_is_read_again(ws, exports):
    (exports / "Bo" / "other.csv").write_text("no,table\n", encoding="utf-8")
    again(ws, exports)
    found, seen = again(ws, exports)
    assert seen == [True, True, False, False, False]
    assert found.files["status"].tolist().count("refused") == 1


def test_what_is_not_stored_any_more_is_read(ws, exports):
    again(ws, exports)
    with ws.catalogue.writing() as connection:
        connection.execute(text("UPDATE files SET status = 'recovered'"))
    assert not any(again(ws, exports)[1])


def test_what_was_replaced_is_read(ws, exports):
    again(ws, exports)
    again(ws, exports, exported_on=date(2026, 1, 9))
    seen = again(ws, exports)[1]
    assert not any(seen)
    assert all(again(ws, exports)[1])
