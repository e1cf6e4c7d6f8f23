"""A workspace: opening, asking, refusing."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pandas as pd
import pytest

from engagerr_core.errors import InvalidArgument, UnknownName, WorkspaceMissing
from engagerr_core.vocabulary.observation import COLUMNS
from engagerr_core.workspace import Workspace
from tests.store.example_readings import daily, posts, reading
from tests.workspace.steps import NOW, state, store


def test_a_missing_workspace_says_how_to_make_one(tmp_path):
    with pytest.raises(WorkspaceMissing, match=r"engagerr init .*create=True"):
        Workspace.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_folder_that_is_none_is_missing_too(tmp_path):
    with pytest.raises(WorkspaceMissing):
        Workspace.open(tmp_path)


def test_create_makes_settings_and_folders_and_keeps_what_is_there(tmp_path):
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, reading("a"))
        before = state(ws)
    (tmp_path / "ws" / "workspace.toml").write_text('time_zone = "Asia/Tokyo"\n')
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        assert ws.settings.time_zone == "Asia/Tokyo"
        assert state(ws) == before
    assert {path.name for path in (tmp_path / "ws").iterdir()} >= {
        "workspace.toml",
        "coefficients",
        "notebooks",
        "reports",
    }


@pytest.mark.parametrize("name", ["with space", "ünï ☃", "100% ?#&;'", "a'b\"c"])
def test_any_folder_name_will_do(tmp_path, name):
    with Workspace.open(tmp_path / name, create=True) as ws:
        store(ws, reading("a", contents=posts("a", ("v1",))))
        assert len(ws.observations()) == 5
    with Workspace.open(str(tmp_path / name)) as ws:
        assert len(ws.contents()) == 1


def test_repr_is_one_line(ws):
    assert repr(ws) == f"<Workspace {ws.path}, lake 0>"


def test_observations_are_resolved_unless_asked_otherwise(ws):
    store(ws, reading("a"))
    store(ws, reading("b", daily("b", likes=[1.0, None, 3.0, 4.0, 5.0])), known_at=NOW + timedelta(1))
    found = ws.observations()
    assert len(found) == 5
    assert found["views"].tolist() == [1, 2, 3, 4, 5]
    assert found["likes"].isna().tolist() == [False, True, False, False, False]
    assert len(ws.observations(resolved=False)) == 10


def test_dtypes(ws):
    for rows in (0, 3):
        store(ws, reading(f"a{rows}", daily(f"a{rows}", rows)))
        kinds = ws.observations().dtypes.astype(str)
        assert list(kinds.index) == list(COLUMNS)
        assert (kinds["period_start"], kinds["known_at"]) == ("datetime64[us]", "datetime64[us, UTC]")
        assert (kinds["cohort_days"], kinds["row"], kinds["views"], kinds["content"]) == (
            "Int32",
            "Int32",
            "float64",
            "str",
        )


def test_as_of_reproduces_an_earlier_answer(ws):
    store(ws, reading("a"))
    before = ws.observations(), ws.contents()
    restated = daily("b", views=[9.0, 9.0, 9.0, 9.0, 9.0])
    store(ws, reading("b", restated, contents=posts("b", ("v1",))), known_at=NOW + timedelta(hours=1))
    for as_of in (NOW, NOW + timedelta(minutes=59), NOW.astimezone(timezone(timedelta(hours=9)))):
        pd.testing.assert_frame_equal(ws.observations(as_of=as_of), before[0])
        pd.testing.assert_frame_equal(ws.contents(as_of=as_of), before[1])
    assert ws.observations()["views"].unique().tolist() == [9.0]
    assert ws.observations(as_of=NOW - timedelta(seconds=1)).empty


def test_as_of_a_day_means_until_its_end_in_the_workspaces_zone(tmp_path):
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "workspace.toml").write_text('time_zone = "America/Los_Angeles"\n')
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        store(ws, reading("a"), known_at=datetime(2026, 3, 2, 7, 30, tzinfo=UTC))  # still 1 March in Los Angeles
        assert len(ws.observations(as_of="2026-03-01")) == 5
        assert len(ws.observations(as_of=date(2026, 2, 28))) == 0


def test_filters(ws):
    store(ws, reading("a"), reading("b", daily("b", platform="tiktok"), platform="tiktok"))
    store(ws, reading("c", account="UC2"), creator="Bo")
    assert set(ws.observations(creator="Bo")["account"]) == {"UC2"}
    assert set(ws.observations(platform="tiktok")["creator"]) == {"Ada"}
    assert ws.observations(start="2026-01-02", end=date(2026, 1, 3), creator="Bo")["views"].tolist() == [2, 3]


def test_columns_in_the_order_asked_and_the_same_values(ws):
    money = {"revenue": [1.0, None, 3.0, 4.0, 5.0], "currency": "EUR", "views": [1.0] * 5}
    store(ws, reading("a", daily("a", **money)))
    store(ws, reading("b", daily("b", currency="USD", cpm=2.0, likes=1.0)), known_at=NOW + timedelta(1))
    everything = ws.observations()
    for columns in (["views", "content"], ["revenue"], ["currency", "revenue"], ["period_start"], ["likes", "row"]):
        pd.testing.assert_frame_equal(ws.observations(columns=columns), everything[columns])


def test_a_remembered_answer_is_never_stale_and_never_shared(ws):
    store(ws, reading("a"))
    first = ws.observations(columns=["views"])
    first.loc[:, "views"] = -1.0
    assert ws.observations(columns=["views"])["views"].tolist() == [1, 2, 3, 4, 5]
    with Workspace.open(ws.path) as other:
        store(other, reading("b", daily("b", views=[9.0] * 5)), known_at=NOW + timedelta(1))
    assert ws.observations(columns=["views"])["views"].tolist() == [9.0] * 5


def test_an_answer_is_read_once(ws, monkeypatch):
    store(ws, reading("a"))
    first = ws.observations()
    monkeypatch.delattr(type(ws.lake), "read")
    pd.testing.assert_frame_equal(ws.observations(), first)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"columns": ["veiws"]}, UnknownName, "no column 'veiws'. Did you mean views"),
        ({"platform": "yt"}, UnknownName, "no platform 'yt'"),
        ({"creator": "Adda"}, UnknownName, "no creator 'Adda'.*Did you mean Ada?"),
        ({"start": "2026-02-01", "end": "2026-01-01"}, InvalidArgument, "start 2026-02-01 lies after end 2026-01-01"),
        ({"start": "yesterday"}, InvalidArgument, "start 'yesterday' is not a day"),
        ({"as_of": datetime(2026, 1, 1)}, InvalidArgument, "no time zone"),
        ({"as_of": "soon"}, InvalidArgument, "as_of 'soon' is not a day"),
        ({"end": datetime(2026, 1, 1, tzinfo=UTC)}, InvalidArgument, "is not a day"),
    ],
)
def test_wrong_questions_are_refused(ws, asked, error, words):
    store(ws, reading("a"))
    with pytest.raises(error, match=words):
        ws.observations(**asked)


def test_contents_of_one_creator_or_platform(ws):
    store(ws, reading("a", contents=posts("a", ("v1",))))
    store(
        ws,
        reading("b", daily("b", platform="x"), platform="x", contents=posts("b", ("p1",), platform="x")),
        creator="Bo",
    )
    assert ws.contents(creator="Bo")["content"].tolist() == ["p1"]
    assert ws.contents(platform="youtube")["content"].tolist() == ["v1"]
    with pytest.raises(UnknownName, match="no creator 'Cy'"):
        ws.contents(creator="Cy")


def test_the_workspaces_own_coefficients(ws):
    assert ws.coefficients.name == "default"
    own = 'name = "default"\nversion = "9"\nterm = []\n'
    (ws.path / "coefficients" / "default.toml").write_text(own)
    assert ws.coefficients.label == "default 9"


def test_an_unknown_platform_is_refused_before_reading(ws, tmp_path):
    with pytest.raises(UnknownName, match="no platform 'yt'"):
        ws.ingest(tmp_path, platform="yt")


def test_importing_is_light():
    code = (
        "import sys, engagerr_core.workspace as w; "
        "heavy = {'pandas', 'pyarrow', 'sqlalchemy', 'alembic', 'deltalake', 'numba', 'pydantic'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_days_may_be_written_as_text(tmp_path):
    file = tmp_path / "exports" / "Table data.csv"
    file.parent.mkdir()
    file.write_text("Geography,Views\nTotal,5\nDE,3\nFR,2\n", encoding="utf-8")
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        ws.ingest(file, creator="Ada", period=("2026-03-01", "2026-03-31"), exported_on="2026-04-02")
        rows = ws.observations()
        assert set(rows["period_end"].dt.strftime("%Y-%m-%d")) == {"2026-03-31"}
        assert set(rows["observed_at"].dt.strftime("%Y-%m-%d")) == {"2026-04-02"}
        with pytest.raises(InvalidArgument, match="not a pair of days"):
            ws.ingest(file, period="2026-03-01")
        with pytest.raises(InvalidArgument, match="is not a day"):
            ws.ingest(file, exported_on="2 April")
