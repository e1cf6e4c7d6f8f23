"""The README's benchmark table, from the committed results: `python -m tests.benchmarks.table`."""

import json
from typing import Any

LIBRARIES = ("Polars", "DuckDB", "pandas")


def rows(report: dict[str, Any]) -> str:
    """Markdown rows: one scenario a row, our seconds, each peer's best seconds and our ratio to it, peak memory."""
    lines = []
    for scenario in report["scenarios"]:
        seconds = scenario["seconds"]
        cells = [
            f"{scenario['rows']:,} rows, {scenario['entities']:,} accounts or contents, {scenario['order']}",
            f"{seconds['ours']:.2f} s",
        ]
        for library in LIBRARIES:
            best = min((value for name, value in seconds.items() if name.startswith(f"{library}: ")), default=None)
            ratio = scenario["ratios"].get(library)
            cells.append("" if best is None else f"{best:.2f} s ({ratio:.1f} ×)")
        cells.append(f"{scenario['peak_memory_over_input']:.2f} ×")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def markdown(report: dict[str, Any]) -> str:
    """The whole table with its heading and a line on machine, date and versions."""
    versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    return (
        f"| Standardise, derive, sum by month ({report['threads']} threads) | Engagerr | "
        + " | ".join(LIBRARIES)
        + " | Peak memory ÷ input |\n|"
        + " --- |" * (3 + len(LIBRARIES))
        + f"\n{rows(report)}\n\n{report['date']}, {report['machine']}; {versions}. In brackets: times our seconds.\n"
    )


if __name__ == "__main__":
    from tests.benchmarks.rollup import RESULTS

    print(markdown(json.loads(RESULTS.read_text())))
