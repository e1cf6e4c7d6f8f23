"""Labels of posts: whose word counts, and for which posts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.labels import address, labelled
from engagerr_core.sources.context import Rule
from engagerr_core.vocabulary.context import LABELS, METADATA_COLUMNS, origin_of
from tests.analysis.examples import contents

WATCH = "https://www.youtube.com/watch"
NATIVE_IMAGE = {"format": "image", "format_origin": "native"}
POSTS = contents(
    [
        {"content": "a", "title": "Soup #Food", "url": f"{WATCH}?v=a&utm_source=x", "duration": 50.0},
        {"content": "b", "title": "Stew\nfor two", "platform": "instagram", **NATIVE_IMAGE},
        {"content": "c", "title": "", "format": "long_video", "format_origin": "rule", "duration": 900.0},
    ]
)  # fmt: skip


def table(*rows: dict) -> pd.DataFrame:
    """A metadata table."""
    return pd.DataFrame([dict.fromkeys(METADATA_COLUMNS, "") | row for row in rows], columns=METADATA_COLUMNS).astype(
        "str"
    )


def told(label: str, *rows: dict, rules: tuple[Rule, ...] = (), posts: pd.DataFrame = POSTS) -> list[tuple]:
    """Value and origin of a label, post by post; unknown is None."""
    made = labelled(posts, table(*rows), rules)
    pairs = made[[label, origin_of(label)]].astype(object)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in pairs.itertuples(index=False)]


def test_without_a_word_nothing_is_known_and_nothing_else_changes():
    made = labelled(POSTS, table(), ())
    pd.testing.assert_frame_equal(made[["content", "title", "url"]], POSTS[["content", "title", "url"]])
    assert made[[label for label in LABELS if label != "format"]].isna().all(axis=None)
    assert told("format") == [(None, None), ("image", "native"), ("long_video", "rule")]


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ({"content": "a"}, [True, False, False]),
        ({"content": "A"}, [False, False, False]),
        ({"url": "youtube.com/watch?v=a"}, [True, False, False]),
        ({"url": "http://m.youtube.com/watch?v=a&si=77"}, [True, False, False]),
        ({"url": "youtube.com/watch?v=b"}, [False, False, False]),
        ({"title": "soup*"}, [True, False, False]),
        ({"title": "soup"}, [False, False, False]),
        ({"title": "*for two"}, [False, True, False]),
        ({"title": "s??? *"}, [True, False, False]),
        ({"title": "*[x]*"}, [False, False, False]),
        ({"creator": "Ada"}, [True, True, True]),
        ({"creator": "Bo"}, [False, False, False]),
        ({"platform": "instagram"}, [False, True, False]),
        ({"platform": "instagram", "content": "a"}, [False, False, False]),
        ({"platform": "youtube", "title": "*"}, [True, False, True]),
    ],
)
def test_every_selector_of_a_row_must_fit(selector, chosen):
    expected = [("soup", "metadata") if one else (None, None) for one in chosen]
    assert told("topic", {**selector, "topic": "soup"}) == expected


def test_the_closer_word_counts_whatever_the_order():
    rows = [
        {"content": "a", "topic": "id"},
        {"url": "youtube.com/watch?v=a", "topic": "address"},
        {"title": "*soup*", "topic": "title"},
        {"creator": "Ada", "topic": "creator"},
    ]
    for first in range(len(rows)):
        some = rows[first:]
        assert told("topic", *some)[0] == told("topic", *some[::-1])[0] == (some[0]["topic"], "metadata")


def test_of_equal_rows_the_later_counts_and_an_empty_cell_takes_nothing_away():
    rows = [{"content": "a", "topic": "old", "campaign": "spring"}, {"content": "a", "topic": "new"}]
    assert told("topic", *rows)[0] == ("new", "metadata")
    assert told("campaign", *rows)[0] == ("spring", "metadata")


def test_the_export_goes_before_the_table_and_the_table_before_a_rule():
    rows = [{"creator": "Ada", "format": "audio"}]
    rule = Rule(name="r", labels={"format": "text"}, platforms=("youtube", "instagram"))
    assert told("format", *rows) == [("audio", "metadata"), ("image", "native"), ("audio", "metadata")]
    assert told("format", rules=(rule,)) == [("text", "rule"), ("image", "native"), ("long_video", "rule")]


@pytest.mark.parametrize(
    ("conditions", "chosen"),
    [
        ({"hashtags": ("food",)}, [True, False, False]),
        ({"hashtags": ("#FOOD", "other")}, [True, False, False]),
        ({"hashtags": ("foo",)}, [False, False, False]),
        ({"keywords": ("sou",)}, [False, False, False]),
        ({"keywords": ("sou*",)}, [True, False, False]),
        ({"keywords": ("STEW for",)}, [False, True, False]),
        ({"keywords": ("tew",)}, [False, False, False]),
        ({"shorter_than": 60.0}, [True, False, False]),
        ({"longer_than": 50.0}, [False, False, True]),
        ({"longer_than": 50.0, "keywords": ("soup",)}, [False, False, False]),
        ({"platforms": ("instagram",)}, [False, True, False]),
        ({"creators": ("Bo",)}, [False, False, False]),
    ],
)
def test_every_condition_of_a_rule_must_hold(conditions, chosen):
    rule = Rule(name="r", labels={"topic": "t"}, **conditions)
    assert told("topic", rules=(rule,)) == [("t", "rule") if one else (None, None) for one in chosen]


def test_the_first_rule_counts():
    rules = tuple(Rule(name=t, labels={"topic": t}, platforms=("youtube",)) for t in ("first", "second"))
    assert told("topic", rules=rules)[0] == ("first", "rule")


def test_an_unknown_duration_meets_no_limit():
    posts = POSTS.assign(duration=np.nan)
    rules = (
        Rule(name="r", labels={"topic": "t"}, shorter_than=1e9),
        Rule(name="s", labels={"topic": "t"}, longer_than=0),
    )
    assert told("topic", rules=rules, posts=posts) == [(None, None)] * 3


def test_no_posts():
    assert labelled(POSTS.iloc[:0], table({"creator": "Ada", "topic": "t"}), ()).empty


@given(st.permutations(range(3)), st.lists(st.sampled_from(["a", "b", "c", "x"]), max_size=6))
def test_the_order_of_posts_changes_nothing(order, named):
    rows = [{"content": content, "topic": f"t{i}"} for i, content in enumerate(named)]
    straight = told("topic", *rows)
    shuffled = told("topic", *rows, posts=POSTS.iloc[list(order)].reset_index(drop=True))
    assert [straight[i] for i in order] == shuffled
    for content, (value, _) in zip("abc", straight, strict=True):
        said = [f"t{i}" for i, one in enumerate(named) if one == content]
        assert value == (said[-1] if said else None)


@given(st.text(max_size=40))
def test_any_text_is_an_address_that_equals_itself(text):
    assert address(address(text)) == address(text) or "?" in text or ":" in text
    assert address(text) == address(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://x.com/a/status/1?s=20", "http://www.x.com/a/status/1/", True),
        ("https://www.youtube.com/watch?v=A", "https://www.youtube.com/watch?v=a", False),
        ("HTTPS://Instagram.com/p/Q/?igsh=1#x", "instagram.com/p/Q", True),
        ("https://[broken", "https://[broken", True),
        ("https://a.com/?page=1", "https://a.com/?page=2", False),
    ],
)
def test_addresses_are_compared_without_what_says_nothing(one, other, same):
    assert (address(one) == address(other)) is same
