"""Daily tables: from resolved observations to what each post and each account did on each day.

A day's figures are what the platform reported for the day; where it reports lifetime counters only, the difference of
two of them (`engagerr_core.analysis.counters`). An account is a post without an id. Everything here works on Arrow
tables of one platform and one month, or of many: the figures of a day are the same bytes either way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagerr_core.analysis.aggregation import sum_runs
from engagerr_core.analysis.counters import count_days
from engagerr_core.analysis.normalize import STANDARD, standardise
from engagerr_core.kernels.counters import UNKNOWN_DAY
from engagerr_core.store.resolve import numbered
from engagerr_core.vocabulary.coefficients import CoefficientSet
from engagerr_core.vocabulary.definitions import definition_changes
from engagerr_core.vocabulary.metrics import metrics
from engagerr_core.vocabulary.observation import METRICS, observation_schema

SUBJECT = ("creator", "platform", "account", "content")
ACCOUNT = SUBJECT[:3]
DAY_KEYS = (*SUBJECT, "day")
REPORTED, COUNTED, ESTIMATED = 0, 1, 2  # how a day was made: see `Built.reported`
_STAMPS = {"made": pa.int8(), "observed_at": pa.timestamp("us", tz="UTC")}
STATE = ("", "|day", "|before", "|before_day")  # columns of a counter's state: see `counters.count_days`

COUNTERS = tuple(m for m in METRICS if metrics()[m].rule("time") == "sum" and metrics()[m].unit != "money")
OVER_POSTS = tuple(m for m in COUNTERS if metrics()[m].rule("content") == "sum")  # money may be of several currencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What some resolved observations say of days.

    Attributes
    ----------
    reported : days as the platform reported them: creator, platform, account, content (empty = the account itself),
        day, made (0 as reported · 1 difference of two counters a day apart · 2 estimated: a longer difference spread
        evenly), observed_at, and the native metrics that are known of any of them. Sorted by subject and day.
    counted : days from lifetime counters, the same columns; some may lie before the first month built.
    periods : what platforms totalled themselves for accounts over several days: rows of the observations.
    carry : the state of every counter after the last row: the subject, `first` (the day of its first snapshot),
        `published` (the day used), and per metric its value, day, value before an unresolved fall and that one's day.
        Handed to the next month.
    """

    reported: pa.Table
    counted: pa.Table
    periods: pa.Table
    carry: pa.Table


def build_days(resolved: pa.Table, published: pd.DataFrame, carry: pa.Table | None = None) -> Built:
    """Days from resolved observations.

    Parameters
    ----------
    resolved : as `store.resolve.resolve` returns them; metrics of which nothing is known may be left out.
    published : creator, platform, account, content and published_on (datetime64) of the posts in question.
    carry : state of the counters before these rows, as `Built.carry`; None = there were none.
    """
    whole = resolved.filter(pc.equal(resolved["dimension"], ""))
    flow = pc.equal(whole["basis"], "flow")
    single = pc.fill_null(pc.equal(whole["period_start"], whole["period_end"]), fill_value=False)
    account = pc.equal(whole["content"], "")
    flows = whole.filter(pc.and_(flow, single))
    known = pc.is_valid(whole["period_start"])
    longer = pc.and_(pc.and_(flow, account), pc.and_(known, pc.invert(single)))
    stocks = _with_counters(whole.filter(pc.and_(pc.equal(whole["basis"], "stock"), pc.is_valid(whole["observed_at"]))))
    counted, after = _count(stocks, published, carry)
    return Built(
        reported=_days(flows, {"day": flows["period_start"], "made": _constant(REPORTED, len(flows))}, METRICS),
        counted=counted,
        periods=whole.filter(longer),
        carry=after,
    )


def combined(tables: Iterable[pa.Table]) -> pa.Table:
    """Days from several tables as one, sorted by subject and day, one row each.

    Where a day is told more than once, each metric is the reported one if it is known, else the one that was estimated
    least; `made` is that of the least certain figure in the row.
    """
    given = [table for table in tables if len(table)]
    if not given:
        return _no_days()
    if len(given) == 1:
        return given[0]
    whole = pa.concat_tables(given, promote_options="default")
    key = numbered([whole[name] for name in DAY_KEYS])
    made = whole["made"].to_numpy()
    order = np.lexsort((made, key))
    key, whole = key[order], whole.take(pa.array(order))
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    return whole if len(starts) == len(whole) else _first_known(whole, starts)


