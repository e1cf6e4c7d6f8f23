"""The same seed gives the same bytes, another seed others."""

from datetime import date

import pytest

from engagerr_core.errors import InvalidArgument
from engagerr_core.simulation import simulate, write_exports, write_truth

WINDOW = {"start": date(2026, 7, 20), "end": date(2026, 9, 5)}


def written(folder, **arguments):
    world = simulate(**arguments)
    paths = write_exports(world, folder) + write_truth(world, folder / "truth")
    assert len(set(paths)) == len(paths)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_same_seed_same_bytes_and_other_seed_others(tmp_path):
    first = written(tmp_path / "a", seed=3, **WINDOW)
    again = written(tmp_path / "b", seed=3, **WINDOW)
    other = written(tmp_path / "c", seed=4, **WINDOW)
    assert first == again
    assert first.keys() & other.keys()
    same = {name for name in first.keys() & other.keys() if first[name] == other[name]}
    assert {"creators.csv", "truth/demographics.csv", "truth/rates.csv"} <= same  # what nobody draws
    assert len(same) < len(first) / 5


def test_fewer_creators_leave_the_others_as_they_were():
    few, many = simulate(5, creators=2, **WINDOW), simulate(5, creators=3, **WINDOW)
    for key, flows in few.flows.items():
        assert [c.id for c in flows.contents] == [c.id for c in many.flows[key].contents]
        assert (flows.total("likes") == many.flows[key].total("likes")).all()


def test_more_creators_than_stories_get_names_of_their_own():
    world = simulate(5, creators=20, platforms=("x", "tiktok"), start=date(2026, 9, 1), end=date(2026, 9, 20))
    assert len({p.slug for p in world.creators}) == len({p.name for p in world.creators}) == len(world.creators)
    assert {a.platform for a in world.accounts} == {"x", "tiktok"}


def test_wrong_questions_are_refused():
    with pytest.raises(InvalidArgument, match=r"asked for vine.*writes exports of youtube.*Choose"):
        simulate(1, platforms=("vine",))
    with pytest.raises(InvalidArgument, match="make no world"):
        simulate(1, start=date(2026, 1, 2), end=date(2026, 1, 1))
