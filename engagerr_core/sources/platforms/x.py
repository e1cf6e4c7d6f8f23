"""X: what is peculiar to its tables. A post's id tells the instant of its making, and its address repeats the id."""

from decimal import Decimal
from typing import TYPE_CHECKING

from engagerr_core.sources.draft import Draft
from engagerr_core.sources.values import AGAIN, digits_lost, parse_texts

if TYPE_CHECKING:
    import pandas as pd

EPOCH_MILLISECONDS = 1_288_834_974_657
ID_BITS = 22  # below the milliseconds
FIRST_WITH_TIME = 1 << ID_BITS  # smaller ids were counted up and tell no time
TOLERANCE_DAYS = 1.5  # between a post's day, in whatever zone, and the instant in its id
ADDRESS = r"/status(?:es)?/([0-9]{1,19})(?![0-9])"
KEPT_DIGITS = 15  # of an id that a spreadsheet took for a number
ROUNDED_AWAY = 10_000  # the four digits behind them
SEQUENCE_BITS = 12  # of an id, in which posts of one millisecond are counted
ENOUGH = 4  # ids, so that chance makes them all doubles once in millions of files


def refine(draft: Draft) -> None:
    """Tidy one table."""
    if "average_view_seconds" in draft.metrics:
        draft.rows["average_view_seconds"] /= 1000  # written in milliseconds
    if "content" in draft.rows or "url" in draft.rows:
        _read_ids(draft)
        _read_publication(draft)


def _read_ids(draft: Draft) -> None:
    """The id as written, or as its address tells it where it is missing or a spreadsheet has rounded it."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    none = pd.Series("", index=draft.rows.index, dtype="str")
    named = draft.rows["url"].str.extract(ADDRESS)[0].fillna("") if "url" in draft.rows else none
    ids, _ = parse_texts(pa.array(draft.rows.get("content", none), pa.large_string()), "digits")
    written = pd.Series(ids, index=draft.rows.index, dtype="str")
    near = np.array([_is_near(*both) for both in zip(written, named, strict=True)], bool)
    lost = (written.str.len() > KEPT_DIGITS) & (digits_lost(written) or _kept_as_doubles(written))
    whole = written.mask(lost | near | (written == ""), named)
    role = "content" if "content" in draft.rows else "url"
    draft.reject(whole == "", role, "no id of the post, or one that a spreadsheet has rounded", AGAIN)
    draft.rows = draft.rows.assign(content=whole.reindex(draft.rows.index))


def _is_near(written: str, named: str) -> bool:
    """Whether two ids differ by no more than a spreadsheet or a program rounds away."""
    return bool(written and named) and abs(int(written) - int(named)) < ROUNDED_AWAY


def _kept_as_doubles(ids: "pd.Series") -> bool:
    """Whether a program has kept these ids as doubles: each is what a double tells, and chance does not explain it.

    Ids of older posts often end in twelve zero bits, which every double holds.
    """
    numbers = {int(text) for text in ids if len(text) > KEPT_DIGITS}
    as_doubles = all(number in (int(float(number)), int(Decimal(repr(float(number))))) for number in numbers)
    return len(numbers) >= ENOUGH and as_doubles and any(number % (1 << SEQUENCE_BITS) for number in numbers)


def _read_publication(draft: Draft) -> None:
    """Day of publication, and its instant: as the older export writes it, else the id's where that fits the day."""
    import pandas as pd

    rows = draft.rows
    if "published" in rows:
        days = rows["published"].dt.tz_localize(None).dt.normalize()
        draft.rows = rows.assign(published=days, published_at=rows["published"])
        return
    made = pd.to_datetime(rows["content"].map(milliseconds), unit="ms", utc=True).astype("datetime64[us, UTC]")
    gap = (rows["day"] + pd.Timedelta(hours=12) - made.dt.tz_localize(None)).abs()
    fits = gap <= pd.Timedelta(days=TOLERANCE_DAYS)
    draft.rows = rows.assign(published=rows["day"], published_at=made.where(fits)).drop(columns="day")
    if strange := int((gap.notna() & ~fits).sum()):
        draft.warnings.append(f"{strange} posts have ids that do not fit their day; their instant is not known.")


def milliseconds(post: str) -> int | None:
    """Milliseconds since 1970 at which a post was made, told by its id; None for ids before 2010-11."""
    number = int(post)
    return (number >> ID_BITS) + EPOCH_MILLISECONDS if FIRST_WITH_TIME < number < 2**63 else None
