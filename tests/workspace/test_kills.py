"""Killed at any moment, the same step again gives the undisturbed state; in between, answers are of whole states."""

import random
import shutil
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from engagerr_core.workspace import Workspace
from tests.workspace.killing import STEPS, answers, hashed, nursery

TRIALS = {
    "ingest": 4, "say more": 3, "refresh": 3, "refresh a new day": 4, "refresh a correction": 3, "compact": 3,
}  # fmt: skip
LONG = 10  # times as many in the long run
REFRESHES = [step for step in STEPS if step.startswith("refresh")]


@dataclass
class Scene:
    """A step that can be tried again and again.

    Attributes
    ----------
    folder : the workspace before it.
    answers : those before it, and after each of its batches.
    whole : what is said when it was done undisturbed.
    marks : what was reached then, in order: before and after each commit.
    seconds : after how many seconds each was, in the quickest run.
    """

    step: str
    folder: Path
    answers: list
    whole: list
    marks: list
    seconds: list


class Stage:
    """Where steps are prepared, tried and killed."""

    def __init__(self, nurse, folder):
        self.nurse, self.folder, self.copies = nurse, folder, 0
        self.scene = cache(self._scene)

    def copy(self, folder):
        """A workspace of its own."""
        self.copies += 1
        return Path(shutil.copytree(folder, self.folder / str(self.copies)))

    def attempt(self, step, folder, **given):
        """Do a step, which may be killed but must not fail."""
        done = self.nurse("attempt", step=step, folder=str(folder), **given)
        assert not done["failed"], "see the standard error"
        return done

    def told(self, folder, what):
        """What a workspace says."""
        found = self.nurse("told", folder=str(folder), what=what)
        assert found is not None, "it does not say; see the standard error"
        return found

    def whole(self, step, folder):
        """All that is said when a step is done. Only a refresh has parts of the same names each time."""
        return [self.told(folder, what) for what in (["parts"] if step in REFRESHES else []) + ["everything"]]

    def _scene(self, step):
        folder = self.folder / step
        self.attempt(step, folder, part=0)
        answers = [self.told(self.copy(folder), "answers")]
        for part in range(1, len(STEPS[step])):
            copy = self.copy(folder)
            done = self.attempt(step, copy, part=part)
            answers.append(self.told(copy, "answers"))
        return Scene(step, folder, answers, self.whole(step, copy), done["reached"], done["seconds"])

    def kill(self, scene, **given):
        """Kill a step, look, and do it again. Returns what it had reached, last of all."""
        folder = self.copy(scene.folder)
        done = self.attempt(scene.step, folder, **given)
        copy = self.copy(folder)
        assert self.told(copy, "answers") in scene.answers
        self.attempt(scene.step, folder)
        for found, wanted in zip(self.whole(scene.step, folder), scene.whole, strict=True):
            assert [name for name in wanted if found[name] != wanted[name]] == []
        shutil.rmtree(folder)
        shutil.rmtree(copy)
        if not done["killed"]:
            scene.seconds = min(scene.seconds, done["seconds"], key=max)
        return done["reached"][-1]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with nursery() as nurse:
        yield Stage(nurse, tmp_path_factory.mktemp("stage"))


def moments(scene, trials):
    """Moments to kill a step at: spread over its time, in turn with such as are spread over what lies between commits.

    Each is so many seconds after so many things that it reached.
    """
    chance, places = random.Random(scene.step), len(scene.seconds) - 1
    for trial in range(trials):
        share = (trial + chance.random()) / trials
        if trial % 2:
            place = int(share * places)
            start, end = scene.seconds[place : place + 2]
            yield place + 1, (end - start) * chance.random()
        else:
            yield 1, scene.seconds[-1] * share


def kill_at_moments(stage, step, trials):
    """Kill a step at many moments; most must fall into it."""
    scene = stage.scene(step)
    reached = Counter(stage.kill(scene, after=moment) for moment in moments(scene, trials))
    print(f"{step}: {dict(reached)}")  # shown with `pytest -rP`
    assert trials - reached["done"] >= trials / 2


@pytest.mark.parametrize(("step", "trials"), TRIALS.items())
def test_killed_at_any_moment(stage, step, trials):
    kill_at_moments(stage, step, trials)


@pytest.mark.long
@pytest.mark.parametrize(("step", "trials"), TRIALS.items())
def test_killed_at_many_moments(stage, step, trials):
    kill_at_moments(stage, step, LONG * trials)


@pytest.mark.parametrize("step", [step for step in TRIALS if step != "refresh a correction"])
def test_killed_after_each_kind_of_commit(stage, step):
    scene = stage.scene(step)
    kinds = {what: place for place, what in reversed(list(enumerate(commits(scene)))) if what.startswith("after")}
    assert kinds
    for what, place in kinds.items():
        assert stage.kill(scene, die_at=place) == what


@pytest.mark.long
@pytest.mark.parametrize("step", TRIALS)
def test_killed_before_and_after_every_commit(stage, step):
    scene = stage.scene(step)
    for place, what in enumerate(commits(scene)):
        assert stage.kill(scene, die_at=place) == what


def commits(scene):
    """The marks of a step's commits, in order."""
    return [what for what in scene.marks if what not in ("begun", "done")]


@pytest.mark.parametrize("step", TRIALS)
def test_the_steps_do_what_they_are_tried_for(stage, step):
    scene = stage.scene(step)
    said = [answer["rows"] for answer in scene.answers]
    if step in ("ingest", "say more"):
        assert len(set(said)) == len(said) == len(STEPS[step])  # each batch can be told from the others
        assert scene.marks.count("after observations") == len(STEPS[step]) - 1
    else:
        assert scene.answers[1] == scene.answers[0]  # not one answer differs
        tables = {"observations"} if step == "compact" else {"contents", "accounts", "platforms"}
        assert {f"after {table}" for table in tables} <= set(scene.marks)
    assert scene.answers[-1].items() <= scene.whole[-1].items()


@pytest.mark.parametrize("step", ["ingest", "say more"])
def test_who_has_it_open_sees_what_a_killed_process_committed(stage, step, monkeypatch):
    monkeypatch.setenv("ENGAGERR_LOCK_TIMEOUT", "1")
    scene = stage.scene(step)
    folder = stage.copy(scene.folder)
    with Workspace.open(folder) as ws:
        assert hashed(answers(ws)) == scene.answers[0]
        stage.attempt(step, folder, die_at=commits(scene).index("after observations"))
        assert hashed(answers(ws)) == scene.answers[1]


def test_what_was_assumed_is_said_again(stage):
    scene = stage.scene("ingest strangers")
    stage.kill(scene, die_at=commits(scene).index("after observations"))
