"""Invented exports for the benchmark of ingestion, as long as wanted, in the shapes of the tests' own."""

import csv
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from tests.sources.exports import (
    INSTAGRAM,
    TIKTOK_OVERVIEW,
    X_OVERVIEW,
    YOUTUBE_CHART,
    YOUTUBE_TABLE,
    csv_text,
    written,
    zipped,
)

SEED = 20_261_121
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FIRST_DAY = date(2025, 1, 1)
BULK = [
    "date", "channel_id", "video_id", "country_code", "live_or_on_demand", "subscribed_status", "views", "comments",
    "likes", "dislikes", "shares", "watch_time_minutes", "average_view_duration_seconds", "subscribers_gained",
]  # fmt: skip
COUNTRIES = [first + second for first in "ABCDEFGHIJ" for second in "ABCDEFGHIJKLMNOPQRST"]

Rows = Iterator[list[str]]


def _count(rng: random.Random) -> str:
    return str(int(rng.lognormvariate(4, 2)))


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def _video(rng: random.Random) -> str:
    return "".join(rng.choices(LETTERS, k=11))


def chart_by_content(rng: random.Random) -> Rows:
    """A year of every video."""
    while True:
        video = _video(rng)
        for number in range(365):
            day = _day(number).isoformat()
            yield [day, video, f"Video, {video[:3]} and I", "Feb 19, 2024", "170", _count(rng)]


def chart_by_country(rng: random.Random, days: int = 5_000) -> Rows:
    """Many years of every country."""
    for country in COUNTRIES * 2:
        for number in range(days):
            yield [_day(number - days).isoformat(), country, _count(rng)]


def posts_by_day(rng: random.Random) -> Rows:
    """A year of every post, with captions of two lines."""
    number = 0
    while True:
        number += 1
        post = [str(18_021_268_413_391_012 + 7 * number), *INSTAGRAM[1][1:10]]
        post[4], post[7] = f"Caption {number},\nin two lines", f"https://www.instagram.com/reel/{number:x}/"
        for day in range(365):
            yield [*post, f"{_day(day):%m/%d/%Y}", *(_count(rng) for _ in INSTAGRAM[0][11:])]


def bulk_report(rng: random.Random) -> Rows:
    """Sixty videos by day, country and subscription."""
    videos, number = [_video(rng) for _ in range(60)], 0
    while True:
        day = f"{_day(number):%Y%m%d}"
        number += 1
        for video in videos:
            for country in rng.sample(COUNTRIES, 10):
                for status in ("subscribed", "not_subscribed"):
                    row = [day, "UCabcdefghijklmnopqrstuv", video, country, "on_demand", status, _count(rng)]
                    yield [*row, "0", "1", "0", "0", f"{rng.random() * 100:.3f}", "102.5", "0"]


def _writer(header: list[str], rows: Callable[[random.Random], Rows]) -> Callable[[Path, int], None]:
    def write(path: Path, count: int) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            made = csv.writer(file)
            made.writerow(header)
            made.writerows(islice(rows(random.Random(SEED)), count))

    return write


SHAPES = {
    "YouTube chart by content": _writer(YOUTUBE_CHART[0], chart_by_content),
    "YouTube chart by country": _writer(["Date", "Geography", "Views"], chart_by_country),
    "Instagram posts by day": _writer(INSTAGRAM[0], posts_by_day),
    "YouTube bulk report": _writer(BULK, bulk_report),
}


def _small(number: int, days: list[date], rng: random.Random) -> tuple[str, list[str], Rows]:
    """Name, header and rows of one small export, of another platform each."""
    kind = number % 5
    if kind == 0:
        row = YOUTUBE_TABLE[2]
        return "Table data.csv", YOUTUBE_TABLE[0], ([_video(rng), *row[1:4], _count(rng), *row[5:]] for _ in days)
    if kind == 1:
        rows = ([day.isoformat(), "DE", _count(rng)] for day in days)
        return "Chart data.csv", ["Date", "Geography", "Views"], rows
    if kind == 2:
        first, row = 18_021_268_413_391_012 + 1_000 * number, INSTAGRAM[1]
        rows = ([str(first + i), *row[1:11], _count(rng), *row[12:]] for i in range(len(days)))
        return "posts.csv", INSTAGRAM[0], rows
    if kind == 3:
        rows = ([f"{day:%B} {day.day}", *(_count(rng) for _ in range(5))] for day in days)
        return "Overview.csv", TIKTOK_OVERVIEW[0], rows
    rows = ([f"{day:%a, %b} {day.day}, {day.year}", *(_count(rng) for _ in range(13))] for day in days)
    return "account_overview.csv", X_OVERVIEW[0], rows


def many_small_files(folder: Path, files: int, rows: int = 60) -> None:
    """Exports of five shapes, each in a folder or an archive of its own."""
    rng = random.Random(SEED)
    for number in range(files):
        place = folder / f"2026-11-03-{number}"
        name, header, body = _small(number, [_day(number % 90 + i) for i in range(rows)], rng)
        if number % 2:
            zipped(place.with_suffix(".zip"), {name: csv_text([header, *body]).encode()})
        else:
            written(place / name, [header, *body])
