"""The platforms' tables of columns: checked entries, and a new platform made of one file and one table."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

import engagerr_core.sources.platforms as registry
from engagerr_core.errors import InvalidArgument, UnknownFormat
from engagerr_core.sources.detection import detect
from engagerr_core.sources.platforms import MODULES, readers
from engagerr_core.sources.shapes import load_shape, shape_from
from tests.sources.exports import ALL, only, written

DOCS = Path(__file__).parents[2] / "docs"
GOOD = {
    "columns": [{"header": "Day", "field": "day"}, {"header": "Plays", "metric": "streams"}],
    "kinds": [
        {"platform": "deezer", "name": "by day", "requires": ["day", "streams"], "basis": "flow", "period": "day"}
    ],
}


@pytest.mark.parametrize("name", MODULES)
def test_shipped_tables_are_sound(name):
    shape = load_shape(name)
    assert shape.kinds
    assert all(kind.requires for kind in shape.kinds)


@pytest.mark.parametrize(
    ("where", "change", "message"),
    [
        ("columns", {"metric": "vues"}, "not a native metric"),
        ("columns", {"metric": "standard_views"}, "not a native metric"),
        ("columns", {"metric": "", "dimension": "planet"}, "not a dimension"),
        ("columns", {"metric": "", "field": "mood"}, "none of"),
        ("columns", {"field": "title"}, "exactly one"),
        ("columns", {"metric": ""}, "exactly one"),
        ("columns", {"unit": "furlongs"}, "units"),
        ("columns", {"colour": "red"}, "colour"),
        ("columns", {"header": "day"}, "stands twice"),
        ("kinds", {"platform": "friendster"}, "no platform"),
        ("kinds", {"requires": ["day", "views"]}, "no column"),
        ("kinds", {"basis": "guess"}, "basis"),
        ("kinds", {"period": "sometimes"}, "period"),
    ],
)
def test_faults_in_a_table_are_named(where, change, message):
    table = {key: [dict(row) for row in rows] for key, rows in GOOD.items()}
    shape_from(table, "good")
    table[where][-1] |= change
    with pytest.raises(InvalidArgument, match=message):
        shape_from(table, "bad")


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_export_is_recognised_as_itself_by_its_headers_alone(name):
    assert detect(ALL[name][:1], readers()).kind.platform in name.split()[0]
    assert detect([["Some title"], *ALL[name][:1]], readers()).header == 1


def test_headers_that_anybody_might_write_need_all_columns_known():
    with pytest.raises(UnknownFormat, match="“Mood”"):
        detect([["Date", "Views", "Mood"]], readers())


def test_a_new_platform_is_one_file_and_one_table(tmp_path, monkeypatch):
    """The page add-a-platform.md, tried: its two code blocks are a working reader."""
    page = (DOCS / "add-a-platform.md").read_text(encoding="utf-8")
    table = re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1]
    module = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    shape = shape_from(tomllib.loads(table), "deezer")
    (tmp_path / "deezer.py").write_text(module, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("deezer", None)
    import deezer

    mine = registry.Platform(shape=shape, refine=deezer.refine)
    rows = [
        ["Day", "Plays", "Unique Listeners", "Skip rate (%)"],
        ["2026-10-01", "1,200", "--", "12.5"],
        ["2026-10-02", "x", "9", "1"],
    ]
    reading = only(written(tmp_path / "exports" / "days.csv", rows), mappings=[mine])
    assert (reading.platform, reading.kind) == ("deezer", "streams by day")
    assert reading.observations["streams"].tolist() == [1200]
    assert reading.observations["listeners"].isna().all()
    assert reading.rejected["column"].tolist() == ["Plays"]


def test_every_kind_is_described():
    page = (DOCS / "file-formats.md").read_text(encoding="utf-8")
    missing = [kind.name for reader in readers() for kind in reader.shape.kinds if f"`{kind.name}`" not in page]
    assert missing == []
