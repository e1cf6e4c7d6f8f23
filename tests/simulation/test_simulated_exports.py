"""Exports, read back with the csv module, say what the truth says, less what the platform hides."""

import zipfile
from datetime import datetime, timedelta
from io import BytesIO

import numpy as np
import pytest

from engagerr_core.simulation.exports import facebook, instagram, tiktok, x, youtube
from engagerr_core.simulation.identifiers import x_instant
from engagerr_core.simulation.reporting import lifetime
from tests.simulation.rereading import as_records, read_rows, zipped_rows

CHANNELS = ("zoe-okafor-lindqvist", "mateo-quinones-ibarra", "anjali-ramanathan-weiss", "kaito-mensah")


@pytest.mark.parametrize("slug", CHANNELS)
def test_youtube_totals_are_the_channel_days(sample_world, find, slug):
    (file,) = find(slug, "youtube Geography")
    flows = sample_world.flows[slug, "youtube"]
    totals = zipped_rows(file.data, 2)
    assert totals[0] == ["Date", "Views"]
    said = np.array([int(views) for _, views in totals[1:]])
    truth = flows.total("views")[: sample_world.days]
    assert len(said) == sample_world.days
    assert (said[:-1] == truth[:-1]).all()
    assert said[-1] < truth[-1]  # three days old: 97 % are out
    assert said[-1] == pytest.approx(truth[-1] * 0.97, abs=1)
    assert totals[1][0] == str(sample_world.start)
    assert totals[-1][0] == str(sample_world.end)


@pytest.mark.parametrize("slug", CHANNELS)
def test_youtube_rows_and_what_is_left_out_make_the_total(sample_world, find, slug):
    (file,) = find(slug, "youtube Video" if slug == "kaito-mensah" else "youtube Content")
    rows = zipped_rows(file.data, 0)
    assert tuple(rows[0][1:]) == youtube.CONTENT_COLUMNS[1:]
    records = as_records(rows)
    has_total = records[0][rows[0][0]] == "Total"
    assert has_total == (slug != "kaito-mensah")
    listed = records[has_total:]
    flows = sample_world.flows[slug, "youtube"]
    assert len(listed) == min(500, len(flows.contents))
    ids = {c.id for c in flows.contents}
    assert {r[rows[0][0]] for r in listed} <= ids
    said = sum(int(r["Views"]) for r in listed)
    truth = int(flows.total("views")[: sample_world.days].sum())
    assert said < truth
    if has_total:
        total = int(records[0]["Views"])
        assert total == pytest.approx(truth, rel=0.001)
        assert total - said >= int(flows.tail["views"][: sample_world.days - 1].sum()) - len(flows.contents)
        assert int(records[0]["Unique viewers"]) == sample_world.audiences[slug].sizes["youtube"]
    for record in listed:
        assert int(record["Engaged views"]) <= int(record["Views"])
        assert int(record["Unique viewers"]) <= int(record["Views"])


def test_youtube_chart_adds_up_to_the_table(find):
    (file,) = find("zoe", "youtube Content")
    table = {r["Content"]: int(r["Views"]) for r in as_records(zipped_rows(file.data, "Table data.csv"))}
    chart: dict[str, int] = {}
    rows = zipped_rows(file.data, "Chart data.csv")
    assert rows[0] == ["Date", "Content", "Video title", "Video publish time", "Duration", "Views"]
    for row in rows[1:]:
        chart[row[1]] = chart.get(row[1], 0) + int(row[5])
    assert 50 < len(chart) <= youtube.CHART_CAP
    for identifier, views in chart.items():
        assert views == table[identifier]


def test_an_earlier_export_is_restated_in_its_last_days(sample_world, find):
    earlier, later = (zipped_rows(f.data, "Totals.csv")[1:] for f in find("zoe", "youtube Date"))
    assert len(earlier) < len(later)
    differing = [early[0] for early, late in zip(earlier, later, strict=False) if early != late]
    last = sample_world.end - timedelta(days=30)
    assert differing == [str(last - timedelta(days=d)) for d in (2, 1, 0)]


