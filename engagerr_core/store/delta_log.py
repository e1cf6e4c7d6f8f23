"""The Delta log as files: what of it is whole, when the table itself can no longer be opened."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

LOG = "_delta_log"
_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How far the log of a table can be read.

    Attributes
    ----------
    last : the last version that can be put together; None = not even one.
    broken : commits and checkpoints that cannot be read, and gaps where a commit is missing, up to `last` or after it.
    unreachable : whole commits after `last`, behind a broken one.
    """

    last: int | None
    broken: tuple[Path, ...]
    unreachable: tuple[Path, ...]

    @property
    def in_the_way(self) -> tuple[Path, ...]:
        """What must go so that the table opens at `last`: nothing that `last` needs."""
        return tuple(path for path in (*self.broken, *self.unreachable) if path.is_file())


def log_state(folder: Path) -> LogState:
    """Look at the log of the table in a folder, file by file."""
    log = folder / LOG
    names = sorted(path.name for path in log.iterdir()) if log.is_dir() else []
    commits = {int(found[1]): log / name for name in names if (found := _COMMIT.fullmatch(name))}
    checkpoints = {int(found[1]): log / name for name in names if (found := _CHECKPOINT.fullmatch(name))}
    whole = {version for version, path in commits.items() if _is_whole_commit(path)}
    bases = {version for version, path in checkpoints.items() if _is_whole_checkpoint(path)}
    reached = [_reached(base, whole) for base in bases]
    if 0 in whole:
        reached.append(_reached(0, whole))
    last = max(reached, default=None)
    needed = max((base for base in bases if last is not None and base <= last), default=-1)
    expected = range(needed + 1, max(commits, default=-1) + 1)
    broken = [log / f"{version:020d}.json" for version in expected if version not in whole]
    broken += [path for version, path in checkpoints.items() if version not in bases]
    if _is_misleading(log / "_last_checkpoint", bases):
        broken.append(log / "_last_checkpoint")
    beyond = [commits[version] for version in sorted(whole) if last is None or version > last]
    return LogState(last=last, broken=tuple(broken), unreachable=tuple(beyond))


def _reached(base: int, whole: set[int]) -> int:
    while base + 1 in whole:
        base += 1
    return base


def _is_whole_commit(path: Path) -> bool:
    """Whether each line is a JSON object; a commit without any line is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except (OSError, ValueError):
        return False


def _is_whole_checkpoint(path: Path) -> bool:
    try:
        return pq.read_table(path).num_rows > 0
    except (OSError, pa.ArrowException):
        return False


def _is_misleading(hint: Path, checkpoints: set[int]) -> bool:
    """Whether the note that tells the last checkpoint names one that is not there."""
    if not hint.is_file():
        return False
    try:
        return json.loads(hint.read_text(encoding="utf-8"))["version"] not in checkpoints
    except (OSError, ValueError, KeyError, TypeError):
        return True
