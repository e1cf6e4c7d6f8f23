"""The tables in the docs that are made from the code.

`python -m tests.house.inventory` writes them, a test compares.
"""

import re
from pathlib import Path

from engagerr_core.vocabulary.coefficients import load_coefficient_set
from engagerr_core.vocabulary.definitions import definitions
from engagerr_core.vocabulary.identities import identities
from engagerr_core.vocabulary.metrics import AXES, metrics

ROOT = Path(__file__).parents[2]


def metrics_table() -> str:
    """Every metric: name, unit, kind, formula, additivity per axis, meaning."""
    lines = [
        "| metric | unit | kind | over " + " | over ".join(AXES) + " | meaning |",
        "| --- " * (4 + len(AXES)) + "|",
    ]
    for one in metrics().values():
        kind = f"{one.numerator} ÷ {one.denominator}" if one.kind == "derived" else one.kind
        rules = " | ".join(one.over.get(axis, "never") for axis in AXES)
        lines.append(f"| `{one.name}` | {one.unit} | {kind} | {rules} | {one.meaning} |")
    return "\n".join(lines)


def coefficients_table() -> str:
    """Every term of the default coefficient set."""
    lines = ["| platform | native metric | × | standard metric | choice | origin | note |", "| --- " * 7 + "|"]
    for t in load_coefficient_set().terms:
        choice = f"{t.alternative}{', where known' if t.optional else ''}"
        lines.append(f"| {t.platform} | {t.native} | {t.value:g} | {t.standard} | {choice} | {t.origin} | {t.note} |")
    return "\n".join(lines)


def definitions_table() -> str:
    """Every registered definition."""
    lines = ["| platform | metric | formats | from | to | meaning | continued by |", "| --- " * 7 + "|"]
    for d in definitions():
        span = f"{d.valid_from or 'ever'} | {d.valid_to or 'now'}"
        lines.append(
            f"| {d.platform} | {d.metric} | {', '.join(d.formats) or 'all'} | {span} | {d.text} | {d.comparable_to} |"
        )
    return "\n".join(lines)


def identities_table() -> str:
    """Every identity that figures of one row must keep."""
    lines = ["| identity | where | tolerance | broken | why |", "| --- " * 5 + "|"]
    for one in identities():
        right = " + ".join(one.right).replace("+ -", "− ")
        where = ", ".join(one.platforms) or "everywhere"
        said = f"`{one.left} {one.relation} {right}`"
        lines.append(f"| {said} | {where} | {one.tolerance:.0%} | {one.severity} | {one.meaning} |")
    return "\n".join(lines)


def commands_table() -> str:
    """Every command of `engagerr` with its first sentence."""
    import typer

    from engagerr_core.cli import app

    group = typer.main.get_command(app)
    lines = ["| command | what it does |", "| --- | --- |"]
    for name, command in group.commands.items():
        lines.append(f"| `engagerr {name}` | {command.get_short_help_str(200)} |")
    return "\n".join(lines)


def rooms_table() -> str:
    """Every room of the house with the first sentence of its docstring."""
    import ast

    lines = ["| room | holds |", "| --- | --- |"]
    for path in sorted((ROOT / "engagerr_core").iterdir()):
        source = path / "__init__.py" if path.is_dir() else path
        if path.name.startswith("_") or source.suffix != ".py" or not source.is_file():
            continue
        text = ast.get_docstring(ast.parse(source.read_text())) or ""
        name = f"{path.name}/" if path.is_dir() else path.name
        first = " ".join(text.split("\n\n")[0].split())
        lines.append(f"| `engagerr_core/{name}` | {first} |")
    return "\n".join(lines)


def benchmark_table() -> str:
    """The figures of the last benchmark run."""
    import json

    from tests.benchmarks.rollup import RESULTS
    from tests.benchmarks.table import markdown

    return markdown(json.loads(RESULTS.read_text(encoding="utf-8"))).rstrip()


def ingestion_table() -> str:
    """How fast exports are read and stored, of the last benchmark run."""
    import json

    from tests.benchmarks.ingestion import RESULTS

    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    lines = [
        "| Read and store 1,000,000 rows (1 core) | File | Seconds | Rows a second | Peak memory |",
        "| --- " * 5 + "|",
    ]
    for row in found["speeds"]:
        size, seconds, peak = row["file_mebibytes"], row["seconds"]["ours"], row["peak_mebibytes"]["ours"]
        lines.append(
            f"| {row['shape']} | {size:,.0f} MiB | {seconds:.1f} | {row['rows_per_second']:,} | {peak:,} MiB |"
        )
    small = found["small_files"]
    lines.append(f"| {small['files']:,} small files, {small['rows']:,} rows | | {small['seconds']:.1f} | | |")
    return "\n".join(lines)


