"""The commands as a person or a programme meets them: words, JSON, exit codes."""

import json
import signal
import subprocess
import sys
import time

import pytest

from engagerr_core import Workspace, cli
from tests.conftest import ROOT

GOOD = "Date,Views\n2026-10-01,10\n2026-10-02,12\n2026-10-03,9\n"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command in this process; returns exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENGAGERR_WORKSPACE", raising=False)

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["engagerr", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture
def exports(tmp_path):
    folder = tmp_path / "exports" / "Ada"
    folder.mkdir(parents=True)
    (folder / "Totals.csv").write_text(GOOD)
    return folder


def test_one_bad_file_among_many(run, exports, tmp_path):
    (exports / "broken.csv").write_bytes(b"PK\x03\x04 not really")
    (exports / "half.csv").write_text("Date,Views\n2026-10-04,abc\n2026-10-05,7\n")
    code, out, err = run("ingest", exports, "--workspace", tmp_path / "ws", "--creator", "Ada")
    assert code == 1
    said = out + err
    assert "broken.csv" in said
    assert "line 2" in said or "row 2" in said
    assert "abc" in said
    with Workspace.open(tmp_path / "ws") as ws:
        assert sorted(ws.observations()["views"]) == [7, 9, 10, 12]


def test_the_same_files_again_change_nothing(run, exports, tmp_path):
    first = run("ingest", exports, "--workspace", tmp_path / "ws", "--creator", "Ada")
    with Workspace.open(tmp_path / "ws") as ws:
        version = ws.version
    again = run("ingest", exports, "--workspace", tmp_path / "ws", "--creator", "Ada")
    assert (first[0], again[0]) == (0, 0)
    assert "already stored" in again[1]
    with Workspace.open(tmp_path / "ws") as ws:
        assert ws.version == version


def test_json_is_pure_and_unknown_is_null(run, exports, tmp_path):
    code, out, _ = run("ingest", exports, "--workspace", tmp_path / "ws", "--creator", "Ada", "--json")
    assert code == 0
    assert json.loads(out)["files"][0]["rows_stored"] == 3
    asked = ["-m", "views", "-m", "likes", "--by", "platform", "--workspace", tmp_path / "ws", "--json"]
    code, out, err = run("metrics", *asked)
    rows = {row["metric"]: row for row in json.loads(out)}
    assert (code, err) == (0, "")
    assert rows["views"]["value"] == 31
    assert rows["likes"]["value"] is None


def test_refusals_speak_on_standard_error_alone(run, exports, tmp_path):
    run("ingest", exports, "--workspace", tmp_path / "ws", "--creator", "Ada")
    for words, said in (
        (("metrics", "-m", "reach", "--freq", "M"), "reach does not add over time"),
        (("metrics", "--start", "foo"), "is not a day"),
        (("report",), "Ada"),
        (("report", "--creator", "Nobody"), "Ada"),
        (("report", "--creator", "Ada", "--format", "docx"), "pdf"),
        (("ingest", tmp_path / "nowhere"), "nowhere"),
        (("ingest", exports, "--period", "soon"), "2026-01-01..2026-03-31"),
    ):
        code, out, err = run(*words, "--workspace", tmp_path / "ws")
        assert code == 2, words
        assert out == "", words
        assert said in " ".join(err.split()), words
        assert "Traceback" not in err


def test_a_missing_workspace_says_how_to_make_one(run, tmp_path):
    code, _, err = run("metrics", "--workspace", tmp_path / "none")
    assert code == 2
    assert "engagerr init" in " ".join(err.split())


def test_init_copies_the_notebooks_and_leaves_changed_ones(run, tmp_path):
    assert run("init", tmp_path / "ws")[0] == 0
    copy = tmp_path / "ws" / "notebooks" / "overview.ipynb"
    copy.write_text("mine")
    assert run("init", tmp_path / "ws")[0] == 0
    assert copy.read_text() == "mine"


def test_warmup_and_doctor(run, exports, tmp_path):
    run("ingest", exports, "--workspace", tmp_path / "ws", "--creator", "Ada")
    code, out, _ = run("warmup")
    assert code == 0
    assert "kernels ready" in out
    code, out, _ = run("doctor", "--workspace", tmp_path / "ws", "--json")
    checks = {row["check"]: row for row in json.loads(out)}
    assert checks["workspace"]["ok"]
    assert "1 creators, 3 rows" in checks["workspace"]["found"]
    assert run("doctor", "--workspace", tmp_path / "none", "--json")[0] == 1


def test_ctrl_c_says_what_remains_and_the_next_run_goes_on(tmp_path):
    words = ["ingest", str(ROOT / "data/sample/zoe-okafor-lindqvist"), "--workspace", str(tmp_path / "ws")]
    command = [sys.executable, "-m", "engagerr_core.cli", *words, "--creator", "Zoe", "--exported-on", "2026-11-03"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "ws").exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "run the same command again" in err
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    with Workspace.open(tmp_path / "ws") as ws:
        assert len(ws.observations(resolved=False)) > 40_000


def test_quality_says_what_to_mind_and_ends_with_1_only_for_errors(run, own_workspace, tmp_path):
    code, out, _ = run("quality", "--workspace", own_workspace)
    assert code == 0, out
    assert "final everywhere up to" in out
    (tmp_path / "broken.csv").write_text("What,Is,This\n1,2,3\n")
    assert run("ingest", tmp_path / "broken.csv", "--workspace", own_workspace)[0] == 2
    code, out, _ = run("quality", "--workspace", own_workspace)
    assert code == 1
    assert "✗" in out
    assert "broken.csv" in out
    records = json.loads(run("quality", "--json", "--workspace", own_workspace)[1])
    assert {"error"} == {one["severity"] for one in records if one["rule"] == "file refused"}
    assert run("quality", "--creator", "Nobody", "--workspace", own_workspace)[0] == 2


def test_trends_in_words_tables_and_json(run, sample_workspace):
    words = ("trends", "--workspace", sample_workspace, "--creator", "Kaito Mensah", "--horizon", "14")
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert out.startswith("Standard views on all platforms: ")
    for heading in ("Directions", "Forecast"):
        assert f"\n{heading}\n" in out
    code, out, err = run(*words, "--platform", "youtube", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    assert [row["platform"] for row in told["trend"]] == ["youtube"]
    assert len(told["forecast"]) == 14
    assert any(row["value"] is None or row["value"] >= 0 for row in told["series"])
    assert told["sentences"]


def test_trends_of_one_day_and_refusals(run, exports, tmp_path):
    run("ingest", exports, "--workspace", tmp_path / "ws", "--creator", "Ada", "--platform", "youtube")
    code, out, err = run("trends", "--workspace", tmp_path / "ws")
    assert (code, err) == (0, "")
    assert "cannot be tested yet" in out
    for words, said in (
        (("--metric", "reach"), "does not add"), (("--horizon", "0"), "1 to 365"), (("--creator", "Nobody"), "Ada"),
        (("--platform", "myspace"), "myspace"), (("--as-of", "soon"), "is not a day"),
    ):  # fmt: skip
        code, out, err = run("trends", "--workspace", tmp_path / "ws", *words)
        assert code == 2, words
        assert out == ""
        assert said in err
