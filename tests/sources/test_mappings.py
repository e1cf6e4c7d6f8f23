"""Mappings: tables that a TOML file alone explains. Warehouse tables, music services, royalty statements, one's own."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from engagerr_core import Workspace
from engagerr_core.cli import app
from engagerr_core.errors import InvalidArgument, UnknownFormat
from engagerr_core.sources import read
from engagerr_core.sources.mappings import load_mapping, load_mappings, shipped_mappings
from engagerr_core.sources.mappings.drafting import drafted_mapping, file_name, write_new
from engagerr_core.sources.mappings.loading import parsed_mapping
from engagerr_core.sources.preview import Preview
from tests.sources.exports import ALL, only, written
from tests.sources.exports_mappings import failure

DOCS = Path(__file__).parents[2] / "docs"
KINDS = {kind.name: reader.shape.name for reader in shipped_mappings() for kind in reader.shape.kinds}


# One's own


OWN = """
columns = [
  {header = "Clip", field = "content"},
  {header = "When", field = "day"},
  {header = "Eyes", metric = "views"},
]
kinds = [
  {platform = "tiktok", name = "my sheet", requires = ["content", "day", "views"], basis = "flow", period = "day"},
]
"""
SHEET = [["Clip", "When", "Eyes"], ["a", "2026-03-01", "7"], ["", "2026-03-01", "8"]]


def own(tmp_path, text=OWN, name="sheet.toml"):
    path = tmp_path / "mappings" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mapping_of_ones_own(tmp_path):
    own(tmp_path)
    path = written(tmp_path / "exports" / "sheet.csv", SHEET)
    assert failure(path)
    got = only(path, mappings=load_mappings(tmp_path / "mappings"))
    assert (got.platform, got.kind) == ("tiktok", "my sheet")
    assert got.observations["views"].tolist() == [7]
    assert got.rejected["row"].tolist() == [3]
    assert got.reader.endswith("sheet.toml")
    assert ("Eyes", "views", "count") in got.columns


def test_where_both_fit_alike_ones_own_goes_before(tmp_path):
    shipped = next(reader for reader in shipped_mappings() if reader.shape.name == "music_soundcloud")
    header = ["Track", "Plays", "Likes", "Reposts"]
    mine = """
