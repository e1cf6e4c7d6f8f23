"""Compiling, caching and threads, seen from outside: most of it in processes of its own."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engagerr_core.errors import InvalidArgument
from engagerr_core.kernels import calendar, dispatch
from engagerr_core.kernels.dispatch import block_bounds, run_blocks, thread_count

ROOT = Path(__file__).parents[2]

WARM = """
import json, sys
from engagerr_core.kernels.dispatch import warmup
print(json.dumps([[row.name, row.seconds, row.cached] for row in warmup()]))
"""


def python(code: str, package: Path = ROOT, **environment: str) -> str:
    """Run code in a fresh interpreter, with the compiler and every warning an error; its standard output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "ENGAGERR_"))}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=package,  # `-c` looks there first
        env=kept | {"PYTHONPATH": str(package)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def package(tmp_path):
    """A small package of its own: the dispatcher and three kernel files, one of which calls another."""
    room = tmp_path / "package" / "engagerr_core" / "kernels"
    room.mkdir(parents=True)
    for name in ("errors.py", "__init__.py", "kernels/__init__.py", "kernels/dispatch.py"):
        shutil.copy(ROOT / "engagerr_core" / name, room.parent / name)
    header = "from engagerr_core.kernels.dispatch import kernel\n"
    (room / "inner.py").write_text(
        header + "FACTOR = 2.0\n@kernel('float64(float64)')\ndef scale(x):\n    return x * FACTOR\n"
    )
    (room / "outer.py").write_text(
        header + "from engagerr_core.kernels.inner import scale\n"
        "@kernel('float64(float64)')\ndef shifted(x):\n    return scale(x) + 1.0\n"
    )
    (room / "alone.py").write_text(header + "@kernel('float64(float64)')\ndef same(x):\n    return x\n")
    return room.parents[1]


def test_importing_kernels_does_not_import_numba():
    python(
        "import sys, engagerr_core, engagerr_core.kernels.rollup, engagerr_core.kernels.calendar\n"
        "assert 'numba' not in sys.modules and 'pandas' not in sys.modules"
    )


def test_a_second_process_compiles_nothing(tmp_path):
    events = (
        "from numba.core import event\n"
        "compiled = []\n"
        "class Listener(event.Listener):\n"
        "    def on_start(self, event): compiled.append(str(event.data))\n"
        "    def on_end(self, event): pass\n"
        "event.register('numba:compile', Listener())\n"
    )
    code = events + WARM + "print(len(compiled))"
    cache = {"ENGAGERR_CACHE_DIR": str(tmp_path), "ENGAGERR_THREADS": "2"}
    first, n_first = python(code, **cache).splitlines()
    second, n_second = python(code, **cache).splitlines()
    assert not json.loads(first)[0][2]
    assert json.loads(first)[-1][2]  # another process began at this end
    assert all(cached for _, _, cached in json.loads(second))
    assert len(json.loads(first)) >= int(n_first) > 5
    assert int(n_second) == 0


def test_one_core_compiles_alone(package, tmp_path):
    for name in "abcdef":
        (package / "engagerr_core" / "kernels" / f"{name}.py").write_text(
            "from engagerr_core.kernels.dispatch import kernel\n"
            f"@kernel('float64(float64)')\ndef {name}(x):\n    return x\n"
        )
    code = WARM.replace("import json, sys", "import json, subprocess\nsubprocess.Popen = None")
    alone = json.loads(python(code, package, ENGAGERR_CACHE_DIR=str(tmp_path), ENGAGERR_THREADS="1"))
    assert not any(cached for _, _, cached in alone)


def test_an_edit_after_the_import_files_nothing_under_a_wrong_name(package, tmp_path):
    cache = {"ENGAGERR_CACHE_DIR": str(tmp_path / "cache")}
    inner = package / "engagerr_core" / "kernels" / "inner.py"
    edit = (
        "from pathlib import Path; from engagerr_core.kernels.outer import shifted\n"
        f"path = Path({str(inner)!r}); path.write_text(path.read_text().replace('2.0', '5.0'))\n"
        "print(shifted(3.0))"
    )
    assert python(edit, package, **cache) == "7.0\n"
    assert python("from engagerr_core.kernels.outer import shifted; print(shifted(3.0))", package, **cache) == "16.0\n"


def test_a_change_in_a_helpers_file_is_never_stale(package, tmp_path):
    cache = {"ENGAGERR_CACHE_DIR": str(tmp_path / "cache")}
    call = "from engagerr_core.kernels.outer import shifted; print(shifted(3.0))"
    assert python(call, package, **cache) == "7.0\n"
    inner = package / "engagerr_core" / "kernels" / "inner.py"
    inner.write_text(inner.read_text().replace("FACTOR = 2.0", "FACTOR = 5.0"))
    assert python(call, package, **cache) == "16.0\n"
    warm = {name: cached for name, _, cached in json.loads(python(WARM, package, **cache))}
    assert warm == {"alone.same": False, "inner.scale": True, "outer.shifted": True}
    inner.write_text(inner.read_text().replace("5.0", "6.0"))
    warm = {name: cached for name, _, cached in json.loads(python(WARM, package, **cache))}
    assert warm == {"alone.same": True, "inner.scale": False, "outer.shifted": False}


def test_bounds_checks_do_not_share_machine_code(package, tmp_path):
    cache = {"ENGAGERR_CACHE_DIR": str(tmp_path / "cache")}
    python(WARM, package, **cache, NUMBA_BOUNDSCHECK="0")
    checked = json.loads(python(WARM, package, **cache, NUMBA_BOUNDSCHECK="1"))
    assert not any(cached for _, _, cached in checked)


def test_without_a_writable_cache_it_still_works(package, tmp_path):
    (tmp_path / "file").write_text("")
    place = str(tmp_path / "file" / "below")  # not even root can make a directory there
    before = sorted(path for path in package.rglob("*") if path.suffix != ".pyc")
    rows = json.loads(python(WARM, package, ENGAGERR_CACHE_DIR=place, PYTHONDONTWRITEBYTECODE="1"))
    assert not any(cached for _, _, cached in rows)
    after = sorted(path for path in package.rglob("*") if path.suffix != ".pyc")
    assert after == before  # numba would fall back to a __pycache__ beside the source


def test_without_a_home_it_still_works(package):
    code = (
        "from pathlib import Path\n"
        "def nowhere(): raise RuntimeError('no home')\n"
        "Path.home = nowhere\n"
        "from engagerr_core.kernels.outer import shifted\nprint(shifted(1.0))"
    )
    assert python(code, package, XDG_CACHE_HOME="", LOCALAPPDATA="") == "3.0\n"


def test_a_damaged_cache_is_replaced(package, tmp_path):
    cache = {"ENGAGERR_CACHE_DIR": str(tmp_path / "cache")}
    python(WARM, package, **cache)
    for path in (tmp_path / "cache").rglob("*.nb[ci]"):
        path.write_bytes(b"not what it was")
    assert python("from engagerr_core.kernels.outer import shifted; print(shifted(3.0))", package, **cache) == "7.0\n"
    assert {cached for _, _, cached in json.loads(python(WARM, package, **cache))} == {True, False}  # `alone` anew
    assert all(cached for _, _, cached in json.loads(python(WARM, package, **cache)))


def test_old_machine_code_is_removed_and_recent_kept(package, tmp_path):
    parent = tmp_path / "engagerr"
    for name, days in (("kernels-a-old", dispatch.KEPT_DAYS + 1), ("kernels-a-recent", 1), ("other", 400)):
        (parent / name).mkdir(parents=True)
        os.utime(parent / name, (time.time() - days * 86_400,) * 2)
    python(WARM, package, ENGAGERR_CACHE_DIR=str(tmp_path))
    left = {path.name for path in parent.iterdir()}
    assert {"kernels-a-recent", "other"} <= left
    assert "kernels-a-old" not in left


def test_numba_keeps_its_own_settings():
    code = (
        "from numba.core import config; before = config.CACHE_DIR\n"
        "from engagerr_core.kernels.calendar import civil_from_day; civil_from_day(0)\n"
        "assert config.CACHE_DIR == before"
    )
    python(code, NUMBA_CACHE_DIR="/nowhere/of/mine")


def test_a_full_disk_stops_nobody(package, tmp_path):
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "from engagerr_core.kernels.outer import shifted\nprint(shifted(1.0))"
    )
    assert python(code, package, ENGAGERR_CACHE_DIR=str(tmp_path)) == "3.0\n"


