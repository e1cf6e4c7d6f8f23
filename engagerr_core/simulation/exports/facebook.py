"""Facebook: the posts file of Meta Business Suite with its 31 columns, and result cards."""

from zoneinfo import ZoneInfo

from engagerr_core.simulation.exports.files import ExportFile, delimited
from engagerr_core.simulation.exports.meta_cards import audience_card, result_cards
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.reporting import lifetime, lifetime_reach
from engagerr_core.simulation.world import World

ABOUT_POST = (
    "Post ID",
    "Page ID",
    "Page name",
    "Title",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Caption type",
    "Permalink",
    "Is crosspost",
    "Is share",
    "Post type",
    "Languages",
    "Custom labels",
    "Funded content status",
    "Data comment",
    "Date",
)
COLUMNS = (
    *ABOUT_POST,
    "Views",
    "Reach",
    "Reactions, Comments and Shares",
    "Reactions",
    "Comments",
    "Shares",
    "Total clicks",
    "Other Clicks",
    "Matched Audience Targeting Consumption (Photo Click)",
    "Link Clicks",
    "Negative feedback from users: Hide all",
    "Seconds viewed",
    "Average Seconds viewed",
    "Estimated earnings (USD)",
)
POST_TYPES = {"short": "Reels", "image": "Photos", "link": "Links", "text": "Text"}


def facebook_files(world: World, flows: AccountFlows) -> list[ExportFile]:
    """The posts file and the cards."""
    vertical = world.profile(flows.account.creator).vertical
    cards = ("Views", "Follows") if vertical == "business" else ("Views", "Reach", "Follows")
    files = [_posts_file(world, flows), *result_cards(world, flows, cards)]
    return [*files, audience_card(world, flows)] if vertical == "cooking" else files


def _posts_file(world: World, flows: AccountFlows) -> ExportFile:
    """Lifetime counters of every post of the window."""
    account, vertical = flows.account, world.profile(flows.account.creator).vertical
    counters = {m: lifetime(flows, m, world.start, world.exported_on) for m in flows.daily}
    reach = lifetime_reach(flows, world.start, world.exported_on)
    rows: list[list[object]] = [list(COLUMNS)]
    newest_first = sorted(range(len(flows.contents)), key=lambda i: flows.contents[i].published, reverse=True)
    for i in newest_first:
        content = flows.contents[i]
        local = content.published.astimezone(ZoneInfo(account.zone))
        if local.date() > world.end:
            continue
        n = {metric: int(values[i]) for metric, values in counters.items()}
        video = content.format == "short"
        photo = n["photo_clicks"] if content.format == "image" else 0
        link = n["link_clicks"] if content.format in ("link", "text") else 0
        first_line = content.title.split("\n")[0]
        rows.append(
            [
                content.id,
                account.id,
                account.title,
                first_line,
                content.title if "\n" in content.title else "",
                content.duration if video else None,
                f"{local:%m/%d/%Y %H:%M}",
                None,
                content.link,
                0,
                0,
                POST_TYPES[content.format],
                None,
                None,
                None,
                None,
                "Lifetime",
                n["views"],
                int(reach[i]),
                n["likes"] + n["comments"] + n["shares"],
                n["likes"],
                n["comments"],
                n["shares"],
                n["other_clicks"] + photo + link,
                n["other_clicks"],
                photo or None,
                link or None,
                None,
                n["watch_seconds"] if video else None,
                f"{n['watch_seconds'] / n['views']:.3f}" if video and n["views"] else None,
                None,
            ]
        )
    warts = "bom blank-not-zero"
    if vertical == "cooking":
        # the variant that carries Views a second time, at the end
        rows = [[*row, row[COLUMNS.index("Views")]] for row in rows]
        warts += " views-twice"
    text = delimited(rows)
    if vertical == "business":
        # saved by a tool that took each line for one cell: every line quoted, its quotes doubled
        lines = [delimited([row]).removesuffix("\n") for row in rows]
        text = "\n".join('"' + line.replace('"', '""') + '"' for line in lines) + "\n"
        warts += " double-encoded"
    period = f"{world.start:%b-%d-%Y}_{world.end:%b-%d-%Y}"
    return ExportFile(
        creator=account.creator,
        platform="facebook",
        kind="facebook posts",
        name=f"{period}_{int(account.id) % 10**12}.csv",
        data=b"\xef\xbb\xbf" + text.encode(),
        exported_on=world.exported_on,
        rows=len(rows) - 1,
        warts=warts,
    )
