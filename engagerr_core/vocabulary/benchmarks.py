"""Published benchmarks, each with its population, denominator, period and source."""

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "platform", "metric", "denominator", "statistic", "population", "segment", "low", "mid", "high", "n",
    "period_start", "period_end", "source", "retrieved_on",
)  # fmt: skip


def benchmarks() -> "pd.DataFrame":
    """The shipped table, one row a figure. Rates are fractions; unknown is NaN or NaT.

    Rows with different denominators or statistics describe different things and are never blended.
    """
    import pandas as pd

    with files(__package__).joinpath("benchmarks.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, parse_dates=["period_start", "period_end", "retrieved_on"])
    return table[list(COLUMNS)]
