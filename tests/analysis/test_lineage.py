"""A predicate is a text that states a figure; whoever pastes it back has the same predicate."""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagerr_core.analysis.figures import KEYS, question
from engagerr_core.analysis.lineage import Lineage
from engagerr_core.analysis.predicate import QUESTION, Predicate, asked_of, asked_of_overview, predicate_of
from engagerr_core.errors import EngagerrError, InvalidArgument, UnknownName
from engagerr_core.vocabulary.metrics import metrics

NAMES = st.text(max_size=12) | st.sampled_from(
    ["Ada L.", "a=b", "x,y", '"q"', "it's", "two\nlines", "by", "1..2", "Zoë 🎵", "%41", "+", "❤️", "‮abc", "known", ""]
)
DAYS = st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@st.composite
def predicates(draw) -> Predicate:
    table = draw(st.sampled_from(["", "", "platforms", "reach"]))
    keys = draw(st.lists(st.sampled_from([*KEYS, "country"]), unique=True, max_size=3))
    flow = "country" in keys or draw(st.booleans())
    start, end = sorted([draw(DAYS), draw(DAYS)], key=lambda day: (day is None, day))
    freq = draw(st.sampled_from([None, "D", "W", "M"]))
    return Predicate(
        metric=draw(st.sampled_from(sorted(metrics()))),
        creator=draw(st.none() | NAMES),
        platforms=tuple(draw(st.lists(NAMES.filter(bool), max_size=2))),
        keys=tuple((key, draw(NAMES)) for key in keys),
        start=start, end=end, freq=freq,
        period=None if freq is None else draw(DAYS.filter(bool)),
        basis="flow" if flow else "stock",
        table=table,
        as_of=draw(st.none() | INSTANTS),
        coefficient_set=draw(st.just("") | NAMES),
    )  # fmt: skip


@given(predicates())
def test_the_text_of_every_predicate_reads_back(p):
    assert Predicate.parse(str(p)) == p


@given(predicates())
def test_the_text_is_harmless_between_quotes_in_a_cell_and_on_a_page(p):
    text = str(p)
    assert not re.search(r"[\"'`$\\<>&|;!*?(){}\[\]#~\n\r\t]", text)
    assert text.isprintable()
    assert not text.startswith(("=", "+", "-", "@"))


@given(predicates(), st.sampled_from(["\n", "  ", "\t\n "]))
def test_line_breaks_and_blanks_between_words_do_not_matter(p, between):
    assert Predicate.parse(f" {str(p).replace(' ', between)}\n") == p


PRINTED = (
    "engagement_rate creator=Zoë+Okafor-Lindqvist by platform=youtube 2026-10-01..2026-10-28 flow "
    "known 2026-11-02T09:30:00.000001Z coefficients=default+2026.1"
)


@given(st.sets(st.integers(1, len(PRINTED) - 1), max_size=4), st.sampled_from(["", "\u200b", "\u00ad"]))
def test_a_text_copied_from_a_printed_page_reads_back_wherever_its_lines_broke(places, invisible):
    pieces = [PRINTED[a:b] for a, b in zip([0, *sorted(places)], [*sorted(places), len(PRINTED)], strict=True)]
    assert Predicate.parse(f"{invisible}\n".join(pieces)) == Predicate.parse(PRINTED)


@given(st.text(max_size=60))
def test_any_other_text_is_refused_with_a_reason(text):
    try:
        p = Predicate.parse(text)
    except EngagerrError:  # any other exception fails the test
        return
    assert Predicate.parse(str(p)) == p


def test_the_text_is_stable():
    p = Predicate(
        metric="engagement_rate", creator="Zoë Okafor", keys=(("platform", "youtube"),), start=date(2026, 10, 1),
        end=date(2026, 10, 28), as_of=datetime(2026, 11, 2, 9, 30, 0, 1, tzinfo=UTC), coefficient_set="default 2026.1",
    )  # fmt: skip
    assert str(p) == (
        "engagement_rate creator=Zoë+Okafor by platform=youtube 2026-10-01..2026-10-28 flow "
        "known 2026-11-02T09:30:00.000001Z coefficients=default+2026.1"
    )


def test_keys_may_be_written_without_by():
    assert Predicate.parse("views creator=Ada platform=youtube .. flow").keys == (("platform", "youtube"),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "states no figure"),
        ("views", "states no figure"),
        ("views 2026-01-01..2026-01-02", "states no figure"),
        ("views by colour=red .. flow", "no key"),
        ("views by platform .. flow", "no pair"),
        ("views 2026-13-01.. flow", "not a day"),
        ("views .. flow known yesterday", "not an instant"),
        ("views .. flow known 2026-01-01T00:00:00", "no time zone"),
        ("views .. flow known", "says nothing"),
        ("views .. flow table=posts", "no table"),
        ("views creator=%FF .. flow", "is no text"),
        ("views by platform=x platform=y .. flow", "once"),
        ("views 2026-02-01..2026-01-01 flow", "Swap"),
    ],
)
def test_a_mistake_is_named(text, why):
    with pytest.raises(InvalidArgument, match=why):
        Predicate.parse(text)


def test_an_unknown_metric_is_told_with_the_nearest():
    with pytest.raises(UnknownName, match="standard_views"):
        Predicate.parse("standart_views .. flow")


