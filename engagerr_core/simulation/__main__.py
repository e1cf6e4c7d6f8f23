"""Write a sample: `python -m engagerr_core.simulation data/sample --seed 20261103`."""

import argparse
from datetime import date
from pathlib import Path

from engagerr_core.simulation import simulate, write_exports, write_truth

SAMPLE_SEED = 20261103


def main() -> None:
    """Simulate a world and write its exports, and beside them the truth."""
    parser = argparse.ArgumentParser(prog="python -m engagerr_core.simulation", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SAMPLE_SEED)
    parser.add_argument("--creators", type=int, default=6)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2025, 5, 1))
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 10, 31))
    arguments = parser.parse_args()
    world = simulate(arguments.seed, creators=arguments.creators, start=arguments.start, end=arguments.end)
    written = write_exports(world, arguments.folder) + write_truth(world, arguments.folder / "truth")
    print(f"{len(written)} files, {sum(path.stat().st_size for path in written):,} bytes, in {arguments.folder}")


if __name__ == "__main__":
    main()