@pytest.mark.parametrize("slug", CHANNELS)
def test_youtube_days_carry_all_metrics(sample_world, find, slug):
    file = find(slug, "youtube Date")[-1]
    rows = as_records(zipped_rows(file.data, 0))
    flows = sample_world.flows[slug, "youtube"]
    assert rows[0]["Date"] == "Total"
    for column, metric in (
        ("Likes", "likes"),
        ("Comments added", "comments"),
        ("Shares", "shares"),
        ("Engaged views", "engaged_views"),
        ("Impressions", "impressions"),
    ):
        said = [int(r[column]) for r in rows[1:-1]]
        assert said == flows.total(metric)[: sample_world.days - 1].tolist()
    for row in rows[1:]:
        assert int(row["Subscribers"]) == int(row["Subscribers gained"]) - int(row["Subscribers lost"])


def test_zip_entries_carry_the_day_of_the_export(sample_files):
    zips = [f for f in sample_files if f.name.endswith(".zip")]
    assert zips
    for file in zips:
        with zipfile.ZipFile(BytesIO(file.data)) as archive:
            assert archive.testzip() is None
            for entry in archive.infolist():
                day = file.exported_on
                assert entry.date_time == (day.year, day.month, day.day, 12, 0, 0)


def instagram_records(file):
    if "cp1252" in file.warts:
        return as_records(read_rows(file.data, encoding="cp1252", delimiter=";"))
    assert file.data.startswith(b"\xef\xbb\xbf")
    return as_records(read_rows(file.data))


def test_instagram_counters_and_identifiers(sample_world, sample_files):
    orders, damaged = set(), []
    for file in (f for f in sample_files if f.kind == "instagram content"):
        flows = sample_world.flows[file.creator, "instagram"]
        views = dict(
            zip(
                (c.id for c in flows.contents),
                lifetime(flows, "views", sample_world.start, file.exported_on),
                strict=True,
            )
        )
        records = instagram_records(file)
        orders.add(tuple(records[0]))
        assert len(records) == file.rows
        for record in records:
            if record["Post ID"] not in views:
                damaged.append(record["Post ID"])
                continue
            assert record["Account ID"] == flows.account.id
            datetime.strptime(record["Publish time"], "%m/%d/%Y %H:%M")
            if record["Views"]:
                assert int(record["Views"]) == views[record["Post ID"]]
                assert int(record["Reach"]) <= int(record["Views"])
            if record["Post type"] == "IG story":
                assert record["Saves"] in ("", "--")
    assert orders == {instagram.COLUMNS, instagram.OTHER_ORDER}
    assert len(damaged) == 1
    assert "E+" in damaged[0]


def test_a_corrected_counter_falls_between_two_exports(sample_world, find):
    (effect,) = [e for e in sample_world.effects if e.kind == "counter_correction" and e.content_id]
    first, second = find("mateo", "instagram content")
    earlier, later = ({r["Post ID"]: r for r in instagram_records(f)} for f in (first, second))
    known = [i for i in earlier if i in later and earlier[i]["Views"]]
    fell = [i for i in known if int(later[i]["Views"]) < int(earlier[i]["Views"])]
    assert fell == [effect.content_id]


def test_result_cards_are_the_account_days(sample_world, sample_files):
    cards = [f for f in sample_files if f.kind.startswith("meta card")]
    assert {f.platform for f in cards} == {"instagram", "facebook"}
    for file in cards:
        assert file.data.startswith(b"\xff\xfe")
        rows = read_rows(file.data, encoding="utf-16")
        assert rows[0] == ["sep=", ""]
        assert rows[2] == ["Date", "Primary"]
        flows = sample_world.flows[file.creator, file.platform]
        metric = {
            "Views.csv": flows.total("views"),
            "Reach.csv": flows.reach,
            "Follows.csv": flows.total("followers_gained"),
        }[file.name]
        assert [int(n) for _, n in rows[3:-1]] == metric[: sample_world.days - 1].tolist()
        assert rows[3][0] == f"{sample_world.start}T00:00:00"
        assert ("follows" in rows[1][0]) == (file.name == "Follows.csv")


def test_facebook_has_its_31_columns_and_the_variants(sample_world, find):
    (twice,), (encoded,), (plain,) = (find(s, "facebook posts") for s in ("tran", "tomasz", "anjali"))
    assert len(facebook.COLUMNS) == 31
    assert tuple(read_rows(plain.data)[0]) == facebook.COLUMNS
    assert read_rows(twice.data)[0].count("Views") == 2
    outer = read_rows(encoded.data)
    assert {len(row) for row in outer} == {1}
    inner = read_rows("\n".join(row[0] for row in outer).encode())
    assert tuple(inner[0]) == facebook.COLUMNS
    for record in as_records(read_rows(plain.data)) + as_records(inner):
        parts = [int(record[c]) for c in ("Reactions", "Comments", "Shares")]
        assert int(record["Reactions, Comments and Shares"]) == sum(parts)
        clicks = [
            int(record[c] or 0)
            for c in ("Other Clicks", "Link Clicks", "Matched Audience Targeting Consumption (Photo Click)")
        ]
        assert int(record["Total clicks"]) == sum(clicks)