def test_an_instant_is_the_same_in_every_zone():
    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    there = at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert Predicate(metric="views", as_of=at) == Predicate(metric="views", as_of=there)


def _frame(by=("platform",), **more) -> pd.DataFrame:
    asked = question(by, start="2026-10-01", end="2026-10-28", **more)
    frame = pd.DataFrame({"platform": ["x", "youtube"], "metric": ["views", "standard_views"], "value": [1.0, 2.0]})
    frame.attrs[QUESTION] = asked_of(
        asked, creator="Ada", as_of=datetime(2026, 11, 2, tzinfo=UTC), coefficient_set="default 1"
    )
    return frame


@pytest.mark.parametrize(
    "take",
    [
        lambda f: f.iloc[1], lambda f: f.loc[1], lambda f: f[f["platform"] == "youtube"],
        lambda f: f.query("value == 2").iloc[0], lambda f: f.sort_values("value").tail(1),
        lambda f: f.set_index("metric").loc["standard_views"], lambda f: list(f.iterrows())[1][1],
        lambda f: f.set_index("platform").loc[["youtube"]], lambda f: f.copy().assign(rank=1).iloc[1],
        lambda f: pd.concat([f, f], ignore_index=True).iloc[3],
    ],
)  # fmt: skip
def test_a_row_knows_its_question_however_it_was_taken(take):
    p = predicate_of(take(_frame()))
    assert str(p) == (
        "standard_views creator=Ada by platform=youtube 2026-10-01..2026-10-28 flow "
        "known 2026-11-02T00:00:00.000000Z coefficients=default+1"
    )


def test_a_native_figure_names_no_coefficients():
    assert predicate_of(_frame().iloc[0]).coefficient_set == ""


def test_the_question_is_plain_data():
    asked = _frame().attrs[QUESTION]
    assert json.loads(json.dumps(asked)) == asked


def test_a_row_that_lost_its_question_is_refused_with_the_way_out():
    lost = _frame().merge(pd.DataFrame({"platform": ["x"], "owner": ["me"]}))
    with pytest.raises(InvalidArgument, match=r"merging.*ws\.metrics"):
        predicate_of(lost.iloc[0])


def test_several_rows_are_refused():
    with pytest.raises(InvalidArgument, match="2 rows"):
        predicate_of(_frame())


def test_a_row_without_its_key_is_refused():
    with pytest.raises(InvalidArgument, match="no 'platform' any more"):
        predicate_of(_frame().drop(columns="platform").iloc[0])


def test_rows_of_an_overview_choose_their_figure():
    table = pd.DataFrame({"platform": ["youtube"], "standard_views": [5.0], "engagement_rate": [0.1]})
    table.attrs[QUESTION] = asked_of_overview(
        "platforms", date(2026, 10, 1), date(2026, 10, 28), creator="Ada", as_of=None, coefficient_set="default 1"
    )
    views, rate = predicate_of(table.iloc[0]), predicate_of(table.iloc[0], "engagement_rate")
    assert (views.metric, views.basis, views.table) == ("standard_views", "flow", "platforms")
    assert (rate.metric, rate.basis) == ("engagement_rate", "stock")


def _lineage(**fields) -> Lineage:
    nothing = pd.DataFrame()
    given = {"value": 1234.0, "low": float("nan"), "high": float("nan"), "given": float("nan"), "steps": ()}
    frames = dict.fromkeys(("rows", "files", "coefficients", "definitions", "superseded"), nothing)
    return Lineage(predicate=Predicate(metric="views", creator="Ada"), **{**given, **frames, **fields})


def test_one_sentence_tells_value_and_source():
    rows = pd.DataFrame({"path": ["a", "a"]})
    told = str(_lineage(rows=rows, files=rows.head(1)))
    assert told == "Views of Ada, all days: 1,234, from 2 rows of 1 file."


def test_a_row_with_another_value_is_not_explained_as_if_it_were_right():
    told = _lineage(given=5.0)
    assert not told.agrees
    assert "the row given says 5, which these rows do not" in str(told)


def test_bounds_and_unknown_are_said():
    unknown = float("nan")
    assert ": 1 to 3," in str(_lineage(value=unknown, low=1.0, high=3.0))
    assert ": at least 1," in str(_lineage(value=unknown, low=1.0))
    assert ": unknown," in str(_lineage(value=unknown))


def test_html_escapes_every_text():
    hostile = "<script>alert(1)</script>"
    rows = pd.DataFrame({"path": [hostile], "title": ['=HYPERLINK("http://x")<img>']})
    page = _lineage(rows=rows, files=rows, steps=(hostile,))._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_json_has_all_of_it_and_unknown_is_null():
    rows = pd.DataFrame({"path": ["a"], "row": [2], "views": [1.5], "known_at": [pd.Timestamp("2026-01-01", tz="UTC")]})
    told = _lineage(rows=rows, value=float("nan"), steps=("one",))
    held = json.loads(told.to_json())
    assert held["value"] is None
    assert held["rows"] == [{"path": "a", "row": 2, "views": 1.5, "known_at": "2026-01-01T00:00:00.000Z"}]
    assert Predicate.parse(held["predicate"]) == told.predicate
    assert told.counts == ("views",)
