"""The notebooks as they are committed: thin, without outputs, with typed parameters."""

import ast
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LONGEST_CELL = 25


def problems(notebook: dict) -> list[str]:
    """What keeps a notebook from being committed."""
    found = []
    if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
        found.append("the kernelspec is not python3")
    if "widgets" in notebook["metadata"]:
        found.append("widget state is stored")
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        if cell["outputs"] or cell["execution_count"] is not None:
            found.append(f"cell {cell['id']} holds outputs")
    for cell in notebook["cells"]:
        if len("".join(cell["source"]).splitlines()) > LONGEST_CELL:
            found.append(f"cell {cell['id']} is longer than {LONGEST_CELL} lines")
    tagged = [cell for cell in code if "parameters" in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        return [*found, f"{len(tagged)} cells are tagged parameters"]
    lines = "".join(tagged[0]["source"]).splitlines()
    for statement in ast.parse("\n".join(lines)).body:
        if not isinstance(statement, ast.AnnAssign):
            found.append(f"parameters: line {statement.lineno} has no type")
        elif "#" not in lines[statement.lineno - 1]:
            found.append(f"parameters: line {statement.lineno} is not documented")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_can_be_committed(path: Path) -> None:
    assert problems(json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", ["overview", "start"])
def test_code_runs_on_a_workspace(name: str, example_workspace: Path) -> None:
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102 - our own notebook
            if "parameters" in cell["metadata"].get("tags", []):
                names["workspace"] = str(example_workspace)
    names["ws"].close()  # type: ignore[attr-defined]


def test_there_are_notebooks() -> None:
    assert {"overview.ipynb", "start.ipynb"} <= {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda n: n["metadata"].pop("kernelspec"), "kernelspec"),
        (lambda n: n["metadata"].update(widgets={}), "widget state"),
        (lambda n: n["cells"][1].update(execution_count=1), "outputs"),
        (lambda n: n["cells"][1]["outputs"].append({}), "outputs"),
        (lambda n: n["cells"][1]["metadata"].pop("tags"), "0 cells are tagged"),
        (lambda n: n["cells"][1].update(source=["a = 1  # documented\n"]), "no type"),
        (lambda n: n["cells"][1].update(source=["a: int = 1\n"]), "not documented"),
        (lambda n: n["cells"][0].update(source=["line\n"] * 26), "longer than"),
    ],
)
def test_the_check_finds(change, problem: str) -> None:
    notebook = json.loads((FOLDER / "overview.ipynb").read_text(encoding="utf-8"))
    change(notebook)
    assert any(problem in found for found in problems(notebook))
