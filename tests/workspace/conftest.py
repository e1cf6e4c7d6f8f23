"""An open, empty workspace."""

import pytest

from engagerr_core.workspace import Workspace
from tests.store.catalogues import postgres, url  # noqa: F401 - pytest finds fixtures by name
from tests.workspace.asked import asked, changing  # noqa: F401 - as above
from tests.workspace.backups import archive, filled  # noqa: F401 - as above


@pytest.fixture
def ws(tmp_path):
    with Workspace.open(tmp_path / "ws", create=True) as workspace:
        yield workspace
