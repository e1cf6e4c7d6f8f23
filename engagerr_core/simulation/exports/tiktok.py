"""TikTok Studio: small zips of CSV whose dates have no year and speak the language of the screen."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engagerr_core.simulation.exports.files import ExportFile, Row, archive, delimited
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.reporting import lifetime, reported
from engagerr_core.simulation.world import World

LONGEST_EXPORT = 365  # days
LATEST_VIDEOS = 15
LOST_DAYS = (41, 42, 118)  # days of the older Viewers file that TikTok shows as undefined
MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    "vi": ("Một", "Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười", "Mười một", "Mười hai"),
}


def spoken_day(day: date, language: str) -> str:
    """A day as TikTok writes it, without its year.

    >>> [spoken_day(date(2026, 3, 8), language) for language in ("en", "es", "vi")]
    ['March 8', '8 de marzo', '8 tháng Ba']
    """
    month = MONTHS[language][day.month - 1]
    if language == "en":
        return f"{month} {day.day}"
    return f"{day.day} de {month}" if language == "es" else f"{day.day} tháng {month}"


def tiktok_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """Exports of the last year, and of what came before as exported then, two days overlapping."""
    last = world.exported_on - timedelta(days=1)
    periods = []
    while True:
        first = max(world.start, last - timedelta(days=LONGEST_EXPORT - 1))
        periods.append((first, last))
        if first == world.start:
            break
        last = first + timedelta(days=1)
    files = []
    for position, (first, last) in enumerate(reversed(periods)):
        latest = position == len(periods) - 1
        studio = _Studio(world, flows, first, last)
        files += [studio.overview(), studio.viewers(with_lost_days=not latest), studio.followers(with_people=latest)]
        if latest:
            files.append(studio.content())
    if world.profile(flows.account.creator).vertical == "podcast":
        files += [_Studio(world, flows, world.start, day).content() for day in _earlier_snapshots(world)]
    return files


def business_center(world: World, flows: AccountFlows) -> ExportFile:
    """The Business Center's table by day: years in the dates, a blank after a header, unknown written in two ways."""
    header = (
        "Date", "Video views", "Reached audience", "Profile views", "Likes", "Shares", "Comments", "Add to Favorites ",
        "Net growth", "New followers", "Lost followers",
    )  # fmt: skip
    said = {m: reported(flows.total(m), "tiktok", world.start, world.exported_on) for m in flows.daily}
    rows: list[Row] = [header]
    for d in range(world.days):
        day, gained, lost = world.start + timedelta(days=d), int(said["followers_gained"][d]), flows.followers_lost[d]
        metrics = ("views", "profile_visits", "likes", "shares", "comments", "saves")
        n = [int(said[m][d]) for m in metrics]
        reach: object = "NAN" if d % 11 == 5 else int(flows.reach[d])
        saves: object = "--" if d % 13 == 7 else n[5]
        rows.append((f"{day:%Y/%m/%d}", n[0], reach, *n[1:5], saves, gained - int(lost), gained, int(lost)))
    return ExportFile(
        creator=flows.account.creator,
        platform="tiktok",
        kind="tiktok business center",
        name=f"TT_Overview_{world.start}_{world.end}.csv",
        data=b"\xef\xbb\xbf" + delimited(rows).encode(),
        exported_on=world.exported_on,
        period_start=world.start,
        period_end=world.end,
        rows=len(rows) - 1,
        warts="bom unknown-in-words trailing-blank-in-header provisional-days",
    )


def _earlier_snapshots(world: World) -> list[date]:
    """The days on which a careful creator had kept the list of the latest videos before."""
    days = [world.exported_on - timedelta(days=back) for back in (84, 167)]
    return [day for day in days if day > world.start + timedelta(days=30)]


