"""Lifetime counters of posts to daily flows, and what happened where a counter fell."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagerr_core.errors import InvalidArgument


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Daily flows of posts.

    Attributes
    ----------
    post : int32 (m,), the post of each day; sorted by post and day, each pair once.
    day : int32 (m,), days since 1970-01-01.
    columns : metric → float64 (m,), the flow of the day, NaN where unknown.
    made : int8 (m,): 1 = placed to within a day (the difference of two snapshots a day apart, or all since the
        publication on the same or the previous day), 2 = estimated (a difference of several days, spread evenly over
        them). The highest over the row's known metrics.
    carry : metric → float64 (posts, 4): the state after the last snapshot, to be handed over when more follow. Keep it
        as it is, to the last bit: value, day, value before an unresolved fall, day of that value plus the share of it
        that the fall left. NaN where there is none.
    drops : steps that are not usual growth: `post`, `metric`, `day`, `previous_day`, `value`, `previous`, `kind`; in
        order of post, day and metric.
    """

    post: np.ndarray
    day: np.ndarray
    columns: dict[str, np.ndarray]
    made: np.ndarray
    carry: dict[str, np.ndarray]
    drops: pd.DataFrame


def count_days(
    post: np.ndarray,
    day: np.ndarray,
    columns: Mapping[str, np.ndarray],
    *,
    posts: int,
    published: np.ndarray,
    breaks: Mapping[str, np.ndarray],
    carry: Mapping[str, np.ndarray] | None = None,
) -> Counted:
    """Difference lifetime counters into daily flows; docs/counters.md tells the rules.

    Snapshots may be handed over in pieces: cut at any day of each post, with the `carry` of the earlier piece given to
    the later one, they give the same days, to the last bit, as all at once.

    Parameters
    ----------
    post : int32 (n,), codes from 0 to `posts` - 1; snapshots sorted by post and day, each pair once.
    day : int32 (n,), the day of the snapshot, days since 1970-01-01.
    columns : metric → float64 (n,), the lifetime counter as of that day; NaN is unknown, and so is what is no count
        (infinite or negative).
    published : int32 (posts,), the day of publication, `kernels.counters.UNKNOWN_DAY` where nobody tells.
    breaks : metric → sorted int32 days from which the metric's definition differs; a metric without any may be missing,
        and days of a metric that `columns` does not have say nothing.
    carry : `Counted.carry` of the snapshots before these; None where there were none.

    >>> from engagerr_core.kernels.counters import UNKNOWN_DAY
    >>> views = np.array([1000.0, 1010.0, 890.0, 900.0, 930.0])
    >>> days = np.array([20_000, 20_001, 20_002, 20_003, 20_005], np.int32)
    >>> counted = count_days(np.zeros(5, np.int32), days, {"views": views}, posts=1,
    ...                      published=np.array([UNKNOWN_DAY], np.int32), breaks={})
    >>> counted.columns["views"], counted.made
    (array([10., nan, 10., 15., 15.]), array([1, 1, 1, 2, 2], dtype=int8))
    >>> counted.drops[["day", "previous", "value", "kind"]].to_dict("records")
    [{'day': 20002, 'previous': 1010.0, 'value': 890.0, 'kind': 'correction'}]
    """
    from engagerr_core.kernels.arrays import require_array
    from engagerr_core.kernels.counters import KINDS, STATE, daily_flows

    names = list(columns)
    if published.size != posts:
        raise InvalidArgument(
            f"published told of {published.size} posts, posts said {posts}. Each post has one entry. Give one for each."
        )
    left_out = [name for name in carry or {} if name not in columns]
    if left_out:
        raise InvalidArgument(
            f"carry spoke of {', '.join(left_out)}, which columns leaves out. What is known of it would be lost. "
            "Give its column, unknown throughout where nothing is said."
        )
    earlier = np.full((len(names), posts, STATE), np.nan)
    for name, state in (carry or {}).items():
        earlier[names.index(name)] = require_array(f"carry[{name!r}]", state, np.float64, (posts, STATE))
    none = np.empty(0, np.int32)
    found = daily_flows(
        post, day, [columns[name] for name in names], published, [breaks.get(name, none) for name in names], earlier
    )
    steps = found.steps
    drops = pd.DataFrame(
        {
            "post": post[steps.row],
            "metric": pd.array(names, "str").take(steps.metric),
            "day": day[steps.row],
            "previous_day": steps.previous_day,
            "value": steps.value,
            "previous": steps.previous,
            "kind": pd.array(KINDS, "str").take(steps.kind),
        }
    )
    return Counted(
        post=found.post,
        day=found.day,
        columns=dict(zip(names, found.flows, strict=True)),
        made=found.made,
        carry=dict(zip(names, found.state, strict=True)),
        drops=drops,
    )
