"""Releases and labels in tables of songs: what is told about a song, or what splits its figures."""

from engagerr_core.sources.draft import Draft
from engagerr_core.sources.mappings.countries import UNKNOWN

RELEASES = ("label", "release")
WHEN = ("day", "observed", "month", "period", "period_start", "period_end", "day_begins", "day_ends")


def split_by_release(draft: Draft) -> tuple[str, ...]:
    """Keep releases and labels as a split only where a song stands in several rows that differ in them.

    A song that stands once has its release as one has a title: its row is its total. Returns the dimensions whose empty
    cells mean that total.
    """
    names = [name for name in RELEASES if name in draft.rows]
    if not names or draft.kind.statement or "content" not in draft.rows:
        return ()
    rows = draft.rows
    for name in names:
        told = {text: " ".join(text.split()) for text in rows[name].unique()}
        rows[name] = rows[name].map(told).astype("str")
    others = [name for name in draft.dimensions if name not in names]
    key = ["content", *(name for name in WHEN if name in rows), *others]
    songs = rows[(rows["content"] != "") & ~rows["is_total"]]
    different = songs.drop_duplicates([*key, *names])
    twice = different.loc[different.duplicated(key), key].drop_duplicates()
    if twice.empty:
        draft.rows = rows.drop(columns=names)
        for name in names:
            draft.left_out.append(f"{draft.headers.pop(name)} (each song stands once, so it splits nothing)")
        return ()
    if others or draft.rejected:  # a row that was set aside may be another release of any song
        return ()
    is_split = rows.index.isin(songs.reset_index().merge(twice, on=key)["index"])
    for name in names:
        rows[name] = rows[name].mask(is_split & (rows[name] == ""), UNKNOWN).where(is_split, "")
    draft.warnings.append(
        f"{len(twice)} songs stand in several rows, one a release: their totals are the sums of these rows, and of "
        "different people no total is known."
    )
    return tuple(names)
