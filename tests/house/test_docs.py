"""What the docs show is true: tables are made from the code, links lead somewhere, examples run."""

import doctest
import importlib
import pkgutil
import re
import warnings

import pytest

import engagerr_core
from tests.house.inventory import PAGES, ROOT, TABLES, renewed

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "data").glob("*.md")])


@pytest.mark.parametrize("name", PAGES)
def test_generated_tables_are_up_to_date(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python -m tests.house.inventory"


def test_every_table_is_shown_somewhere():
    pages = "".join((ROOT / name).read_text(encoding="utf-8") for name in PAGES)
    assert [name for name in TABLES if f"<!-- table: {name} -->" not in pages] == []


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_links_and_pictures_lead_to_files(page):
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


MODULES = [
    m.name
    for m in pkgutil.walk_packages(engagerr_core.__path__, "engagerr_core.")
    if "__main__" not in m.name and "migrations" not in m.name
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_python_examples_in_pages_run(page, tmp_path, monkeypatch):
    """Fenced python blocks of one page run in order, in one namespace, in an empty folder with the sample beside it."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
        exec(compile(block, str(page), "exec"), namespace)  # noqa: S102 - our own docs
