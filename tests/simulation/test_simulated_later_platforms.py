"""LinkedIn and Spotify, and the shapes that the sample's creators did not download: files and truth agree."""

from datetime import date, datetime, timedelta
from io import BytesIO

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from engagerr_core.simulation import simulate
from engagerr_core.simulation.exports import linkedin, spotify, tiktok
from engagerr_core.simulation.exports.facebook_videos import INTERVALS, retention
from engagerr_core.simulation.exports.files import ExportFile
from engagerr_core.simulation.exports.meta_cards import card_counts
from engagerr_core.simulation.exports.more import every_shape
from engagerr_core.simulation.exports.splits import LINKEDIN_SPLITS, SHARES
from engagerr_core.simulation.exports.youtube import Channel
from engagerr_core.simulation.exports.youtube_dimensions import daily_parts
from engagerr_core.simulation.identifiers import linkedin_instant
from engagerr_core.simulation.reporting import lifetime
from engagerr_core.simulation.world import FIRST_PLATFORMS, PLATFORMS, World
from tests.simulation.rereading import as_records, read_rows, zipped_rows

WINDOW = {"start": date(2026, 7, 20), "end": date(2026, 9, 18)}
CREATORS = {"linkedin": "tomasz-wierzbicki-hale", "spotify": "mateo-quinones-ibarra"}


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(5, platforms=PLATFORMS, **WINDOW)


@pytest.fixture(scope="module")
def found(world):
    files = every_shape(world)

    def look(kind: str) -> list[ExportFile]:
        return [file for file in files if file.kind == kind]

    return look


def sheet(file: ExportFile, name: str) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(file.data)).get_sheet_by_name(name).to_python()


def test_added_platforms_leave_the_first_as_they_were(world):
    before = simulate(5, platforms=FIRST_PLATFORMS, **WINDOW)
    assert set(world.flows) - set(before.flows) == {(slug, platform) for platform, slug in CREATORS.items()}
    for key, flows in before.flows.items():
        assert flows.account == world.flows[key].account
        assert flows.contents == world.flows[key].contents
        for metric, counts in flows.daily.items():
            assert (counts == world.flows[key].daily[metric]).all()
        assert (flows.followers == world.flows[key].followers).all()
    for slug, audience in before.audiences.items():
        if slug not in CREATORS.values():
            assert audience.platforms == world.audiences[slug].platforms
            assert (audience.cells == world.audiences[slug].cells).all()


def test_every_shape_has_the_same_bytes_each_time(world, found):
    again = every_shape(simulate(5, platforms=PLATFORMS, **WINDOW))
    assert [file.data for file in again] == [file.data for file in every_shape(world)]


def test_linkedin_days_are_the_account_days(world, found):
    flows = world.flows[CREATORS["linkedin"], "linkedin"]
    newer, older = found("linkedin page")
    rows = sheet(newer, "Metrics")
    assert tuple(rows[1]) == linkedin.METRICS_COLUMNS
    assert [name for name in sheet(older, "Metrics")[1] if "Repost" in name] == []
    records = [dict(zip(rows[1], row, strict=True)) for row in rows[2:]]
    assert [datetime.strptime(r["Date"], "%m/%d/%Y").date() for r in records] == [
        world.start + timedelta(days=d) for d in range(world.days)
    ]
    for column, metric in (
        ("Impressions (total)", "impressions"),
        ("Impressions (sponsored)", "sponsored_impressions"),
        ("Reactions (total)", "likes"),
        ("Comments (organic)", "comments"),
        ("Reposts (total)", "shares"),
        ("Clicks (total)", "clicks"),
    ):
        assert [r[column] for r in records] == flows.total(metric)[: world.days].tolist()
    assert sum(r["Impressions (sponsored)"] for r in records) > 0
    for r in records:
        assert r["Impressions (organic)"] + r["Impressions (sponsored)"] == r["Impressions (total)"]
        assert r["Unique impressions (organic)"] <= r["Impressions (organic)"]


