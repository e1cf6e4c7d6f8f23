"""The latest that is known of a post."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from engagerr_core.store.contents import latest_contents
from engagerr_core.vocabulary.content import COLUMNS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(**changed):
    return {
        **dict.fromkeys((*COLUMNS, "observed_at")),
        "creator": "Ada",
        "platform": "youtube",
        "account": "a",
        "content": "v1",
        "known_at": NOON,
        "file": "f",
        "row": 2,
        **changed,
    }


def latest(*records):
    frame = pd.DataFrame(list(records), columns=[*COLUMNS, "observed_at", "known_at"])
    for name in ("observed_at", "known_at", "published_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return latest_contents(frame).to_dict("records")


def test_a_later_file_without_a_title_takes_none_away():
    (row,) = latest(record(title="First"), record(known_at=NOON + timedelta(1), url="https://x.org", file="g", row=7))
    assert (row["title"], row["url"], row["file"], row["row"]) == ("First", "https://x.org", "g", 7)


def test_a_new_title_wins_by_when_it_was_seen_not_by_when_it_arrived():
    new = record(title="New", observed_at=NOON - timedelta(1))
    old = record(title="Old", observed_at=NOON - timedelta(9), known_at=NOON + timedelta(9))
    assert latest(new, old)[0]["title"] == latest(old, new)[0]["title"] == "New"


@pytest.mark.parametrize(
    ("origins", "winner"),
    [
        (("native", "rule"), "native"),
        (("metadata", "native"), "metadata"),
        (("rule", "native"), "native"),
        (("rule", None), "rule"),
    ],
)
def test_an_analysts_word_goes_before_the_platforms_before_a_rule(origins, winner):
    formats = {"native": "short_video", "rule": "long_video", "metadata": "audio", None: None}
    many = [record(format=formats[o], format_origin=o, known_at=NOON + timedelta(i)) for i, o in enumerate(origins)]
    (row,) = latest(*many)
    assert (row["format"], row["format_origin"]) == (formats[winner], winner)


def test_the_same_id_on_two_accounts_is_two_posts():
    assert len(latest(record(), record(account="b"), record(platform="tiktok"), record(creator="Bo"))) == 4


def test_order_of_records_does_not_matter():
    many = [record(title=t, known_at=NOON + timedelta(i), row=i) for i, t in enumerate([None, "A", None, "B", None])]
    assert latest(*many) == latest(*reversed(many))


def test_nothing():
    assert latest() == []
