"""Parameters are held to what the notebook declares."""

import nbformat
import pytest

from engagerr_core.errors import InvalidArgument
from engagerr_core.reports.creator import creator_report
from engagerr_core.reports.parameters import checked_parameters, declared_parameters
from engagerr_core.shipped import shipped_folder


def notebook(source: str, tags: tuple[str, ...] = ("parameters",)):
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata["tags"] = list(tags)
    return nbformat.v4.new_notebook(cells=[cell])


DECLARED = notebook(
    'creator: str = ""  # whose\nposts: int = 8  # how many\nlevel: float = 0.95\ndraft: bool = False\ndepth: int = -1'
)


def test_name_type_default_and_meaning_are_read():
    found = declared_parameters(DECLARED)
    assert list(found) == ["creator", "posts", "level", "draft", "depth"]
    assert (found["creator"].type, found["creator"].default, found["creator"].meaning) == (str, "", "whose")
    assert (found["depth"].default, found["level"].meaning) == (-1, "")


@pytest.mark.parametrize("given", [{}, {"creator": "007", "posts": 3}, {"level": 1}, {"draft": True}])
def test_what_fits_passes_unchanged(given):
    assert checked_parameters(DECLARED, given) == given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"creator": 7}, "'creator' was given as 7, a int, but is declared as str"),
        ({"posts": "8"}, "'posts' was given as '8', a str"),
        ({"posts": True}, "'posts' was given as True, a bool"),
        ({"posts": 8.0}, "a float"),
        ({"draft": 1}, "'draft' was given as 1"),
        ({"creatr": "Ada"}, "no parameter 'creatr'. Did you mean 'creator'"),
        ({"zzz": "Ada"}, "It declares creator, posts"),
        ({"creator": None}, "NoneType"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(InvalidArgument, match=message):
        checked_parameters(DECLARED, given)


@pytest.mark.parametrize(
    "source", ["creator = ''", "creator: str", "creator: list = []", "creator: str = f()", "import os"]
)
def test_a_line_without_type_or_default_is_refused(source):
    with pytest.raises(InvalidArgument, match="Write each parameter as"):
        declared_parameters(notebook(source))


def test_a_notebook_without_the_cell_is_refused():
    with pytest.raises(InvalidArgument, match="tag one of its cells"):
        declared_parameters(notebook("a: int = 1", tags=()))


def test_the_shipped_notebook_declares_text_only():
    found = declared_parameters(nbformat.read(shipped_folder("notebooks") / "creator_report.ipynb", 4))
    assert list(found) == ["workspace", "creator", "start", "end", "as_of"]
    assert {p.type for p in found.values()} == {str}
    assert all(p.meaning for p in found.values())


@pytest.mark.parametrize(
    ("given", "message"),
    [({"creator": 7}, "use `-r creator 7`"), ({"creator": "a", "start": "October"}, "'October' is not a day")],
)
def test_the_notebook_itself_refuses_what_papermill_let_through(given, message, tmp_path):
    with pytest.raises(InvalidArgument, match=message):
        creator_report(str(tmp_path), **given)
