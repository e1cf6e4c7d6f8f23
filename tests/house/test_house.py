"""The house holds together: quick import, floors, locks, one list of packages, short files, no skipped test."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("numba", "statsmodels", "sklearn", "altair", "papermill", "sqlalchemy")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_import_loads_nothing_heavy():
    loaded = _python("import engagerr_core, sys; print(*sys.modules)").split()
    assert "engagerr_core" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_the_workspace_class_still_loads_nothing_heavy_until_it_is_opened():
    loaded = _python("from engagerr_core import Workspace; import sys; print(*sys.modules)").split()
    assert "engagerr_core.workspace" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_an_unknown_attribute_is_an_attribute_error():
    import engagerr_core

    with pytest.raises(AttributeError, match="no attribute 'Workspce'"):
        _ = engagerr_core.Workspce


def _name_and_limits(requirement: str) -> tuple[str, str]:
    name, limits = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement.replace(" ", "")).groups()
    return name.lower().replace("_", "-"), ",".join(sorted(limits.split(",")))


def test_environment_yml_says_the_same_as_pyproject():
    lines = [
        line.strip("- \n").split("  #")[0].strip()
        for line in (ROOT / "environment.yml").read_text().splitlines()
        if line.strip().startswith("- ")
    ]
    listed = dict(_name_and_limits(line) for line in lines if re.match(r"[A-Za-z0-9_.-]+ ?[<>=]", line))
    wanted = dict(_name_and_limits(line) for line in PROJECT["dependencies"])
    wanted["python"] = _name_and_limits("python" + PROJECT["requires-python"])[1]
    renamed = {"python-duckdb": "duckdb", "python-tzdata": "tzdata"}
    listed = {renamed.get(name, name): limits for name, limits in listed.items()}
    assert {n: listed.get(n) for n in wanted} == wanted
    assert {"nbval", "pytest"} <= set(listed)


@pytest.mark.parametrize("lock", sorted((ROOT / "locks").glob("*.lock")), ids=lambda p: p.name)
def test_locks_have_a_hash_for_every_package_and_no_address(lock):
    text = lock.read_text()
    packages = re.findall(r"^[a-z0-9][^ \n]*==", text, re.M)
    assert packages
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(packages)
    assert "://" not in text
    assert "--index" not in text


def test_locks_hold_every_package_that_pyproject_names():
    locked = {
        m.lower() for m in re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "locks/requirements.lock").read_text(), re.M)
    }
    assert {_name_and_limits(line)[0] for line in PROJECT["dependencies"]} <= locked


def _sources() -> list[Path]:
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in tracked.stdout.split("\n") if name and (ROOT / name).is_file()]


def test_files_stay_short_enough_to_hold_one_concept():
    long = {str(p.relative_to(ROOT)): n for p in _sources() if (n := len(p.read_text().splitlines())) > 480}
    assert long == {}


def test_no_name_hides_what_it_is():
    vague = re.compile(r"(^|_)(utils?|helpers?|manager|misc|common)(_|$)")
    assert [str(p) for p in _sources() if vague.search(p.stem)] == []


def test_nothing_is_left_to_do_and_no_test_is_skipped():
    left = re.compile(r"\b(TODO|FIXME|XXX)\b|pytest\.(mark\.)?skip|importorskip|@unittest\.skip")
    found = [
        f"{p.relative_to(ROOT)}:{i}"
        for p in _sources()
        if p != Path(__file__)
        for i, line in enumerate(p.read_text().splitlines(), 1)
        if left.search(line)
    ]
    assert found == []
