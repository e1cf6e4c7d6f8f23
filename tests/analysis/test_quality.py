"""Validation in four stages: what is wrong is found and named, what is right stays silent."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagerr_core.analysis.quality.findings import FINDING_COLUMNS, SEVERITIES, findings_table
from engagerr_core.analysis.quality.history import restatement_findings
from engagerr_core.analysis.quality.report import QualityReport, assess
from engagerr_core.vocabulary.identities import identities
from engagerr_core.vocabulary.observation import METRICS
from tests.analysis.examples import contents, days, frame, observation

SEEN = "2026-11-03T00:00:00Z"
FILES = pd.DataFrame(
    columns=[
        "path",
        "platform",
        "creator",
        "account",
        "kind",
        "columns_aside",
        "rows_read",
        "rows_stored",
        "period_start",
    ]
)
QUARANTINE = pd.DataFrame(columns=["file", "path", "row", "column", "value", "reason", "advice"])
ACCOUNTS = pd.DataFrame(columns=["creator", "platform", "account"])


def assessed(rows, posts=(), *, accounts=ACCOUNTS, files=FILES, quarantine=QUARANTINE) -> QualityReport:
    return assess("", frame(list(rows)), contents(list(posts)), accounts, files, quarantine)


def rules(rows, posts=(), **more) -> dict[str, int]:
    """Rule → cases, without those that say that a file did not tell something."""
    found = assessed(rows, posts, **more).findings
    found = found[~found["rule"].str.endswith("not told")]
    return found.groupby("rule")["count"].sum().to_dict()


def whole_days(first="2026-10-01", last="2026-10-31", platform="youtube", **figures):
    return [observation(platform, day=d, observed_at=SEEN, **({"views": 10.0} | figures)) for d in days(first, last)]


def test_sound_data_are_silent():
    assert rules(whole_days()) == {}
    report = assessed(whole_days())
    assert (report.exit_code, report.counts) == (0, {"error": 0, "warning": 0, "note": 0})
    assert "nothing to mind" in str(report)


def test_nothing_at_all():
    report = assessed([])
    assert report.findings.empty
    assert tuple(report.findings.columns) == FINDING_COLUMNS
    assert str(report) == "Nothing is stored yet. Ingest files first."


@pytest.mark.parametrize("identity", identities(), ids=lambda one: one.name)
def test_each_identity_is_kept_in_both_directions(identity):
    platform = identity.platforms[0] if identity.platforms else "instagram"
    names = [name.lstrip("-") for name in identity.right]
    assert {identity.left, *names} <= set(METRICS)
    signs = [-1.0 if told.startswith("-") else 1.0 for told in identity.right]
    right = {name: 100.0 * (len(names) - i) for i, name in enumerate(names)}
    side = sum(sign * right[name] for sign, name in zip(signs, names, strict=True))
    kept = observation(platform, day="2026-10-01", **{identity.left: side}, **right)
    assert identity.name not in rules([kept])
    over = observation(platform, day="2026-10-01", **{identity.left: side * 1.5 + 9}, **right)
    under = observation(platform, day="2026-10-01", **{identity.left: side * 0.5 - 9}, **right)
    broken = {"<=": [True, False], ">=": [False, True], "==": [True, True]}[identity.relation]
    assert [identity.name in rules([row]) for row in (over, under)] == broken
    for name in (identity.left, *names):  # what is unknown breaks nothing
        assert identity.name not in rules([over | {name: np.nan}])
        assert identity.name not in rules([under | {name: np.nan}])
    if identity.platforms:
        assert identity.name not in rules([over | {"platform": "spotify"}])


@pytest.mark.parametrize(
    ("figures", "rule"),
    [
        ({"followers_share": 1.01}, "share above the whole"),
        ({"followers_share": 1.0}, None),
        ({"average_viewed_share": 1.4}, None),
        ({"average_viewed_share": 45.0}, "share above the whole"),
        ({"reach": -1.0}, "below zero"),
        ({"followers_net": -1.0}, None),
        ({"likes": -3.0}, None),
    ],
)
def test_bounds(figures, rule):
    found = rules([observation("instagram", day="2026-10-01", **figures)])
    assert found == ({} if rule is None else {rule: 1})


def test_many_broken_rows_are_counted_and_the_first_ones_named():
    found = assessed(whole_days(platform="instagram", reach=20.0)).findings
    mine = found[found["rule"] == "reach within views"]
    assert len(mine) == 3
    assert mine["count"].tolist() == [31, 1, 1]
    assert mine[["value", "expected"]].iloc[0].tolist() == [20.0, 10.0]
    assert mine["file"].eq("f" * 64).all()


def test_figures_of_days_to_come_are_errors():
    report = assessed([observation(day="2026-12-24", views=1.0, observed_at=SEEN)])
    assert report.exit_code == 1
    assert "observed before its day" in set(report.findings["rule"])


def post(views, seen, **more):
    return observation(content="a", basis="stock", views=views, observed_at=seen, **more)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (1000.0, 880.0, "counter corrected"), (1000.0, 999.0, None), (1000.0, 0.0, "counter reset"),
        (1000.0, 499.0, "counter reset"), (12_300.0, 12_200.0, "counter rounded"), (100.0, 97.0, None),
        (0.0, 5000.0, None), (99.0, 5000.0, None), (100.0, 1101.0, "counter leapt"), (100.0, 1100.0, None),
        (100.0, np.nan, None),
    ],
)  # fmt: skip
def test_counters(before, after, rule):
    rows = [post(before, "2026-10-01T00:00:00Z"), post(after, "2026-10-08T00:00:00Z")]
    published = [{"content": "a", "published": "2026-09-01"}]
    for some in (rows, rows[::-1]):
        found = {name for name in rules(some, published) if name.startswith("counter")}
        assert found == ({rule} if rule else set())


def test_a_fall_that_was_undone_is_told_so_with_advice_of_its_own():
    rows = [post(v, f"2026-10-0{d}T09:30:00Z") for d, v in ((1, 1000.0), (2, 0.0), (3, 1010.0))]
    found = assessed(rows, [{"content": "a", "published": "2026-09-01"}]).findings
    found = found[found["rule"].str.startswith("counter")].set_index("rule")
    assert found["severity"].to_dict() == {"counter reset": "warning", "counter restored": "note"}
    assert found["finding"].to_dict() == {
        "counter reset": "Views went from 1,000 to 0 (-100%) between two exports.",
        "counter restored": "Views went from 0 to 1,010 between two exports.",
    }
    assert found.loc["counter reset", ["period_start", "period_end"]].tolist() == [
        pd.Timestamp("2026-10-01"), pd.Timestamp("2026-10-02")
    ]  # fmt: skip
    assert found["advice"].nunique() == 2


def test_rounded_and_redefined_counters_are_one_finding_an_account():
    def both(day, views):
        return [post(views, f"{day}T00:00:00Z") | {"content": name} for name in "abc"]

    rounded = [*both("2026-10-01", 12_300.0), *both("2026-10-02", 12_200.0)]
    assert rules(rounded)["counter rounded"] == 3
    found = assessed(rounded).findings
    assert (found["rule"] == "counter rounded").sum() == 1
    change = [*both("2026-08-20", 1000.0), *both("2026-08-26", 400.0)]
    found = assessed(change).findings
    assert found[found["rule"].str.startswith("counter")]["rule"].tolist() == ["counter redefined"]
    later = [*both("2026-08-25", 1000.0), *both("2026-08-26", 400.0)]
    assert rules(later)["counter reset"] == 3


def test_a_fall_over_an_unknown_is_still_a_fall_and_another_post_none():
    rows = [
        post(1000.0, "2026-10-01T00:00:00Z"),
        post(np.nan, "2026-10-04T00:00:00Z"),
        post(10.0, "2026-10-08T00:00:00Z"),
    ]
    assert "counter reset" in rules(rows)
    assert "counter reset" not in rules([rows[0], rows[2] | {"content": "b"}])
    assert "counter reset" not in rules([rows[0], rows[2] | {"dimension": "country", "dimension_value": "DE"}])


def test_two_exports_of_one_day_are_one_statement():
    rows = [post(v, f"2026-10-01T{h}:00:00Z") for h, v in ((8, 1000.0), (9, 400.0))]
    assert not any(rule.startswith("counter") for rule in rules(rows))


def stated(seen, views, day="2026-10-01", **more):
    return observation(day=day, observed_at=f"{seen}T00:00:00Z", views=views, file=seen.replace("-", ""), **more)


def test_final_days_that_were_restated():
    rows = [
        stated("2026-10-03", 500.0), stated("2026-10-06", 1000.0), stated("2026-10-20", 880.0),
        stated("2026-10-06", 90.0, day="2026-09-30"), stated("2026-10-20", 80.0, day="2026-09-30"),
        stated("2026-10-06", 90.0, day="2026-09-29"), stated("2026-10-20", 87.0, day="2026-09-29"),
    ]  # fmt: skip
    (found,) = restatement_findings(frame(rows))
    assert found["finding"] == (
        "2 final days were restated by more than 1%; most 01 Oct 2026, Views from 1,000 (said on 06 Oct 2026) to 880 "
        "(-12%) (said on 20 Oct 2026)."
    )
    assert (found["count"], found["value"], found["expected"], found["file"]) == (2, 880.0, 1000.0, "20261020")
    assert (found["period_start"], found["period_end"]) == (pd.Timestamp("2026-09-30"), pd.Timestamp("2026-10-01"))
    assert findings_table([found])["severity"].tolist() == ["note"]
    assert list(restatement_findings(frame(rows[:2]))) == []  # the first was provisional
    assert len(list(restatement_findings(frame(rows[:2]), {"youtube": 1}))) == 1
    assert list(restatement_findings(frame(rows), {"youtube": 30})) == []
    assert list(restatement_findings(None)) == []
    assert list(restatement_findings(frame([]))) == []


def test_missing_days_are_named():
    rows = [*whole_days(last="2026-10-10"), *whole_days("2026-10-13", "2026-10-20"), *whole_days("2026-10-22")]
    report = assessed(rows)
    (gap,) = report.findings[report.findings["rule"] == "missing days"].to_dict("records")
    assert gap["count"] == 3
    assert "11 Oct 2026 to 12 Oct 2026; 21 Oct 2026" in gap["finding"]
    assert (gap["period_start"], gap["period_end"]) == (pd.Timestamp("2026-10-11"), pd.Timestamp("2026-10-21"))
    stretches = report.stretches
    assert stretches["first_day"].is_monotonic_increasing
    assert ((stretches["last_day"] - stretches["first_day"]).dt.days + 1).sum() == report.freshness["days"].iloc[0]


def test_an_account_left_behind_and_one_without_days():
    rows = [*whole_days(), *whole_days("2026-08-01", "2026-09-30", platform="tiktok")]
    assert rules(rows) == {"account left behind": 1}
    alone = [observation("x", content="a", basis="stock", impressions=5.0, observed_at=SEEN)]
    posts = [{"content": "a", "platform": "x", "published": "2026-10-01"}]
    assert rules([*whole_days(), *alone], posts) == {"no daily figures": 1}
    accounts = pd.DataFrame([("Ada", "youtube", "youtube-1"), ("Ada", "x", "x-9")], columns=ACCOUNTS.columns)
    assert rules(whole_days(), accounts=accounts) == {"no figures": 1}


def test_what_files_leave_out():
    rows = [
        observation(views=9.0, account="Ada/youtube"),
        observation("instagram", content="a", basis="stock", likes=1.0),
    ]
    found = set(assessed(rows).findings["rule"])
    assert {"period not told", "export day not told", "age unknown"} <= found


def test_rows_without_an_account_matter_only_between_several():
    made_up = whole_days(account="Ada/youtube")
    one, two = whole_days(account="one"), whole_days(account="two")
    for rows, count in ((made_up, 0), ([*made_up, *one], 0), ([*one, *two], 0), ([*made_up, *one, *two], 31)):
        found = assessed(rows).findings
        assert found[found["rule"] == "account not told"]["count"].sum() == count


def test_refusals_rows_set_aside_and_columns_kept_aside():
    rejected = [
        ("h", "a.csv", None, None, None, "It is empty.", "Export it again."),
        ("g", "b.csv", 4, "Views", "1.234", "thousands or decimals?", "Write it plainly."),
        ("g", "b.csv", 9, "Views", "2.345", "thousands or decimals?", "Write it plainly."),
        ("g", "b.csv", 9, "Likes", "x", "not a count", None),
    ]
    files = pd.DataFrame(
        [{"path": "b.csv", "platform": "youtube", "creator": "Ada", "account": "y", "columns_aside": ["Mood"]}]
    )
    report = assessed(whole_days(), files=files, quarantine=pd.DataFrame(rejected, columns=QUARANTINE.columns))
    found = report.findings.set_index("rule")
    assert report.exit_code == 1
    assert found.loc["file refused", "finding"] == "It is empty."
    aside = found.loc[["rows set aside"]].sort_values("count")
    assert aside["count"].tolist() == [1, 2]
    assert "line 4, 9; first '1.234'" in aside["finding"].iloc[1]
    assert "Mood" in found.loc["columns kept aside", "finding"]


def test_totals_that_differ_for_no_reason():
    rows = [
        *whole_days(), observation(start="2026-10-01", end="2026-10-31", views=310.0, observed_at=SEEN),
        observation(start="2026-10-01", end="2026-10-31", views=500.0, dimension="traffic_source",
                    dimension_value="search", observed_at=SEEN),
    ]  # fmt: skip
    report = assessed(rows)
    (one,) = report.findings[report.findings["rule"] == "totals differ"].to_dict("records")
    assert (one["value"], one["expected"]) == (500.0, 310.0)
    assert "by traffic source add up to 500" in one["finding"]
    assert "1 for none" in str(report)


ROW = st.fixed_dictionaries(
    {
        "platform": st.sampled_from(["youtube", "instagram", "tiktok", "x", "facebook"]),
        "day": st.sampled_from(days("2026-10-01", "2026-10-06")),
        "content": st.sampled_from(["", "a"]),
        "basis": st.sampled_from(["flow", "stock"]),
        "observed_at": st.sampled_from([None, SEEN, "2026-09-01T00:00:00Z"]),
        "views": st.sampled_from([np.nan, 0.0, 5.0, 1e12]),
        "reach": st.sampled_from([np.nan, 0.0, 7.0, -2.0]),
        "followers_net": st.sampled_from([np.nan, -4.0]),
    }
)


KEY = ("platform", "day", "content", "basis", "observed_at")  # resolved rows speak of each thing once


@settings(max_examples=15)
@given(st.lists(ROW, max_size=12, unique_by=lambda row: tuple(row[name] for name in KEY)), st.randoms())
def test_any_rows_in_any_order_give_one_report(rows, random):
    made = [observation(**row) for row in rows]
    shuffled = made.copy()
    random.shuffle(shuffled)
    one, other = assessed(made), assessed(shuffled)
    key = ["rule", "platform", "metric"]
    assert one.findings.groupby(key)["count"].sum().to_dict() == other.findings.groupby(key)["count"].sum().to_dict()
    assert str(one) == str(other)
    assert set(one.findings["severity"]) <= set(SEVERITIES)
    assert (one.findings["finding"] != "").all()
    assert (one.findings["count"] >= 1).all()


def test_findings_are_sorted_worst_first():
    told = findings_table(
        {"severity": s, "stage": "ranges", "rule": "r", "finding": s, "advice": ""}
        for s in ("note", "error", "warning")
    )
    assert told["severity"].tolist() == ["error", "warning", "note"]
    with pytest.raises(ValueError, match="not in tuple"):
        findings_table([{"severity": "fatal", "stage": "ranges", "rule": "r", "finding": "", "advice": ""}])
