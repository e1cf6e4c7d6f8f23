"""Instagram: the content file of Meta Business Suite, and result cards."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from engagerr_core.simulation.exports.files import ExportFile, delimited
from engagerr_core.simulation.exports.meta_cards import audience_card, result_cards
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.reporting import lifetime, lifetime_reach
from engagerr_core.simulation.world import World

COLUMNS = (
    "Post ID",
    "Account ID",
    "Account username",
    "Account name",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Permalink",
    "Post type",
    "Data comment",
    "Date",
    "Views",
    "Reach",
    "Likes",
    "Shares",
    "Follows",
    "Comments",
    "Saves",
)
OTHER_ORDER = (
    "Post ID",
    "Account ID",
    "Account username",
    "Account name",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Permalink",
    "Post type",
    "Data comment",
    "Date",
    "Comments",
    "Follows",
    "Likes",
    "Reach",
    "Saves",
    "Shares",
    "Views",
)
POST_TYPES = {"short": "IG reel", "image": "IG image", "carousel": "IG carousel", "story": "IG story"}
MORE_CAPTION = {
    "short": "\n.\n.\nSound on 🔊",
    "carousel": "\n\nSwipe ➡️",
    "image": "",
    "story": "",
}


def instagram_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """The content file (two of them, a month apart, where a counter was corrected) and the cards."""
    profile = world.profile(flows.account.creator)
    files = [_content_file(world, flows, world.exported_on)]
    if profile.vertical == "music" and world.days > 60:
        files.insert(0, _content_file(world, flows, world.exported_on - timedelta(days=33)))
    cards = {"business": (), "science": ("Views", "Reach")}.get(profile.vertical, ("Views", "Reach", "Follows"))
    files += result_cards(world, flows, cards)
    if profile.vertical in ("podcast", "cooking"):
        files.append(audience_card(world, flows))
    return files


def _content_file(world: World, flows: AccountFlows, exported_on: date) -> ExportFile:
    """Lifetime counters of everything published in the window so far."""
    account, vertical = flows.account, world.profile(flows.account.creator).vertical
    counters = {
        m: lifetime(flows, m, world.start, exported_on)
        for m in ("views", "likes", "shares", "followers_gained", "comments", "saves")
    }
    reach = lifetime_reach(flows, world.start, exported_on)
    columns = OTHER_ORDER if vertical in ("cooking", "science") else COLUMNS
    resaved = vertical == "music" and exported_on == world.exported_on
    rows: list[tuple[object, ...]] = [columns]
    newest_first = sorted(range(len(flows.contents)), key=lambda i: flows.contents[i].published, reverse=True)
    last = min(world.end, exported_on - timedelta(days=1))
    for i in newest_first:
        content = flows.contents[i]
        local = content.published.astimezone(ZoneInfo(account.zone))
        if local.date() > last:
            continue
        cells = {
            "Post ID": content.id,
            "Account ID": account.id,
            "Account username": account.handle,
            "Account name": account.title,
            "Description": content.title + MORE_CAPTION[content.format],
            "Duration (sec)": content.duration,
            "Publish time": f"{local:%m/%d/%Y %H:%M}",
            "Permalink": content.link,
            "Post type": POST_TYPES[content.format],
            "Data comment": "",
            "Date": "Lifetime",
            "Views": counters["views"][i],
            "Reach": reach[i],
            "Likes": counters["likes"][i],
            "Shares": counters["shares"][i],
            "Follows": counters["followers_gained"][i],
            "Comments": counters["comments"][i],
            "Saves": counters["saves"][i],
        }
        if content.format == "story":
            # stories cannot be saved: not applicable, which the platform leaves empty
            cells["Saves"] = "--" if resaved else None
            if counters["views"][i] < 5:
                cells |= {"Views": None, "Reach": None, "Data comment": "Insights are hidden below 5 viewers"}
        rows.append(tuple(cells[name] for name in columns))
    period = f"{world.start:%b-%d-%Y}_{last:%b-%d-%Y}"
    name, warts = f"{period}_{int(account.id) % 10**13}.csv", "bom multi-line-captions"
    if columns is OTHER_ORDER:
        warts += " other-column-order"
    if resaved:
        # a Spanish spreadsheet saved it again: semicolons, cp1252, emoji lost, and one identifier read as a number
        rows[-1] = (f"{float(str(rows[-1][0])):.5E}".replace(".", ","), *rows[-1][1:])
        data = delimited(rows, delimiter=";", line_end="\r\n").encode("cp1252", errors="replace")
        warts = "semicolons cp1252 lost-emoji one-damaged-id double-dash corrected-counter multi-line-captions"
        name = "Instagram contenido octubre.csv"
    else:
        data = b"\xef\xbb\xbf" + delimited(rows).encode()
        if exported_on != world.exported_on:
            warts += " earlier-export"
    return ExportFile(
        creator=account.creator,
        platform="instagram",
        kind="instagram content",
        name=name,
        data=data,
        exported_on=exported_on,
        rows=len(rows) - 1,
        warts=warts,
    )
