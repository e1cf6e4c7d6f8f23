"""The benchmark of ingestion in small: all contenders read the same rows, and ours stores them."""

import pytest

from engagerr_core.sources import read
from tests.benchmarks.exports import SHAPES, many_small_files
from tests.benchmarks.ingestion import CONTENDERS, measured


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_whole(tmp_path, shape):
    SHAPES[shape](tmp_path / "export.csv", 500)
    (reading,) = read(tmp_path)
    assert (reading.failure, reading.rows_read, len(reading.rejected)) == ("", 500, 0)


@pytest.mark.parametrize("contender", CONTENDERS)
def test_contenders_read_the_same_rows(tmp_path, contender):
    SHAPES["YouTube chart by country"](tmp_path / "export.csv", 700)
    found = measured(contender, tmp_path)
    assert found["rows"] == 700
    assert found["seconds"] > 0
    assert found["peak_bytes"] > 0


def test_small_files_are_of_many_kinds_and_all_read(tmp_path):
    many_small_files(tmp_path, 10, rows=5)
    readings = list(read(tmp_path))
    assert [reading.failure for reading in readings] == [""] * 10
    assert len({(reading.platform, reading.kind) for reading in readings}) == 5