def test_linkedin_posts_carry_counters_and_instants(world, found):
    flows = world.flows[CREATORS["linkedin"], "linkedin"]
    counters = {m: lifetime(flows, m, world.start, world.exported_on) for m in ("impressions", "likes", "clicks")}
    rows = sheet(found("linkedin page")[0], "All posts")
    by_link = {c.link: i for i, c in enumerate(flows.contents)}
    inside = [c for c in flows.contents if c.published.date() <= world.end]
    assert len(rows) - 2 == len(inside) > 5
    for record in (dict(zip(rows[1], row, strict=True)) for row in rows[2:]):
        i = by_link[record["Post link"]]
        assert record["Impressions"] == counters["impressions"][i]
        assert record["Likes"] == counters["likes"][i]
        assert (record["Views"] == "") == (flows.contents[i].format != "short")
        posted = linkedin_instant(record["Post link"].rsplit(":", 1)[1])
        assert timedelta(0) <= posted - flows.contents[i].published < timedelta(seconds=1)
        assert record["Created date"] == f"{posted:%m/%d/%Y}"


def test_the_creators_workbook_has_its_five_sheets(world, found):
    flows = world.flows[CREATORS["linkedin"], "linkedin"]
    numbers, texts = found("linkedin creator")
    engagement = sheet(numbers, "ENGAGEMENT")
    assert [row[1] for row in engagement[1:]] == flows.total("impressions")[: world.days].tolist()
    engagements = np.sum([flows.total(m) for m in linkedin.ENGAGEMENTS], axis=0)
    assert [row[2] for row in engagement[1:]] == engagements[: world.days].tolist()
    discovery = {row[0]: row[1] for row in sheet(numbers, "DISCOVERY")}
    assert discovery["Impressions"] == sum(row[1] for row in engagement[1:])
    assert 0 < discovery["Members reached"] <= discovery["Impressions"]
    followers = sheet(numbers, "FOLLOWERS")
    assert followers[0][1] == flows.followers[world.days - 1]
    assert [row[1] for row in followers[3:]] == flows.total("followers_gained")[: world.days].tolist()
    top = sheet(numbers, "TOP POSTS")
    assert top[2] == [
        "Post URL",
        "Post publish date",
        "Engagements",
        "",
        "Post URL",
        "Post publish date",
        "Impressions",
    ]
    assert [row[2] for row in top[3:]] == sorted((row[2] for row in top[3:]), reverse=True)
    assert [row[6] for row in top[3:]] == sorted((row[6] for row in top[3:]), reverse=True)
    assert {row[0] for row in top[3:]} == {row[4] for row in top[3:]}
    impressions = dict(
        zip((c.link for c in flows.contents), flows.daily["impressions"][:, : world.days].sum(axis=1), strict=True)
    )
    assert all(row[6] == impressions[row[4]] for row in top[3:])
    assert {row[0] for row in sheet(texts, "DEMOGRAPHICS")[1:]} == {new for _, new in LINKEDIN_SPLITS.values()}
    assert all(isinstance(row[1], str) for row in sheet(texts, "ENGAGEMENT")[1:])
    assert "< 1%" in {row[2] for row in sheet(texts, "DEMOGRAPHICS")}


def test_spotify_songs_and_days(world, found):
    flows = world.flows[CREATORS["spotify"], "spotify"]
    year, four_weeks = found("spotify songs")
    titles = [c.title for c in flows.contents]
    assert len(set(titles)) == len(titles)
    streams = dict(zip(titles, flows.daily["streams"][:, world.days - 28 : world.days].sum(axis=1), strict=True))
    for record in as_records(read_rows(four_weeks.data))[1:]:
        assert int(record["streams"]) == streams[record["song"]]
        assert int(record["listeners"]) <= int(record["streams"])
    total = as_records(read_rows(four_weeks.data))[0]
    assert (total["song"], total["release_date"]) == ("Total", "")
    assert int(total["streams"]) == sum(streams.values())
    assert "Total" not in [r["song"] for r in as_records(read_rows(year.data))]
    older, newer = found("spotify audience")
    assert [int(r["streams"]) for r in as_records(read_rows(older.data))] == flows.total("streams")[
        : world.days
    ].tolist()
    adds = [int(r["playlist adds"]) for r in as_records(read_rows(newer.data))]
    assert adds == flows.total("playlist_adds")[: world.days].tolist()
    for file in found("spotify song timeline"):
        rows = as_records(read_rows(file.data))
        i = [spotify.timeline_name(title) for title in titles].index(file.name)
        assert sum(int(r["streams"]) for r in rows) == flows.daily["streams"][i, : world.days].sum()


