"""A seeded generator of creators with known truth, which writes exports in the platforms' own shapes."""

from engagerr_core.simulation.exports import write_exports
from engagerr_core.simulation.truth import write_truth
from engagerr_core.simulation.world import World, simulate

__all__ = ["World", "simulate", "write_exports", "write_truth"]
