"""The committed sample is what the generator makes today, fits its budget, and names nobody."""

import gzip
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from engagerr_core.simulation import write_exports, write_truth
from engagerr_core.simulation.truth import TABLES
from engagerr_core.simulation.wording import HOSTILE
from tests.simulation.rereading import as_records, read_rows

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
HOSTS = {"www.youtube.com", "www.instagram.com", "www.facebook.com", "www.tiktok.com", "x.com", "www.linkedin.com"}
NAMESPACES = "schemas.openxmlformats.org"  # of workbooks
BRANDS = (
    "netflix",
    "nike",
    "coca",
    "mrbeast",
    "minecraft",
    "fortnite",
    "disney",
    "apple",
    "samsung",
    "openai",
    "patreon",
    "twitch",
    "gmail",
    "nasa",
)


def unpacked(name: str, data: bytes) -> dict[str, bytes]:
    """The bytes that count: what deflate makes of them depends on the zlib of the machine."""
    if name.endswith(".gz"):
        return {name: gzip.decompress(data)}
    if name.endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return {f"{name}/{e.filename} {e.date_time}": archive.read(e) for e in archive.infolist()}
    return {name: data}


def all_members(folder: Path) -> dict[str, bytes]:
    members = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        members |= unpacked(path.relative_to(folder).as_posix(), path.read_bytes())
    return members


@pytest.fixture(scope="module")
def committed():
    return all_members(SAMPLE)


def decoded(data: bytes) -> str:
    if data.startswith(b"\xff\xfe"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def test_the_sample_is_what_the_generator_makes(sample_world, committed, tmp_path):
    write_exports(sample_world, tmp_path)
    write_truth(sample_world, tmp_path / "truth")
    made = all_members(tmp_path)
    assert made.keys() == committed.keys()
    differing = [name for name in made if made[name] != committed[name]]
    assert not differing, "run python -m engagerr_core.simulation data/sample and commit what it writes"


def test_it_fits_its_budget():
    files = [p for p in SAMPLE.rglob("*") if p.is_file()]
    assert len(files) <= 140
    assert sum(p.stat().st_size for p in files) <= 4_000_000


def test_truth_describes_every_file():
    rows = as_records(read_rows((SAMPLE / "truth/files.csv").read_bytes()))
    exports = {
        p.relative_to(SAMPLE).as_posix()
        for p in SAMPLE.rglob("*")
        if p.is_file() and p.parent.name != "truth" and p.name != "creators.csv"
    }
    assert {row["path"] for row in rows} == exports
    warts = {wart for row in rows for wart in row["warts"].split()}
    assert {
        "cap-500",
        "no-total-row",
        "localised-names",
        "provisional-days",
        "earlier-export",
        "bom",
        "semicolons",
        "cp1252",
        "double-dash",
        "one-damaged-id",
        "double-encoded",
        "views-twice",
        "utf-16",
        "sep-line",
        "undefined",
        "no-year",
        "language-vi",
        "language-es",
        "corrected-counter",
        "older-shape",
        "note-above-header",
        "lower-case",
    } <= warts
    assert {p.name.split(".")[0] for p in (SAMPLE / "truth").iterdir()} == set(TABLES)


def test_the_readme_names_every_truth_table():
    text = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    assert all(f"`{table}`" in text for table in TABLES)


def test_hostile_texts_are_there_and_few(committed):
    titles = [row["title"] for row in as_records(read_rows(committed["truth/contents.csv.gz"]))]
    for text in HOSTILE:
        assert 3 <= titles.count(text) <= 0.02 * len(titles)
    assert any("\n" in title for title in titles)


def test_no_other_host_and_no_brand(committed):
    for name, data in committed.items():
        if "Date,Content," in (text := decoded(data))[:20]:
            continue  # a content chart repeats the titles of its table 549 times
        if ".xlsx/" in name and "sharedStrings" not in name:
            continue  # no text of anybody's
        assert set(re.findall(r"https?://([^/\s\"]+)", text)) <= HOSTS | (
            {NAMESPACES} if ".xlsx/" in name else set()
        ), name
        assert not re.search(rf"\b({'|'.join(BRANDS)})", text.lower()), name