def test_other_music_is_counted_like_streams(world, found):
    flows = world.flows[CREATORS["spotify"], "spotify"]
    plays = dict(
        zip((c.title for c in flows.contents), flows.daily["streams"][:, : world.days].sum(axis=1), strict=True)
    )
    (songs,), (statement,) = found("apple music songs"), found("royalty statement")
    assert {r["Song"]: int(r["Plays"]) for r in as_records(read_rows(songs.data))} == plays
    told: dict[str, int] = {}
    for r in as_records(read_rows(statement.data)):
        assert float(r["Earnings"]) == pytest.approx(int(r["Quantity"]) * 0.0031)
        assert r["Reporting Date"] > r["Sale Month"]
        told[r["Title"]] = told.get(r["Title"], 0) + int(r["Quantity"])
    share = sum(part for _, part in world.profile(flows.account.creator).countries[:4])
    for title, quantity in told.items():
        assert quantity <= plays[title] * share
        assert quantity > plays[title] * share - 13  # rounded down by month and country


def test_cards_of_every_title_are_the_account_days(world, found):
    seen = set()
    for (_, platform), flows in world.flows.items():
        for title, counts in card_counts(flows).items() if platform in ("instagram", "facebook") else ():
            shown = f"{platform.capitalize()} follows" if title == "Follows" else title
            file = [
                f for f in found(f"meta card {shown}") if f.creator == flows.account.creator and f.platform == platform
            ][-1]
            rows = read_rows(file.data, encoding="utf-16")
            assert [int(n) for _, n in rows[3:-2]] == counts[: world.days - 2].tolist()
            seen.add((platform, title))
    assert len(seen) == 14
    blocks = [f for f in found("meta audience") if b"c\0o\0u\0n\0t\0r\0i\0e\0s" in f.data]
    assert {f.platform for f in blocks} == {"instagram", "facebook"}


def test_facebook_videos_have_their_retention_curve(world, found):
    for file in found("facebook videos"):
        flows = world.flows[file.creator, "facebook"]
        views = lifetime(flows, "views", world.start, world.exported_on)
        for record in as_records(read_rows(file.data)):
            i = next(i for i, c in enumerate(flows.contents) if c.id == record["Post ID"])
            assert int(record["3-second video views"]) == views[i]
            assert record["1-minute video views"] == ""
            curve = [float(record[f"Percentage of total views at interval {n}"]) for n in range(INTERVALS)]
            assert curve == [round(share, 4) for share in retention(i)]
            assert curve[0] == 1
            assert curve == sorted(curve, reverse=True)
    assert len(as_records(read_rows(found("facebook videos")[0].data))) > 2


@pytest.mark.parametrize(
    "name", ["Subscription status", "Device type", "Operating system", "Playback location", "City name"]
)
def test_youtube_parts_are_cut_from_the_whole(world, found, name):
    dimension = {"Device type": "device", "City name": "city"}.get(name, name.lower().replace(" ", "_"))
    kind = "youtube Cities" if dimension == "city" else f"youtube {name}"
    for file in found(kind):
        table = as_records(zipped_rows(file.data, 0))
        chart = as_records(zipped_rows(file.data, 1))
        channel = Channel(world, world.flows[file.creator, "youtube"], world.exported_on, world.end)
        counts = daily_parts(channel, dimension)
        assert [int(r["Views"]) for r in table[1:]] == counts.sum(axis=1).tolist()
        assert [int(r["Views"]) for r in chart] == counts.ravel().tolist()
        assert sum(int(r["Views"]) for r in table[1:]) <= int(table[0]["Views"])
        if dimension in SHARES:
            assert counts.sum() > 0.95 * channel.total["views"].sum()


def test_the_business_center_says_unknown_in_words(world, found):
    for file in found("tiktok business center"):
        rows = read_rows(file.data)
        assert rows[0][7] == "Add to Favorites "
        assert {"NAN"} <= {row[2] for row in rows[1:]}
        assert {"--"} <= {row[7] for row in rows[1:]}
        flows = world.flows[file.creator, "tiktok"]
        assert [int(row[9]) - int(row[10]) for row in rows[1:]] == [int(row[8]) for row in rows[1:]]
        assert [int(row[1]) for row in rows[1:-2]] == flows.total("views")[: world.days - 2].tolist()
        assert rows[1][0] == f"{world.start:%Y/%m/%d}"
    assert tiktok.MONTHS.keys() == {"en", "es", "vi"}