class _Studio:
    """What TikTok Studio offers on the day after `last`, for `first` to `last`."""

    def __init__(self, world: World, flows: AccountFlows, first: date, last: date):
        self.world, self.flows, self.first, self.last = world, flows, first, last
        self.profile = world.profile(flows.account.creator)
        self.exported_on = last + timedelta(days=1)
        self.days = [first + timedelta(days=d) for d in range((last - first).days + 1)]

    def _window(self, counts: np.ndarray, delayed: bool = True) -> list[int]:
        said = reported(counts, "tiktok", self.world.start, self.exported_on) if delayed else counts
        offset = (self.first - self.world.start).days
        return [int(n) for n in said[offset : offset + len(self.days)]]

    def _day(self, day: date) -> str:
        return spoken_day(day, self.profile.language)

    def _zip(self, kind: str, members: dict[str, list[Row]], period: bool = True, warts: str = "") -> ExportFile:
        packed = {name: b"\xef\xbb\xbf" + delimited(rows, quote_all=True).encode() for name, rows in members.items()}
        return ExportFile(
            creator=self.flows.account.creator,
            platform="tiktok",
            kind=f"tiktok {kind.lower()}",
            name=f"{kind}_{self.exported_on}.zip",
            data=archive(packed, self.exported_on),
            exported_on=self.exported_on,
            period_start=self.first if period else None,
            period_end=self.last if period else None,
            rows=sum(len(rows) - 1 for rows in members.values()),
            warts=f"bom all-quoted no-year language-{self.profile.language} {warts}".strip(),
        )

    def overview(self) -> ExportFile:
        """Daily counts of the account."""
        metrics = ("views", "profile_visits", "likes", "comments", "shares")
        columns = [self._window(self.flows.total(m)) for m in metrics]
        rows: list[Row] = [("Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares")]
        rows += [(self._day(day), *counts) for day, *counts in zip(self.days, *columns, strict=True)]
        return self._zip("Overview", {"Overview.csv": rows}, warts="provisional-days")

    def viewers(self, with_lost_days: bool) -> ExportFile:
        """Different viewers of each day; some days are `undefined`, with false zeros beside."""
        total, new = self._window(self.flows.reach), self._window(self.flows.new_viewers)
        lost = {self.first + timedelta(days=d) for d in LOST_DAYS} if with_lost_days else set()
        rows: list[Row] = [("Date", "Total Viewers", "New Viewers", "Returning Viewers")]
        for day, everybody, newcomers in zip(self.days, total, new, strict=True):
            if day in lost or day == self.last:
                rows.append((self._day(day), "undefined", 0, 0))
            else:
                rows.append((self._day(day), everybody, min(newcomers, everybody), max(0, everybody - newcomers)))
        return self._zip("Viewers", {"Viewers.csv": rows}, warts="undefined false-zeros")

    def followers(self, with_people: bool) -> ExportFile:
        """The follower counter day by day, and who the followers are."""
        stock = self._window(self.flows.followers, delayed=False)
        rows: list[Row] = [("Date", "Followers", "Difference in followers from previous day")]
        for position, (day, count) in enumerate(zip(self.days, stock, strict=True)):
            # the first row's difference is 0 whatever happened the day before
            rows.append((self._day(day), count, count - stock[position - 1] if position else 0))
        members = {"FollowerHistory.csv": rows}
        warts = "false-first-difference"
        if any(s < 0 for s in (stock[i] - stock[i - 1] + stock[i] * 0.05 for i in range(1, len(stock)))):
            warts += " corrected-counter"
        if with_people:
            women = self.profile.women
            members["FollowerGender.csv"] = [
                ("Gender", "Distribution"),
                ("Female", f"{women:.2f}"),
                ("Male", f"{0.99 - women:.2f}"),
                ("Other", "0.01"),
            ]
            listed = [(code, f"{share:.3f}") for code, share in self.profile.countries[:5]]
            rest = 1 - sum(share for _, share in self.profile.countries[:5])
            members["FollowerTopTerritories.csv"] = [
                ("Top territories", "Distribution"),
                *listed,
                ("Others", f"{rest:.3f}"),
            ]
            members["FollowerActivity.csv"] = self._activity(stock)
        return self._zip("Followers", members, warts=warts)

    def _activity(self, stock: list[int]) -> list[Row]:
        """Active followers by hour, over the last week."""
        rows: list[Row] = [("Date", "Hour", "Active followers")]
        for day, count in list(zip(self.days, stock, strict=True))[-7:]:
            for hour in range(24):
                awake = 0.10 + 0.09 * np.cos(2 * np.pi * (hour - 20) / 24) + 0.01 * np.sin(hour * 1.7 + day.day)
                rows.append((self._day(day), hour, int(count * awake)))
        return rows

    def content(self) -> ExportFile:
        """Lifetime counters of the latest videos; `Time` is the day of the snapshot."""
        counters = {
            m: lifetime(self.flows, m, self.world.start, self.exported_on)
            for m in ("likes", "comments", "shares", "views")
        }
        zone = ZoneInfo(self.flows.account.zone)
        newest_first = sorted(
            range(len(self.flows.contents)), key=lambda i: self.flows.contents[i].published, reverse=True
        )
        rows: list[Row] = [
            (
                "Time",
                "Video title",
                "Video link",
                "Post time",
                "Total likes",
                "Total comments",
                "Total shares",
                "Total views",
            )
        ]
        published = [i for i in newest_first if self.flows.contents[i].published.astimezone(zone).date() <= self.last]
        for i in published[:LATEST_VIDEOS]:
            content = self.flows.contents[i]
            rows.append(
                (
                    self._day(self.last),
                    content.title,
                    content.link,
                    self._day(content.published.astimezone(zone).date()),
                    *(int(counters[m][i]) for m in ("likes", "comments", "shares", "views")),
                )
            )
        return self._zip("Content", {"Content.csv": rows}, period=False, warts="latest-15-only")