def test_tiktok_days_follow_one_another_without_a_year(sample_world, sample_files):
    languages = set()
    for file in (f for f in sample_files if f.kind == "tiktok overview"):
        rows = zipped_rows(file.data, "Overview.csv")
        language = sample_world.profile(file.creator).language
        languages.add(language)
        days = [file.period_start + timedelta(days=d) for d in range(len(rows) - 1)]
        assert len(days) <= tiktok.LONGEST_EXPORT
        assert [row[0] for row in rows[1:]] == [tiktok.spoken_day(day, language) for day in days]
        assert days[-1] == file.period_end == file.exported_on - timedelta(days=1)
        flows = sample_world.flows[file.creator, "tiktok"]
        offset = (days[0] - sample_world.start).days
        truth = flows.total("views")[offset : offset + len(days)]
        assert [int(row[1]) for row in rows[1:-2]] == truth[:-2].tolist()
        assert int(rows[-1][1]) < truth[-1]
    assert languages == {"en", "es", "vi"}


def test_tiktok_undefined_comes_with_false_zeros(sample_files):
    undefined = 0
    for file in (f for f in sample_files if f.kind == "tiktok viewers"):
        for _, total, new, returning in zipped_rows(file.data, "Viewers.csv")[1:]:
            if total == "undefined":
                undefined += 1
                assert (new, returning) == ("0", "0")
            else:
                assert int(total) == int(new) + int(returning)
    assert undefined > 8


def test_tiktok_quotes_every_cell_and_lists_fifteen_videos(sample_files):
    for file in (f for f in sample_files if f.kind == "tiktok content"):
        with zipfile.ZipFile(BytesIO(file.data)) as archive:
            text = archive.read("Content.csv").decode("utf-8-sig")
        assert text.startswith('"Time","Video title"')
        assert len(zipped_rows(file.data)) == 16


def test_x_days_and_identifiers(sample_world, sample_files):
    days: dict[str, dict[str, int]] = {}
    for file in (f for f in sample_files if f.kind == "x overview"):
        rows = zipped_rows(file.data) if file.name.endswith("zip") else read_rows(file.data)
        assert tuple(rows[0]) == x.OVERVIEW_COLUMNS
        assert len(rows) - 1 <= 90
        spoken = [datetime.strptime(row[0], "%a, %b %d, %Y") for row in rows[1:]]
        assert spoken == sorted(spoken, reverse=True)
        days.setdefault(file.creator, {}).update(
            (str(day.date()), int(row[1])) for day, row in zip(spoken, rows[1:], strict=True)
        )
    for creator, said in days.items():
        flows = sample_world.flows[creator, "x"]
        truth = flows.total("impressions")[: sample_world.days]
        assert [said[day] for day in sorted(said)] == truth.tolist()


def test_x_posts_carry_instants_and_whole_engagements(sample_world, sample_files):
    seen = {}
    for file in (f for f in sample_files if f.kind == "x content"):
        for record in as_records(read_rows(file.data)):
            posted = x_instant(record["Post id"])
            assert record["Date"] == x.spoken_day(posted.date())
            assert record["Post Link"].endswith(record["Post id"])
            parts = sum(int(record[c]) for c in x.CONTENT_COLUMNS[5:] if c != "Engagements")
            assert int(record["Engagements"]) == parts
            seen[record["Post id"]] = record
    flows = sample_world.flows["zoe-okafor-lindqvist", "x"]
    assert set(seen) == {c.id for c in flows.contents if c.published.date() <= sample_world.end}


def test_older_tweet_activity_shape(find):
    files = find("tomasz", "x tweet activity")
    assert len(files) == 2
    for file in files:
        rows = read_rows(file.data)
        assert len(rows[0]) == 40
        for record in as_records(rows):
            assert record["impressions"].endswith(".0")
            assert record["promoted impressions"] == "-"
            assert 0 <= float(record["engagement rate"]) < 1
            posted = datetime.strptime(record["time"], "%Y-%m-%d %H:%M %z")
            assert timedelta(0) <= x_instant(record["Tweet id"]) - posted < timedelta(minutes=1)
