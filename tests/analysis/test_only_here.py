"""One file decides how metrics are aggregated; nobody else adds them up."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "engagerr_core"
# Sums that are statistics (of draws, ranks, counts of rows), bounds, shares within one table, reconciliation; parts of
# one figure that came in several statements, before anything is asked, each by its rule over content.
OTHER_SUMS = {
    "analysis/aggregation.py", "analysis/intervals.py", "analysis/shrinkage.py", "analysis/formats.py",
    "analysis/reconciliation.py", "analysis/audience.py", "analysis/comparison.py", "analysis/demographics.py",
    "analysis/statements.py",
}  # fmt: skip
ROOMS = ("analysis", "charts", "dashboards", "reports")
WITHOUT_METRICS = ROOT / "analysis" / "timeseries"  # sees numbers of one series after the other, no metric
COUNTS = {"isna", "notna", "eq", "ne", "isin", "duplicated", "astype"}


def _sums(tree: ast.AST) -> list[int]:
    """Lines that call .sum(), np.sum, sum(), .cumsum() or agg("sum") on what is not a count of rows."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("sum", "nansum", "cumsum"):
            receiver = (
                node.func.value if isinstance(node.func, ast.Attribute) else (node.args[0] if node.args else None)
            )
            counting = (
                (isinstance(receiver, ast.Call) and getattr(receiver.func, "attr", "") in COUNTS)
                or (
                    isinstance(receiver, ast.GeneratorExp)
                    and isinstance(receiver.elt, ast.Compare | ast.UnaryOp | ast.Constant | ast.Call)
                )
                or isinstance(receiver, ast.Compare | ast.UnaryOp | ast.BinOp)
            )
            if not counting:
                found.append(node.lineno)
        if name in ("agg", "aggregate", "transform") and any(
            isinstance(a, ast.Constant) and a.value == "sum" for a in node.args
        ):
            found.append(node.lineno)
    return found


def _files():
    every = (p for room in ROOMS for p in (ROOT / room).rglob("*.py") if WITHOUT_METRICS not in p.parents)
    return sorted(p for p in every if str(p.relative_to(ROOT)) not in OTHER_SUMS)


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_metric_is_summed_outside_the_aggregation(path):
    assert _sums(ast.parse(path.read_text())) == []


def test_the_search_finds_what_it_looks_for():
    bad = "a = frame['views'].sum()\nb = np.nansum(x)\nc = g.agg('sum')\nd = sum(row.views for row in rows)\n"
    assert _sums(ast.parse(bad)) == [1, 2, 3, 4]
    assert _sums(ast.parse("a = frame['views'].isna().sum()\nb = sum(one.cached == 1 for one in done)\n")) == []