def days_table() -> str:
    """How fast the daily tables are made and asked, of the last benchmark run."""
    import json

    from tests.benchmarks.days import RESULTS

    found = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    lines = ["| Daily tables (2 cores) | " + " | ".join(f"{int(n):,} observations" for n in found) + " |"]
    lines.append("| --- " * (len(found) + 1) + "|")
    for name in next(iter(found.values())):
        what, unit = name.rsplit(", ", 1)[0], name.rsplit(" ", 1)[1]
        told = [f"{one[name]:,.0f} MiB" if unit == "MiB" else f"{one[name]:,.2f} s" for one in found.values()]
        lines.append(f"| {what}{' (memory)' if unit == 'MiB' else ''} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def timeseries_table() -> str:
    """How fast and how right the time-series core is, of the last benchmark runs."""
    import json

    from tests.benchmarks import bulk, change_points, decomposition, forecasts, spikes, trend_size

    rooms = {"bulk": bulk, "changes": change_points, "parts": decomposition, "ahead": forecasts, "spikes": spikes}
    found = {name: json.loads(room.RESULTS.read_text(encoding="utf-8")) for name, room in rooms.items()}
    sizes = json.loads(trend_size.RESULTS.read_text(encoding="utf-8"))
    cells = [one for one in sizes["cells"] if one["phi"] == 0.9]
    plain = max(one.get("mann_kendall_size", 0.0) for one in cells)
    peers = [one["ratios"] for one in found["changes"]["kernels"]]
    pelt, cpd = (sorted(one[name] for one in peers) for name in ("Pelt", "KernelCPD"))
    stl, rolling = found["parts"]["times as fast as robust STL"], found["parts"]["running, window"]
    speed, start, seconds = found["ahead"]["speed"], found["bulk"]["start"], found["bulk"]["seconds"]
    count, pages = found["bulk"]["series"], found["ahead"]["accuracy"]["wikipedia daily"]["backtested"]
    worlds = found["spikes"]["worlds"]
    medians = [rolling[window]["median, times as fast as pandas"] for window in ("7", "21", "31")]
    lines = [
        ("robust decomposition", f"{stl['decompose']:,.0f} × statsmodels' robust STL"),
        ("decomposition, noise and flags (`anomalies`)", f"{stl['anomalies']:,.0f} × statsmodels' robust STL"),
        ("running median, windows of 7 to 31", f"{min(medians):.0f} to {max(medians):.0f} × pandas"),
        ("exact change points", f"{pelt[0]:,.0f} to {pelt[-1]:,.0f} × ruptures' Pelt, {cpd[0]:.1f} to {cpd[-1]:.1f} × "
         "its KernelCPD, same partitions"),
        ("forecast with analytic intervals", f"{speed['statsmodels, one model, times ours']:,.0f} × one model of "
         f"statsmodels, {speed['statsmodels, best of six, times ours']:,.0f} × its best of six"),
        (f"{count:,} series × 365 days, everything, 2 threads", f"{seconds['all with analytic intervals']:,.0f} s with "
         f"analytic intervals; forecasts tried on earlier days {seconds[bulk.BACKTESTED]:,.0f} s"),
        ("first start, compiling all kernels", f"{start['compiling all']:.0f} s, slowest kernel "
         f"{start['slowest kernel, seconds']:.1f} s; later {start['from cache in a new process']:.1f} s"),
        ("trend test, nominal 5 %", f"{sizes['worst_size']:.1%} false alarms in the worst of "
         f"{len(sizes['cells'])} cells (Mann–Kendall up to {plain:.0%})"),
        ("spikes found (F1), Gaussian noise", f"{worlds['gaussian']['f1']:.2f}"),
        ("intervals of 80 and 95 %, ten Wikipedia pages", f"held {pages['coverage 80']:.1%} and "
         f"{pages['coverage 95']:.1%}; error {pages['mase']:.2f} of the usual weekly difference"),
    ]  # fmt: skip
    return "\n".join(["| Time series | |", "| --- | --- |", *(f"| {what} | {told} |" for what, told in lines)])


TABLES = {
    "metrics": metrics_table, "coefficients": coefficients_table, "definitions": definitions_table,
    "identities": identities_table, "commands": commands_table, "rooms": rooms_table, "benchmark": benchmark_table,
    "ingestion": ingestion_table, "days": days_table,
    "timeseries": timeseries_table,
}  # fmt: skip
PAGES = ("README.md", "docs/metrics.md", "docs/house.md", "docs/quality.md")
_PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.S)


def renewed(text: str) -> str:
    """A page with its generated tables made anew."""
    return _PLACE.sub(lambda m: f"{m[1]}{TABLES[m[2]]()}\n{m[3]}", text)


def main() -> None:
    """Write the tables into the pages."""
    for name in PAGES:
        page = ROOT / name
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
