"""Parameters of a notebook, held to what its ``parameters`` cell declares.

papermill alone turns ``-p id 007`` into 7 and only logs a name that the notebook does not know.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from engagerr_core.errors import InvalidArgument

TYPES = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One declared parameter: its name, its type, its default and the comment beside it."""

    name: str
    type: type
    default: Any
    meaning: str


def declared_parameters(notebook: Any) -> dict[str, Parameter]:
    """What a notebook's ``parameters`` cell declares: lines such as ``creator: str = ""  # whose report``.

    Parameters
    ----------
    notebook : a notebook node, as nbformat reads it.

    Raises
    ------
    InvalidArgument
        No cell is tagged ``parameters``, or a line of it lacks a type of str, int, float, bool or a plain default.
    """
    cell = next((c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])), None)
    if cell is None:
        raise InvalidArgument("The notebook declares no parameters: tag one of its cells `parameters`.")
    lines = cell.source.splitlines()
    found = {}
    for statement in ast.parse(cell.source).body:
        try:
            if not isinstance(statement, ast.AnnAssign) or statement.value is None:
                raise ValueError
            name, kind = ast.unparse(statement.target), TYPES[ast.unparse(statement.annotation)]
            default = ast.literal_eval(statement.value)
        except (ValueError, KeyError):
            raise InvalidArgument(
                f"The parameters cell says `{lines[statement.lineno - 1]}`. Write each parameter as "
                f"`name: type = default`, with a type of {', '.join(TYPES)} and a plain default."
            ) from None
        comment = lines[(statement.end_lineno or 1) - 1][statement.end_col_offset :]
        found[name] = Parameter(name=name, type=kind, default=default, meaning=comment.strip(" #"))
    return found


def checked_parameters(notebook: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given parameters, unless one is unknown to the notebook or of another type than declared.

    A whole number passes for a float; nothing else is turned into anything else.

    Raises
    ------
    InvalidArgument
        Naming the parameter, what was given and what is declared.
    """
    declared = declared_parameters(notebook)
    for name, value in given.items():
        if name not in declared:
            near = get_close_matches(name, declared, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"It declares {', '.join(declared)}."
            raise InvalidArgument(f"The notebook has no parameter {name!r}. {hint}")
        wanted = declared[name].type
        fits = type(value) is wanted or (wanted is float and type(value) is int)
        if not fits:
            raise InvalidArgument(
                f"Parameter {name!r} was given as {value!r}, a {type(value).__name__}, but is declared as "
                f"{wanted.__name__}. Give it as {wanted.__name__}, such as {declared[name].default!r}."
            )
    return dict(given)
