"""Shapes that the platforms offer and the sample's creators did not download."""

from datetime import timedelta

from engagerr_core.simulation.exports import export_files
from engagerr_core.simulation.exports.facebook_videos import videos_file
from engagerr_core.simulation.exports.files import ExportFile
from engagerr_core.simulation.exports.linkedin import creator_workbook, page_workbook
from engagerr_core.simulation.exports.meta_cards import audience_card, card_counts, result_cards
from engagerr_core.simulation.exports.music_services import music_files
from engagerr_core.simulation.exports.spotify import audience, songs
from engagerr_core.simulation.exports.tiktok import business_center
from engagerr_core.simulation.exports.x import activity_file
from engagerr_core.simulation.exports.youtube_dimensions import dimension_files
from engagerr_core.simulation.flows import AccountFlows
from engagerr_core.simulation.world import World


def every_shape(world: World) -> tuple[ExportFile, ...]:
    """The creators' exports and every other shape that their platforms offer, in memory."""
    more = [file for (_, platform), flows in world.flows.items() for file in _more(world, platform, flows)]
    return (*export_files(world), *more)


def _more(world: World, platform: str, flows: AccountFlows) -> list[ExportFile]:
    if platform == "youtube":
        return dimension_files(world, flows)
    if platform in ("instagram", "facebook"):
        cards = result_cards(world, flows, tuple(card_counts(flows)))
        cards.append(audience_card(world, flows, with_countries=True))
        return [*cards, videos_file(world, flows)] if platform == "facebook" else cards
    if platform == "tiktok":
        return [business_center(world, flows)]
    if platform == "x":
        return [activity_file(world, flows, world.start, world.end)]
    if platform == "linkedin":
        return [
            page_workbook(world, flows, world.start, world.end, shares_word="Shares"),
            creator_workbook(world, flows, world.start, world.end),
            creator_workbook(world, flows, world.start, world.end, text_only=True),
        ]
    four_weeks = max(world.start, world.end - timedelta(days=27))
    return [
        songs(world, flows, four_weeks, world.end, "28day", with_total=True),
        audience(world, flows, newer=True),
        *music_files(world, flows),
    ]