def account_days(days: pa.Table, coefficients: CoefficientSet) -> pa.Table:
    """What each account did on each day, with the standard metrics.

    Parameters
    ----------
    days : of accounts and posts, as `combined` returns them.
    coefficients : the set that standard metrics are formed with.

    Returns
    -------
    creator, platform, account, day, of_posts (False: the account's own figures; True: the sum of its posts, for
    accounts that have none of their own), posts (how many entered), made, observed_at (the latest), the native metrics
    and the standard ones, each with its ``_estimated``. Sorted by account, of_posts and day. A sum of posts has only
    what adds up over posts; it is at best a lower bound of what the account did, so `made` is 2.
    """
    own = pc.equal(days["content"], "")
    parts = [
        _with_standard(days.filter(own), coefficients, of_posts=False),
        _of_posts(_with_standard(days.filter(pc.invert(own)), coefficients, of_posts=True)),
    ]
    rows = pa.concat_tables(parts, promote_options="default")
    return in_order(rows, (*ACCOUNT, "of_posts", "day"))


def in_order(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Rows sorted by some columns; equal ones stay in their order, an unknown comes first."""
    return rows.take(pa.array(np.argsort(numbered([rows[name] for name in keys]), kind="stable")))


def own_or_of_posts(accounts: pa.Table, own: pa.Table | None = None) -> pa.Table:
    """The rows that speak for each account: its own; the sums of its posts only where it never has any.

    `own` holds the accounts (`ACCOUNT`) known to have days of their own, in or outside `accounts`; None = those in it.
    """
    of_posts = accounts["of_posts"]
    if not pc.any(of_posts).as_py():
        return accounts
    own = accounts.filter(pc.invert(of_posts)).select(list(ACCOUNT)) if own is None else own
    names = [pa.chunked_array([*accounts[n].chunks, *own[n].chunks], pa.string()) for n in ACCOUNT]
    code = numbered(names)
    silent = ~np.isin(code[: len(accounts)], code[len(accounts) :])
    return accounts.filter(pc.or_(pc.invert(of_posts), pa.array(silent)))


def platform_days(accounts: pa.Table) -> pa.Table:
    """What all accounts of a platform did on each day: platform, day, accounts, made, and what adds up over accounts.

    `accounts` are rows of `account_days`, one per account and day (`own_or_of_posts`). A metric is the sum over the
    accounts that know it; ``<metric>_accounts`` says how many they are.
    """
    return _summed(accounts, ("platform", "day"), "accounts", count_each=True)


def family_days(days: pa.Table, members: pa.Table, coefficients: CoefficientSet) -> pa.Table:
    """What each content family did on each day and platform: the sum over its posts.

    `members` names the posts of each family: `SUBJECT` and family. Returns creator, family, platform, day, posts, made
    and what adds up over posts. Posts without a family are not in it: each is its own.
    """
    posts = days.filter(pc.not_equal(days["content"], ""))
    code = numbered([pa.chunked_array([*posts[n].chunks, *members[n].chunks], pa.string()) for n in SUBJECT])
    place = pd.Series(np.arange(len(members)), index=code[len(posts) :]).reindex(code[: len(posts)]).to_numpy()
    inside = np.flatnonzero(~np.isnan(place))
    rows = _with_standard(posts.take(pa.array(inside)), coefficients, of_posts=True)
    family = members["family"].take(pa.array(place[inside].astype(np.int64)))
    return _summed(rows.append_column("family", family), ("creator", "family", "platform", "day"), "posts")


def days_of(
    observations: pd.DataFrame, contents: pd.DataFrame, coefficients: CoefficientSet
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days of accounts (`account_days`, one row an account and day) and of posts, from frames of resolved observations.

    Days are datetime64 and unknown numbers NaN, as everywhere in frames.
    """
    names = [n for n in observations.columns if n not in METRICS or observations[n].notna().any()]
    rows = observations.loc[observations["dimension"] == "", names]
    schema = observation_schema()
    known = pa.schema([schema.field(name) for name in names if name in schema.names])
    built = build_days(pa.Table.from_pandas(rows, known, preserve_index=False, safe=False), contents)
    days = combined([built.reported, built.counted])
    posts = days.filter(pc.not_equal(days["content"], ""))
    return as_frame(own_or_of_posts(account_days(days, coefficients))), as_frame(posts)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Days as datetime64[us], names as categories, unknown numbers as NaN."""
    for place, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.timestamp("us")))
        elif field.name in SUBJECT:
            table = table.set_column(place, field.name, table[field.name].combine_chunks().dictionary_encode())
    return table.to_pandas()


def _days(rows: pa.Table, added: dict[str, pa.Array], names: Sequence[str]) -> pa.Table:
    """Rows as days, with those metrics of which anything is known."""
    columns = {name: rows[name] for name in SUBJECT} | {name: added[name] for name in ("day", "made")}
    columns["observed_at"] = rows["observed_at"]
    columns["currency"] = rows["currency"] if "currency" in rows.column_names else pa.repeat("", len(rows))
    columns |= {name: rows[name] for name in names if _tells(rows, name)}
    return _sorted(pa.table(columns))


def _sorted(days: pa.Table) -> pa.Table:
    key = numbered([days[name] for name in DAY_KEYS])
    return days if (key[1:] >= key[:-1]).all() else days.take(pa.array(np.argsort(key, kind="stable")))


def _no_days() -> pa.Table:
    text = dict.fromkeys(SUBJECT, pa.string())
    return pa.schema({**text, "day": pa.date32(), **_STAMPS}.items()).empty_table()


def _with_counters(stocks: pa.Table) -> pa.Table:
    """The rows that tell a counter at all: what tells followers only is no export of posts."""
    known = np.zeros(len(stocks), bool)
    for name in COUNTERS:
        if _tells(stocks, name):
            known |= pc.is_valid(stocks[name]).to_numpy()
    return stocks.filter(pa.array(known))


def _constant(value: int, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.int8()), length)


def _count(stocks: pa.Table, published: pd.DataFrame, carry: pa.Table | None) -> tuple[pa.Table, pa.Table]:
    """Days from the counters of all platforms, and the state after them."""
    days, after = [], []
    known = [carry["platform"]] if carry is not None else []
    for name in sorted({p for column in (stocks["platform"], *known) for p in pc.unique(column).to_pylist()}):
        mine = stocks.filter(pc.equal(stocks["platform"], name))
        before = carry.filter(pc.equal(carry["platform"], name)) if carry is not None else None
        counted, state = _count_platform(name, mine, published, before)
        days.append(counted)
        after.append(state)
    if not days:
        return _no_days(), _no_state()
    return combined(days), pa.concat_tables(after, promote_options="default")


def _count_platform(
    platform: str, stocks: pa.Table, published: pd.DataFrame, carry: pa.Table | None
) -> tuple[pa.Table, pa.Table]:
    carry = _no_state() if carry is None else carry
    names = [m for m in COUNTERS if _tells(stocks, m) or m in carry.column_names]
    if not any(_tells(stocks, m) for m in names):
        return _no_days(), carry
    posts, of_row, of_carry = _posts(stocks, carry)
    order = np.lexsort((day := _days_of(stocks["observed_at"]), of_row))
    stocks, of_row, day = stocks.take(pa.array(order)), of_row[order], day[order]
    first, since = _beginnings(posts, of_row, of_carry, day, carry, published)
    unknown = np.full(len(stocks), np.nan)
    counted = count_days(
        of_row, day, {m: _numbers(stocks[m]) if m in stocks.column_names else unknown for m in names},
        posts=len(posts), published=_beginning(posts, first, since), breaks={m: _breaks(platform, m) for m in names},
        carry={m: _state(carry, m, of_carry, len(posts)) for m in names},
    )  # fmt: skip
    subject = posts.take(pa.array(counted.post))
    made = {m: pa.array(counted.columns[m], from_pandas=True) for m in names}
    days = pa.table(
        {name: subject[name] for name in SUBJECT}
        | {"day": pa.array(counted.day).cast(pa.date32()), "made": pa.array(counted.made, pa.int8())}
        | {"observed_at": pa.nulls(len(subject), _STAMPS["observed_at"]), "currency": pa.repeat("", len(subject))}
        | {name: column for name, column in made.items() if column.null_count < len(column)}
    )
    return days, _as_table(posts, first, since, counted.carry)


def _tells(rows: pa.Table, name: str) -> bool:
    return name in rows.column_names and rows[name].null_count < len(rows)


def _days_of(instants: pa.ChunkedArray) -> np.ndarray:
    return instants.combine_chunks().cast(pa.date32(), safe=False).cast(pa.int32()).to_numpy()


def _posts(stocks: pa.Table, carry: pa.Table) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """The posts of both tables in order, and the place of each row's post in it."""
    both = pa.concat_tables([t.select(list(SUBJECT)) for t in (stocks, carry)], promote_options="default")
    _, first, place = np.unique(numbered([both[n] for n in SUBJECT]), return_index=True, return_inverse=True)
    place = place.astype(np.int32)
    return both.take(pa.array(first)), place[: len(stocks)], place[len(stocks) :]


def _beginnings(
    posts: pa.Table, of_row: np.ndarray, of_carry: np.ndarray, day: np.ndarray, carry: pa.Table, published: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Day of each post's first snapshot, and the day of its publication: as before, else as the contents say."""
    first = np.full(len(posts), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(first, of_row, day)
    since = publication_days(posts, published)
    first[of_carry] = carry["first"].cast(pa.int32()).to_numpy()
    since[of_carry] = carry["published"].cast(pa.int32()).fill_null(UNKNOWN_DAY).to_numpy()
    return first, since


def _beginning(posts: pa.Table, first: np.ndarray, since: np.ndarray) -> np.ndarray:
    """From when a post's first snapshot counts: its publication; unknown in the first export of its account.

    That one lists posts of all ages, of most of which nothing tells when they were seen; the few new ones would look
    like all that the account did.
    """
    account = numbered([posts[name] for name in ACCOUNT])
    places, of_post = np.unique(account, return_inverse=True)
    begun = np.full(len(places), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(begun, of_post, first)
    return np.where(first > begun[of_post], since, np.int32(UNKNOWN_DAY)).astype(np.int32)


def publication_days(posts: pa.Table, published: pd.DataFrame) -> np.ndarray:
    """Publication day of each post (int32, days since 1970; `UNKNOWN_DAY` where it is not known)."""
    table = published.dropna(subset=["published_on"]).drop_duplicates(list(SUBJECT), keep="last")
    days = posts.select(list(SUBJECT)).to_pandas().merge(table, on=list(SUBJECT), how="left")["published_on"]
    found = np.full(len(posts), UNKNOWN_DAY, np.int32)
    told = days.notna().to_numpy()
    found[told] = days[told].to_numpy("datetime64[D]").astype(np.int32)
    return found


def _breaks(platform: str, name: str) -> np.ndarray:
    days = sorted({change.day for change in definition_changes((platform,)) if change.metric == name})
    return np.array(days, "datetime64[D]").astype(np.int32)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    return np.ascontiguousarray(column.to_numpy().astype(np.float64, copy=False))


def _state(carry: pa.Table, name: str, of_carry: np.ndarray, posts: int) -> np.ndarray:
    state = np.full((posts, len(STATE)), np.nan)
    for place, suffix in enumerate(STATE):
        if name + suffix in carry.column_names:
            state[of_carry, place] = carry[name + suffix].to_numpy()
    return state


def _no_state() -> pa.Table:
    text = dict.fromkeys(SUBJECT, pa.string())
    return pa.schema({**text, "first": pa.date32(), "published": pa.date32()}.items()).empty_table()


def _as_table(posts: pa.Table, first: np.ndarray, since: np.ndarray, states: dict[str, np.ndarray]) -> pa.Table:
    unknown = since == UNKNOWN_DAY
    columns = {name: posts[name] for name in SUBJECT}
    columns["first"] = pa.array(first).cast(pa.date32())
    columns["published"] = pa.array(since, mask=unknown).cast(pa.date32())
    for name in METRICS:
        if name in states:
            for place, suffix in enumerate(STATE):
                columns[name + suffix] = pa.array(states[name][:, place], from_pandas=True)
    return pa.table(columns)


def _first_known(whole: pa.Table, starts: np.ndarray) -> pa.Table:
    """One row for each run of rows: of each metric the first known value, of `made` the greatest."""
    columns = {}
    place = np.arange(len(whole))
    speaks = np.zeros(len(whole), bool)  # whether a row gives a figure, and with it its `made`
    speaks[starts] = True
    for name in whole.column_names:
        if name not in METRICS:
            columns[name] = whole[name].take(pa.array(starts))
            continue
        known = pc.is_valid(whole[name]).to_numpy()
        chosen = np.minimum.reduceat(np.where(known, place, len(whole)), starts)
        columns[name] = whole[name].take(pa.array(chosen, mask=chosen == len(whole)))
        speaks[chosen[chosen < len(whole)]] = True
    made = np.where(speaks, whole["made"].to_numpy(), np.int8(REPORTED))
    columns["made"] = pa.array(np.maximum.reduceat(made, starts), pa.int8())
    return pa.table(columns)


def _with_standard(days: pa.Table, coefficients: CoefficientSet, *, of_posts: bool) -> pa.Table:
    """Add the standard metrics; `of_posts` and `posts` are the same for all rows."""
    frame = pd.DataFrame({n: _numbers(days[n]) for n in days.column_names if n in METRICS}, index=range(len(days)))
    frame["platform"] = days["platform"].combine_chunks().dictionary_encode().to_pandas()
    made = standardise(frame, coefficients)
    for name in STANDARD:
        days = days.append_column(name, pa.array(made[name].to_numpy(float), from_pandas=True))
        days = days.append_column(f"{name}_estimated", pa.array(made[f"{name}_estimated"].to_numpy(bool)))
    days = days.append_column("of_posts", pa.repeat(pa.scalar(of_posts), len(days)))
    if of_posts:
        return days
    return days.drop_columns("content").append_column("posts", pa.repeat(pa.scalar(0, pa.int32()), len(days)))


def _of_posts(posts: pa.Table) -> pa.Table:
    return _summed(posts, (*ACCOUNT, "of_posts", "day"), "posts")


def _summed(rows: pa.Table, keys: Sequence[str], counted: str, *, count_each: bool = False) -> pa.Table:
    """Rows summed by key in the order of the keys; within one key in the order of the rows."""
    code = numbered([rows[name] for name in keys])
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]]) if len(code) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(code)])
    first = pa.array(order[starts])
    columns = {name: rows[name].take(first) for name in keys}
    columns[counted] = pa.array(sizes.astype(np.int32))
    columns["made"] = _constant(ESTIMATED, len(starts))
    if "of_posts" in rows.column_names and count_each:
        columns["made"] = pa.array(_greatest(rows["made"].to_numpy()[order], starts), pa.int8())
    seen = rows["observed_at"].combine_chunks().cast(pa.int64()).fill_null(np.iinfo(np.int64).min).to_numpy()[order]
    latest = _greatest(seen, starts)
    columns["observed_at"] = pa.array(latest, mask=latest == np.iinfo(np.int64).min).cast(_STAMPS["observed_at"])
    for name in (*OVER_POSTS, *STANDARD):
        if name in rows.column_names:
            sums, known = sum_runs(_numbers(rows[name])[order], starts)
            columns[name] = pa.array(sums, from_pandas=True)
            if count_each:
                columns[f"{name}_accounts"] = pa.array(known.astype(np.int32))
        if f"{name}_estimated" in rows.column_names:
            doubt = rows[f"{name}_estimated"].to_numpy()[order]
            columns[f"{name}_estimated"] = pa.array(_greatest(doubt, starts))
    return pa.table(columns)


def _greatest(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return np.maximum.reduceat(values, starts) if len(starts) else values[:0]


def by_month(days: pa.Table) -> list[tuple[str, pa.Table]]:
    """Days by the month they lie in, such as ``2026-03``."""
    if not len(days):
        return []
    month = days["day"].to_numpy().astype("datetime64[M]")
    return [(str(one), days.filter(pa.array(month == one))) for one in np.unique(month)]


def republished(counters: pa.Table, published: pd.DataFrame) -> set[str]:
    """Months of the first snapshots of posts whose publication day is not the one that their days were made with.

    `counters` has the subject, `first` and `published` as `Built.carry`; `published` is as in `build_days`.
    """
    used = counters["published"].cast(pa.int32()).fill_null(UNKNOWN_DAY).to_numpy()
    changed = np.flatnonzero(used != publication_days(counters, published))
    months = counters["first"].take(pa.array(changed)).to_numpy().astype("datetime64[M]")
    return {str(month) for month in np.unique(months)}
