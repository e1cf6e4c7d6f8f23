"""What the tests do with a workspace."""

from datetime import UTC, datetime

from engagerr_core.ingest import Owner, ingest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def store(ws, *readings, creator="Ada", account=None, known_at=NOW, progress=None):
    """Ingest readings made by hand."""
    owner = Owner(creator=creator, account=account)
    return ingest(ws.lake, ws.catalogue, readings, owner=owner, known_at=known_at, progress=progress)


def state(ws):
    """Everything a workspace would answer, without the numbers of runs."""
    frames = {
        "observations": ws.observations(resolved=False),
        "contents": ws.contents(),
        "creators": ws.creators(),
        "accounts": ws.accounts(),
        "files": ws.files().drop(columns="run").sort_values("file", ignore_index=True),
        "quarantine": ws.quarantine(),
    }
    return {name: frame.to_csv(index=False) for name, frame in frames.items()}