columns = [
  {header = "Track", field = "content", unit = "text"},
  {header = "Plays", metric = "streams"},
  {header = "Likes", metric = "likes"},
  {header = "Reposts", metric = "shares"},
]
[[kinds]]
platform = "audiomack"
name = "mine"
requires = ["content", "streams", "likes", "shares"]
basis = "stock"
period = "none"
"""
    path = written(tmp_path / "exports" / "a.csv", [header, ["River", "1", "2", "3"]])
    assert only(path).kind == "tracks (SoundCloud)"
    assert len(shipped.shape.kinds[0].requires) == 4
    got = only(path, mappings=(load_mapping(own(tmp_path, mine)),))
    assert (got.platform, got.kind) == ("audiomack", "mine")


def test_ones_own_does_not_take_tables_that_a_shipped_reader_knows_better(tmp_path):
    lax = OWN.replace('"Clip", field = "content"', '"Date", field = "day"').replace(
        '"When", field = "day"', '"x", field = "url"'
    )
    lax = lax.replace('"Eyes"', '"Video Views"').replace('["content", "day", "views"]', '["day", "views"]')
    path = written(tmp_path / "exports" / "a.csv", ALL["tiktok overview"])
    got = only(path, mappings=(load_mapping(own(tmp_path, lax)),), exported_on=date(2026, 1, 2))
    assert got.kind == "overview"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("columns = [", "columns = ", "not TOML"),
        ('metric = "views"', 'metric = "vues"', "Eyes.*not a native metric"),
        ('period = "day"', 'period = "told"', "needs month or period"),
        ('field = "day"', 'field = "url"', "no column is called"),
        ("kinds = [", "colours = [", "'colours'"),
        ('"tiktok"', '"friendster"', "no platform"),
        ('basis = "flow"', 'basis = "flow", headers = ["Ears"]', "no column has the header 'Ears'"),
        ('metric = "views"', 'metric = "views", also = ["Clip"]', "stands twice"),
        ('field = "content"', 'field = "content", part = "x"', "only a metric has a part"),
        ('metric = "views"', 'metric = "views", values = {a = "b"}', "only a dimension or a field"),
        ("\ncolumns", '\nservices = {Foo = "friendster"}\ncolumns', "no platform 'friendster'"),
        ("kinds = [\n  {", "kinds = {a = 1}\nb = [{", "may have"),
    ],
)
def test_faults_in_a_mapping_name_the_file_and_the_entry(tmp_path, old, new, message):
    assert old in OWN
    path = own(tmp_path, OWN.replace(old, new, 1), "faulty.toml")
    with pytest.raises(InvalidArgument, match=message) as raised:
        load_mapping(path)
    assert "faulty.toml" in str(raised.value)


def test_a_mapping_that_is_no_text_is_refused_and_none_at_all_is_none(tmp_path):
    path = own(tmp_path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidArgument, match=r"sheet\.toml cannot be read"):
        load_mappings(path.parent)
    assert load_mappings(tmp_path / "nowhere") == ()


# Preview and drafts


def test_a_preview_shows_what_would_be_read_and_escapes_it(tmp_path):
    rows = [
        ["Clip", "When", "Eyes", "<b>Mood</b>"],
        ["<script>", "2026-03-01", "7", "x"],
        ["b", "2026-03-02", "?\x1b[31m", ""],
    ]
    path = written(tmp_path / "exports" / "sheet.csv", rows)
    found = Preview.of(read(path, mappings=(load_mapping(own(tmp_path)),)))
    (table,) = found.tables
    assert (table.platform, table.kind, table.rows_read, table.rows_made) == ("tiktok", "my sheet", 2, 1)
    said = str(found)
    assert "Eyes → views (count)" in said
    assert "left out: <b>Mood</b>" in said
    assert "row 3, Eyes" in said
    assert "\x1b" not in said
    html = found._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;Mood" in html
    assert found.exit_code == 1
    assert found.to_frame()["rows_rejected"].tolist() == [1]


def test_a_preview_of_what_is_not_recognised_says_why(tmp_path):
    path = written(tmp_path / "a.csv", [["Foo", "Bar"], ["1", "2"]])
    found = Preview.of(read(path))
    assert found.exit_code == 2
    assert "“Foo”" in str(found)
    assert str(Preview.of([])).startswith("Nothing to read")


def test_a_draft_reads_as_a_mapping_and_leaves_open_what_it_does_not_know(tmp_path):
    rows = [
        ["Video ID", "Datum der Messung", "Date", "Views", "Likes", 'Mood "x"', "Views"],
        ["a", "b", "2026-03-01", "1", "2", "", "1"],
    ]
    path = written(tmp_path / "exports" / "a.csv", rows)
    text = drafted_mapping(path, "my clips", "tiktok")
    reader = parsed_mapping(text, "draft", own=True)
    roles = {column.header: column.role or column.left_out for column in reader.shape.columns}
    assert roles["Views"] == "views"
    assert roles["Likes"] == "likes"
    assert roles["Date"] == "day"
    assert roles['Mood "x"'] == "not decided"
    assert [kind.platform for kind in reader.shape.kinds] == ["tiktok"]
    assert reader.shape.kinds[0].period == "day"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=2, max_size=6))
def test_any_headers_make_a_draft_that_is_toml(tmp_path_factory, headers):
    path = tmp_path_factory.mktemp("draft") / "a.csv"
    written(path, [headers, ["x"] * len(headers)])
    try:
        text = drafted_mapping(path, 'it\'s \\ "mine"', "x")
    except UnknownFormat:
        return
    assert tomllib.loads(text)["columns"]


def test_a_file_that_exists_is_left_alone_and_names_stay_in_the_folder(tmp_path):
    assert file_name("../../etc/Pass wd\x00.toml") == "etc_pass_wd_toml.toml"
    assert file_name("表") == "mapping.toml"
    path = write_new(tmp_path / "mappings" / "a.toml", "first")
    with pytest.raises(InvalidArgument, match="left alone"):
        write_new(path, "second")
    assert path.read_text() == "first"


# In a workspace and on the command line


def test_a_workspace_ingests_by_its_mappings_and_previews_without_storing(tmp_path):
    path = written(tmp_path / "exports" / "sheet.csv", SHEET)
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        assert (ws.path / "mappings").is_dir()
        assert ws.preview(path).failures == 1
        tried = ws.preview(path, mapping=own(tmp_path))
        assert tried.failures == 0
        assert ws.files().empty
        (ws.path / "mappings" / "sheet.toml").write_text(OWN, encoding="utf-8")
        assert ws.preview(path).tables[0].kind == "my sheet"
        summary = ws.ingest(path, creator="Ada")
        assert summary.files["status"].tolist() == ["stored"]
        assert ws.observations()["views"].tolist() == [7]
        (ws.path / "mappings" / "sheet.toml").write_text("columns = 3", encoding="utf-8")
        with pytest.raises(InvalidArgument, match=r"sheet\.toml"):
            ws.ingest(path, creator="Ada")


def test_commands(tmp_path):
    path = written(
        tmp_path / "exports" / "plays.csv", [["Song ID", "Date", "Streams", "Mood"], ["a", "2026-03-01", "7", ""]]
    )
    ws = ["--workspace", str(tmp_path / "ws")]
    run = CliRunner().invoke
    assert run(app, ["init", str(tmp_path / "ws")]).exit_code == 0
    assert run(app, ["preview", str(path), *ws]).exit_code == 2
    drafted = run(app, ["mapping", str(path), "--platform", "deezer", "--name", "My Plays", *ws])
    assert drafted.exit_code == 0, drafted.output
    assert (tmp_path / "ws" / "mappings" / "my_plays.toml").is_file()
    with pytest.raises(InvalidArgument, match="left alone"):
        run(app, ["mapping", str(path), "--platform", "deezer", "--name", "My Plays", *ws], catch_exceptions=False)
    shown = run(app, ["preview", str(path), *ws])
    assert shown.exit_code == 0, shown.output
    assert "Streams → streams (count)" in shown.output
    assert "Mood (not decided)" in shown.output
    assert '"rows_made":1' in run(app, ["preview", str(path), "--json", *ws]).output


# Documentation


def test_every_kind_is_described():
    page = (DOCS / "file-formats.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if f"`{name}`" not in page] == []


def test_the_page_on_mappings_tried(tmp_path):
    """Its mapping reads its table; what it promises is what comes out."""
    page = (DOCS / "mappings.md").read_text(encoding="utf-8")
    text = re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1]
    table = re.search(r"```csv\n(.*?)```", page, re.DOTALL)[1]
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "plays.csv").write_text(table, encoding="utf-8")
    got = only(tmp_path / "exports" / "plays.csv", mappings=(load_mapping(own(tmp_path, text)),))
    assert (got.platform, got.kind) == ("deezer", "plays by quarter")
    assert got.rejected["column"].tolist() == ["Plays"]
    assert got.observations["streams"].tolist() == [1200, 310]
    assert got.observations["listeners"].isna().tolist() == [False, True]
    assert got.observations["dimension_value"].tolist() == ["playlist", "library"]
    assert got.period == (date(2026, 1, 1), date(2026, 3, 31))
    assert got.contents["content"].tolist() == ["QZABC2600001"]
