"""A change of definition gives an annotation and a like-for-like change, never growth."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.analysis.aggregation import total_by
from engagerr_core.analysis.comparison import compare_periods
from engagerr_core.analysis.formats import format_contrasts
from engagerr_core.analysis.normalize import standardise
from engagerr_core.analysis.overview import overview
from engagerr_core.analysis.overview_tables import Span, change_of
from engagerr_core.analysis.posts import in_one_notion, rated_posts
from engagerr_core.analysis.splicing import ENOUGH_OVERLAP, counted_from, made_from, spliced
from engagerr_core.analysis.subjects import daily_flows, lifetimes
from engagerr_core.vocabulary.definitions import definition_changes, definition_in_force
from tests.analysis.examples import COEFFICIENTS, contents, frame, observation

LONG = {"content": "a", "format": "long_video", "published": "2024-01-01"}
SHORT = {"content": "b", "format": "short_video", "published": "2024-01-01"}
PHOTO = {"platform": "instagram", "content": "c", "format": "image", "published": "2024-01-01"}


def youtube(ratio):
    """Engaged views are the interest; from the day of the change views count every start."""
    return lambda interest, since: {"engaged_views": interest, "views": interest * (ratio if since else 1.0)}


def meta(interest, since):
    return {"views": interest} if since else {"impressions": interest}


# platform, day of the change, what the account publishes, what is exported of a day's interest
CHANGES = {
    "Shorts 2025": ("youtube", "2025-03-31", [LONG, SHORT], youtube(1.42)),
    "all formats 2026": ("youtube", "2026-08-24", [LONG], youtube(1.27)),
    "Instagram 2025": ("instagram", "2025-04-21", [PHOTO], meta),
    "Facebook 2025": ("facebook", "2025-11-15", [], meta),
    "Facebook 2026": ("facebook", "2026-06-15", [], meta),
}


def world(platform, day, exported, *, growth=0.0, seed=7, before=196, after=28):
    """Account days whose true interest is flat, but for the growth that begins with the change."""
    rng, change = np.random.default_rng(seed), pd.Timestamp(day)
    rows = []
    for one in pd.date_range(change - pd.Timedelta(days=before), periods=before + after):
        since = one >= change
        interest = 1000 * np.exp(rng.normal(0, 0.02)) * (1 + growth * since)
        rows.append(observation(platform, f"{one:%Y-%m-%d}", likes=9.0, comments=1.0, saves=1.0,
                                **exported(interest, since)))  # fmt: skip
    return frame(rows)


def span_from(day):
    return Span(pd.Timestamp(day), pd.Timestamp(day) + pd.Timedelta(days=27))


def like_for_like(rows, posts, day):
    span = span_from(day)
    splice = spliced(daily_flows(rows), posts, (span.before.start, span.before.end), (span.start, span.end))
    return splice, change_of(splice, "standard_views", span, COEFFICIENTS)


def naive(rows, day):
    """Standard views against those of the period before, as if nothing had happened."""
    span, made = span_from(day), standardise(daily_flows(rows), COEFFICIENTS)
    now, before = (
        total_by(made[s.of(made["day"])], ["creator"], "standard_views").iloc[0] for s in (span, span.before)
    )
    return now / before - 1


@pytest.mark.parametrize("growth", [0.0, 0.2])
@pytest.mark.parametrize("name", CHANGES)
def test_the_true_change_is_found_where_the_naive_one_is_far_off(name, growth):
    platform, day, posts, exported = CHANGES[name]
    rows = world(platform, day, exported, growth=growth)
    splice, compared = like_for_like(rows, contents(posts), day)
    assert compared.change.change == pytest.approx(growth, abs=0.02)
    assert compared.change.low <= growth <= compared.change.high
    assert compared.change.real == (growth > 0)
    assert naive(rows, day) > growth + 0.15  # negative control
    note = splice.annotations.iloc[0]
    assert (note["platform"], note["day"], note["bridged"]) == (platform, pd.Timestamp(day), True)
    assert "bridged through" in note["how"]
    assert note["text"]
    assert splice.bridged == (platform,)
    assert "bridged" in str(splice)


@pytest.mark.parametrize("name", CHANGES)
def test_the_overview_annotates_it_and_never_calls_it_growth(name):
    platform, day, posts, exported = CHANGES[name]
    span = span_from(day)
    made = overview(
        "Ada", world(platform, day, exported), contents(posts), COEFFICIENTS, start=span.start, end=span.end
    )
    drawn = made.changes[made.changes["day"] == span.start]
    assert set(drawn["platform"]) == {platform}
    assert drawn["how"].str.contains("bridged").all()
    assert (made.changes.loc[made.changes["day"] < span.before.start, "how"] == "").all()  # drawn, but not crossed
    card = made.cards.set_index("metric").loc["standard_views"]
    assert abs(card["change"]) < 0.02
    assert card["real"] is False
    assert "like for like" in card["note"]
    one = made.platforms.iloc[0]
    assert abs(one["change"]) < 0.02
    assert abs(one["contribution"]) < 0.02 * one["standard_views"]
    assert "like for like" in one["note"]
    assert "like for like on" in made.sentences[1].text
    assert "within its usual swing" in made.sentences[1].text or "about as often" in made.sentences[1].text
    rate = made.cards.set_index("metric").loc["engagement_rate"]
    assert np.isnan([rate["previous"], rate["change"]]).all()  # the rate before has another denominator
    assert "another definition" in rate["note"]


@pytest.mark.parametrize("name", ["Shorts 2025", "all formats 2026"])
def test_without_engaged_views_the_change_is_unknown_and_said(name):
    platform, day, posts, exported = CHANGES[name]
    rows = world(platform, day, exported).assign(engaged_views=np.nan)
    splice, compared = like_for_like(rows, contents(posts), day)
    assert np.isnan(compared.change.change)
    assert "count differently" in str(compared.change)
    assert splice.bridged == ()
    how = splice.annotations["how"].iloc[0]
    assert how == "split: engaged views can be told for 28 of 28 days before and for 0 of 28 since"
    assert splice.rows["views"].equals(daily_flows(rows)["views"])  # what cannot be bridged is left as it is
    span = span_from(day)
    made = overview("Ada", rows, contents(posts), COEFFICIENTS, start=span.start, end=span.end)
    card = made.cards.set_index("metric").loc["standard_views"]
    assert np.isnan(card["change"])
    assert card["real"] is None
    assert "count differently" in made.sentences[1].text
    assert "the change is not shown" in made.platforms["note"].iloc[0]


def test_views_by_the_older_definition_are_engaged_views_of_their_time():
    """Files from before 2025-03-31 have no such column: views counted the same then."""
    day = "2025-03-31"
    rows = world("youtube", day, lambda i, since: {"engaged_views": i, "views": 1.42 * i} if since else {"views": i})
    splice, compared = like_for_like(rows, contents([SHORT]), day)
    assert abs(compared.change.change) < 0.02
    assert "views by the older definition standing in unscaled" in splice.annotations["how"].iloc[0]
    assert (splice.rows["bridge_error"] == 0).all()


def test_a_split_platform_is_left_out_and_the_others_are_still_compared():
    day = "2026-08-24"
    rows = pd.concat([
        world("youtube", day, youtube(1.27)).assign(engaged_views=np.nan),
        world("tiktok", day, lambda i, _: {"views": i}, growth=0.2, seed=3),
    ], ignore_index=True)  # fmt: skip
    _, compared = like_for_like(rows, contents([LONG]), day)
    assert compared.change.change == pytest.approx(0.2, abs=0.02)
    assert (compared.platforms, compared.left_out, compared.split) == (("TikTok",), ("YouTube",), ("YouTube",))
    span = span_from(day)
    made = overview("Ada", rows, contents([LONG]), COEFFICIENTS, start=span.start, end=span.end)
    assert "on TikTok alone" in made.sentences[1].text
    assert (
        "without YouTube, which began to count differently"
        in made.cards.set_index("metric").loc["standard_views"]["note"]
    )


def test_one_split_account_among_several_of_a_platform_is_named():
    day = "2026-08-24"
    rows = world("youtube", day, youtube(1.27), growth=0.2)
    other = world("youtube", day, youtube(1.27)).assign(engaged_views=np.nan, account="youtube-2")
    posts = pd.concat([contents([LONG]), contents([LONG]).assign(account="youtube-2")], ignore_index=True)
    both = pd.concat([rows, other], ignore_index=True)
    splice, compared = like_for_like(both, posts, day)
    assert compared.change.change == pytest.approx(0.2, abs=0.02)
    assert splice.annotations["how"].iloc[0] == "bridged for 1 of 2"
    assert not splice.annotations["bridged"].any()
    span = span_from(day)
    made = overview("Ada", both, posts, COEFFICIENTS, start=span.start, end=span.end)
    card = made.cards.set_index("metric").loc["standard_views"]
    assert "change without an account of YouTube" in card["note"]
    assert np.isnan(card["previous"])
    assert np.isnan(made.platforms["change"].iloc[0])


def concerned(posts, day="2025-03-31", platform="youtube"):
    rows = world(platform, day, lambda i, _: {"views": i}, before=28)
    return set(spliced(daily_flows(rows), contents(posts)).changes["day"].dt.strftime("%Y-%m-%d"))


def test_a_change_of_some_formats_concerns_accounts_that_may_have_them():
    assert "2025-03-31" in concerned([SHORT])
    assert "2025-03-31" in concerned([LONG, SHORT])
    assert "2025-03-31" not in concerned([LONG])
    assert "2025-03-31" in concerned([])  # no post is known, so it may be Shorts
    assert "2025-03-31" in concerned([LONG, SHORT | {"format": ""}])  # nor does a post without a format tell
    assert "2025-03-31" not in concerned([LONG, SHORT | {"published": "2026-01-01"}])  # its first Short came later
    assert "2025-03-31" in concerned([LONG, SHORT | {"published": None}])


def test_a_change_of_all_formats_spares_those_with_definitions_of_their_own():
    assert "2026-08-24" not in concerned([SHORT])
    assert "2026-08-24" in concerned([LONG, SHORT])
    assert "2026-08-24" in concerned([])
    assert concerned([PHOTO], platform="tiktok") == set()


def test_shorts_go_on_by_their_own_definition():
    after = date(2026, 9, 1)
    assert (
        definition_in_force("youtube", "views", after, after, "short_video") == "youtube.views[short_video]@2025-03-31"
    )
    on_the_day = [c for c in definition_changes(("youtube",)) if c.day == date(2026, 8, 24)]
    assert [c.formats for c in on_the_day] == [()]  # nothing began or ended for Shorts


def test_posts_are_concerned_by_their_own_format():
    rows = [
        observation(day=f"{d:%Y-%m-%d}", content=post, views=100.0, engaged_views=90.0)
        for d in pd.date_range("2025-03-01", "2025-04-30") for post in ("a", "b", "z")
    ]  # fmt: skip
    splice = spliced(daily_flows(frame(rows), posts=True), contents([LONG, SHORT]))
    assert list(splice.joints["content"]) == ["b", "z"]  # the Short, and the post that nothing is known of
    views = splice.rows.groupby("content")["views"].unique()
    assert {post: list(v) for post, v in views.items()} == {"a": [100.0], "b": [90.0], "z": [90.0]}


def overlapping(days_of_overlap, ratio=0.8, spread=0.02, growth=0.0, seed=5):
    """Engaged views are exported only for the last days before the change and since."""
    rng, change = np.random.default_rng(seed), pd.Timestamp("2026-08-24")
    rows = []
    for one in pd.date_range(change - pd.Timedelta(days=196), periods=224):
        interest = 1000 * np.exp(rng.normal(0, 0.02)) * (1 + growth * (one >= change))
        known = one >= change - pd.Timedelta(days=days_of_overlap)
        views = interest / ratio * np.exp(rng.normal(0, spread)) * (1.2 if one >= change else 1.0)
        rows.append(observation(day=f"{one:%Y-%m-%d}", views=views, engaged_views=interest if known else np.nan))
    return frame(rows)


def test_an_overlap_calibrates_a_bridge_and_says_that_it_is_estimated():
    """Shorts among the posts: before the change views are no engaged views, but four weeks tell the ratio."""
    rows, span = overlapping(ENOUGH_OVERLAP, growth=0.2), span_from("2026-09-07")  # compared with days on both sides
    spans = (span.before.start - pd.Timedelta(days=28), span.before.end), (span.start, span.end)
    splice = spliced(daily_flows(rows), contents([LONG, SHORT]), *spans)
    joint = splice.joints.iloc[0]
    assert joint["bridged"]
    assert joint["ratio"] == pytest.approx(0.8, abs=0.01)
    assert joint["ratio_low"] < 0.8 < joint["ratio_high"]
    assert "estimated as views × 0.8" in joint["how"]
    scaled = splice.rows["bridge_error"] > 0
    assert scaled.to_numpy().sum() == 196 - ENOUGH_OVERLAP
    assert splice.rows.loc[scaled, "views"].mean() == pytest.approx(1000, rel=0.02)
    assert splice.rows.loc[~scaled, "views"].equals(daily_flows(rows).loc[~scaled, "engaged_views"].rename("views"))


def test_too_short_an_overlap_splits():
    rows = overlapping(ENOUGH_OVERLAP - 1)
    splice = spliced(daily_flows(rows), contents([LONG, SHORT]))
    assert not splice.joints["bridged"].any()
    assert "split" in splice.annotations["how"].iloc[0]


def test_a_calibrated_bridge_widens_the_interval():
    """Engaged views are unknown in the period before the change alone; the ratio swings from week to week."""
    runs, covered, without = 100, 0, 0
    index, day = pd.date_range("2025-12-15", "2026-09-20"), pd.Timestamp("2026-08-24")
    span = span_from(day)
    known = (index < span.before.start) | (index >= day)
    account = {"creator": "Ada", "platform": "youtube", "account": "youtube-1"}
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        weekly = np.repeat(rng.normal(0, 0.06, len(index) // 7), 7)
        interest = 1000 * np.exp(rng.normal(0, 0.01, len(index)))
        days = pd.DataFrame({"day": index, "views": interest * np.exp(weekly) / 0.8,
                             "engaged_views": np.where(known, interest, np.nan), **account})  # fmt: skip
        spans = (span.before.start, span.before.end), (span.start, span.end)
        splice = spliced(days, contents([LONG, SHORT]), *spans)
        change = change_of(splice, "standard_views", span, COEFFICIENTS).change
        covered += change.low <= 0 <= change.high
        series = splice.rows.set_index("day")["views"]
        blind = compare_periods(series, span.start, span.end)  # as if the bridge were exact
        without += blind.low <= 0 <= blind.high
    assert covered / runs >= 0.93
    assert without / runs < 0.6  # negative control


def test_an_overlap_that_contradicts_beats_the_platforms_word():
    """Facebook says that views continue impressions; where both are known for weeks, what they show counts."""
    rows = []
    for d in pd.date_range("2025-12-01", "2026-07-12"):
        day, fields = f"{d:%Y-%m-%d}", {}
        if d < pd.Timestamp("2026-06-15"):
            fields["impressions"] = 800.0
        if d >= pd.Timestamp("2026-05-18"):
            fields["views"] = 1000.0
        rows.append(observation("facebook", day, **fields))
    splice = spliced(daily_flows(frame(rows)), contents(), ("2026-05-01", "2026-07-12"))
    assert splice.joints["ratio"].iloc[-1] == pytest.approx(1.25)
    assert splice.rows["views"].to_numpy() == pytest.approx(1000.0)


def test_plays_alone_are_not_what_views_count_since():
    rows = world("instagram", "2025-04-21", lambda i, _: {"views": i})
    splice, compared = like_for_like(rows, contents([PHOTO]), "2025-04-21")
    assert np.isnan(compared.change.change)
    assert not splice.joints["bridged"].any()


def test_files_that_change_over_by_themselves_are_spliced_too():
    """Nothing was redefined that month, but the files gave impressions before and views since."""
    day = "2026-03-01"
    rows = world("facebook", day, meta)
    splice, compared = like_for_like(rows, contents(), day)
    assert abs(compared.change.change) < 0.02
    assert naive(rows, day) > 0.2  # impressions × 0.8 against views
    assert list(splice.joints["day"]) == [pd.Timestamp(day)]
    assert "on some days" in splice.annotations["text"].iloc[0]


def test_a_change_that_the_days_do_not_cross_changes_nothing():
    rows = world("youtube", "2026-08-24", youtube(1.27))
    after = daily_flows(rows[pd.to_datetime(rows["period_start"]) >= pd.Timestamp("2026-08-24")])
    splice = spliced(after, contents([LONG]))
    assert splice.joints.empty
    assert str(splice) == "No change of definition is crossed."
    assert splice.rows["views"].equals(after["views"])
    assert len(splice.changes)  # it still concerns the account


def test_nothing_known_gives_nothing():
    splice = spliced(daily_flows(frame([])), contents())
    assert splice.rows.empty
    assert splice.annotations.empty
    assert splice.bridged == ()


def test_which_changes_touch_which_metric():
    assert made_from("standard_views", "instagram", COEFFICIENTS) == {"views", "impressions"}
    assert made_from("average_view_seconds", "youtube", COEFFICIENTS) == {"average_view_seconds", "views"}
    assert "views" in made_from("engagement_rate", "youtube", COEFFICIENTS)
    rows = world("youtube", "2026-08-24", youtube(1.27))
    splice = spliced(daily_flows(rows), contents([LONG]))
    touched = {n: len(counted_from(splice.joints, n, COEFFICIENTS)) for n in ("views", "likes", "engagement_rate")}
    assert touched == {"views": 1, "likes": 0, "engagement_rate": 1}


def lifetimes_of(platform_views, n=40):
    """Posts of two formats with the same true interest, before and after the change of 2026."""
    rng, rows, posts = np.random.default_rng(11), [], []
    for i in range(n):
        for form in ("short_video", "long_video"):
            name, published = f"{form}{i}", pd.Timestamp("2026-04-01") + pd.Timedelta(days=4 * i)
            engaged = float(np.round(1000 * np.exp(rng.normal(0, 0.3))))
            started = form == "short_video" or published >= pd.Timestamp("2026-08-24")
            counts = {"engaged_views": engaged, "views": engaged * (1.42 if started else 1.0)} | platform_views
            rows.append(observation(content=name, basis="stock", observed_at="2026-11-03T00:00:00Z",
                                    likes=engaged * 0.05, comments=0.0, **counts))  # fmt: skip
            posts.append({"content": name, "format": form, "published": f"{published:%Y-%m-%d}"})
    return lifetimes(frame(rows), contents(posts))


def test_a_format_is_not_seen_more_because_its_starts_are_counted():
    posts = lifetimes_of({})
    rated = rated_posts(posts, COEFFICIENTS)
    naive_contrast = format_contrasts(rated)[0]
    assert naive_contrast.better == "short_video"
    assert naive_contrast.q_value < 0.05  # negative control
    contrast = format_contrasts(in_one_notion(rated, posts, COEFFICIENTS))[0]
    assert contrast.q_value > 0.05
    blind = lifetimes_of({"engaged_views": np.nan})
    found = in_one_notion(rated_posts(blind, COEFFICIENTS), blind, COEFFICIENTS)
    assert found["standard_views"].isna().all()  # nothing tells, so nothing is compared


def test_a_post_is_not_short_of_its_kind_because_its_views_count_more():
    rated = rated_posts(lifetimes_of({}), COEFFICIENTS)
    long = rated[rated["format"] == "long_video"].set_index("content")
    early, late = (long[long["published_on"].lt("2026-08-24") == before] for before in (True, False))
    assert early["kind_rate"].mean() == pytest.approx(0.05, rel=0.02)
    assert late["kind_rate"].mean() == pytest.approx(0.05 / 1.42, rel=0.02)
    assert (rated["q_short"] > 0.05).all()


@settings(deadline=None, max_examples=20)
@given(
    factor=st.floats(1.01, 5), name=st.sampled_from(["Shorts 2025", "all formats 2026"]), order=st.randoms(),
    holes=st.sets(st.integers(0, 55), max_size=4),
)  # fmt: skip
def test_how_starts_are_counted_never_moves_the_change(factor, name, order, holes):
    """Whatever the ratio of starts to engaged views, the order of rows and some unknown days: the same change."""
    platform, day, posts, _ = CHANGES[name]
    rows = world(platform, day, youtube(1.3), before=56)
    lost = rows.index[-56:][sorted(holes)]
    rows.loc[lost, ["views", "engaged_views"]] = np.nan
    since = pd.to_datetime(rows["period_start"]) >= pd.Timestamp(day)
    other = rows.assign(views=rows["views"] * np.where(since, factor, 1.0))
    shuffled = other.sample(frac=1, random_state=order.randint(0, 1000))
    first, again = (like_for_like(r, contents(posts), day)[1].change.change for r in (rows, shuffled))
    assert first == pytest.approx(again, nan_ok=True)
