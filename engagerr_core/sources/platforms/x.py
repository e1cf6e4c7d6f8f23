"""X: what is peculiar to its tables. A post's id tells the instant of its making."""

from engagerr_core.sources.draft import Draft

EPOCH_MILLISECONDS = 1_288_834_974_657
ID_BITS = 22  # below the milliseconds
FIRST_WITH_TIME = 1 << ID_BITS  # smaller ids were counted up and tell no time
TOLERANCE_DAYS = 1.5  # between a post's day, in whatever zone, and the instant in its id


def refine(draft: Draft) -> None:
    """Tidy one table."""
    import pandas as pd

    if "content" not in draft.rows:
        return
    draft.reject_nameless("content", "id of the post")
    rows = draft.rows
    if "day" in rows:
        draft.rows = rows = rows.assign(published=rows["day"]).drop(columns="day")
    made = pd.to_datetime(rows["content"].map(milliseconds), unit="ms", utc=True).astype("datetime64[us, UTC]")
    if rows["published"].dt.tz is not None:  # the older export tells the minute itself
        draft.rows["published_at"] = rows["published"]
        draft.rows["published"] = rows["published"].dt.tz_localize(None).dt.normalize()
        return
    gap = (rows["published"] + pd.Timedelta(hours=12) - made.dt.tz_localize(None)).abs()
    fits = gap <= pd.Timedelta(days=TOLERANCE_DAYS)
    draft.rows["published_at"] = made.where(fits)
    if strange := int((gap.notna() & ~fits).sum()):
        draft.warnings.append(f"{strange} posts have ids that do not fit their day; their instant is not known.")


def milliseconds(post: str) -> int | None:
    """Milliseconds since 1970 at which a post was made, told by its id; None for ids before 2010-11."""
    number = int(post)
    return (number >> ID_BITS) + EPOCH_MILLISECONDS if FIRST_WITH_TIME < number < 2**63 else None