def test_warmup_tells_its_progress():
    told = []
    table = dispatch.warmup(lambda done, total, name: told.append((done, total, name)))
    assert [name for _, _, name in told] == [row.name for row in table]
    assert told[-1][0] == told[-1][1] == len(table)
    assert {"calendar.civil_from_day", "rollup._add_known"} <= {row.name for row in table}
    assert all(row.seconds >= 0 for row in table)


def test_kernels_are_pickled_by_address():
    assert pickle.loads(pickle.dumps(calendar.civil_from_day)) is calendar.civil_from_day  # noqa: S301


def test_a_kernel_keeps_name_and_words():
    assert calendar.civil_from_day.__name__ == "civil_from_day"
    assert calendar.civil_from_day.__doc__.startswith("Year, month and day")


# ---- blocks --------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_results_come_in_block_order(threads):
    def slow_first(block):
        time.sleep(0.01 if block == 0 else 0.0)
        return block

    assert run_blocks(slow_first, 9, threads) == list(range(9))
    assert run_blocks(slow_first, 0, threads) == []


def test_sums_of_blocks_are_the_same_bytes_for_any_number_of_threads():
    values = np.random.default_rng(1).normal(size=10_001) * 1e6
    bounds = block_bounds(values.size, 1_000)

    def total(threads):
        result = 0.0
        for part in run_blocks(lambda block: float(values[slice(*bounds[block])].sum()), len(bounds), threads):
            result += part
        return result

    assert len({total(threads) for threads in (1, 2, 3, 7)}) == 1


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_error_is_raised(threads):
    def fail(block):
        if block >= 2:
            raise ValueError(f"block {block}")

    with pytest.raises(ValueError, match="block 2"):
        run_blocks(fail, 6, threads)


def test_blocks_within_blocks_do_not_wait_for_each_other():
    assert run_blocks(lambda outer: sum(run_blocks(lambda inner: inner * outer, 4, 2)), 4, 2) == [0, 6, 12, 18]


def test_bounds_follow_from_the_data():
    assert block_bounds(0, 10) == []
    assert block_bounds(10, 10) == [(0, 10)]
    assert block_bounds(11, 10) == [(0, 10), (10, 11)]


def test_number_of_threads(monkeypatch):
    monkeypatch.delenv("ENGAGERR_THREADS", raising=False)
    assert thread_count() >= 1
    assert thread_count(3) == 3
    monkeypatch.setenv("ENGAGERR_THREADS", "5")
    assert thread_count() == 5
    assert thread_count(2) == 2
    for bad in ("none", "0", "-1", "1.5"):
        monkeypatch.setenv("ENGAGERR_THREADS", bad)
        with pytest.raises(InvalidArgument, match=r"ENGAGERR_THREADS was '.*whole number"):
            thread_count()
    with pytest.raises(InvalidArgument, match="threads was -2"):
        thread_count(-2)
