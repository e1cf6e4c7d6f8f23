"""The overview notebook in real JupyterLab: a control moves, the picture follows, no host is asked, no error."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
SHOTS = os.environ.get("ENGAGERR_SCREENSHOTS", "")

KERNEL_READY = """() => {
    const kernel = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.status === 'idle';
}"""

DRAWING = ".vega-embed svg.marks"
PICTURE_CHANGED = f"old => (document.querySelector('{DRAWING}')?.innerHTML ?? old) !== old"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def notebooks(tmp_path: Path, example_workspace: Path) -> Path:
    """The shipped notebook, with the workspace written into its parameters cell as an analyst would."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shipped = (ROOT / "notebooks" / "overview.ipynb").read_text(encoding="utf-8")
    empty, filled = 'workspace: str = \\"\\"', f'workspace: str = \\"{example_workspace}\\"'
    assert shipped.count(empty) == 1
    (folder / "overview.ipynb").write_text(shipped.replace(empty, filled), encoding="utf-8")
    return folder


@pytest.fixture
def lab(notebooks: Path, tmp_path: Path) -> Iterator[str]:
    """A JupyterLab of its own on the loopback; yields its address with the token in it."""
    port, token = free_port(), secrets.token_hex(16)
    runtime_folder = tempfile.TemporaryDirectory(
        prefix="lab"
    )  # a socket's path holds 107 characters, tmp_path has too many
    runtime = runtime_folder.name
    environment = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"), "JUPYTER_RUNTIME_DIR": runtime,
        "IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={notebooks}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--KernelManager.transport=ipc",
        "--ServerApp.terminals_enabled=False", "--expose-app-in-browser", "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    with (tmp_path / "lab.log").open("wb") as log, runtime_folder:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=notebooks)
        try:
            wait_for_port(port, server, tmp_path / "lab.log")
            yield f"http://127.0.0.1:{port}/lab/tree/overview.ipynb?token={token}"
        finally:
            server.terminate()
            server.wait(30)


def wait_for_port(port: int, server: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not open its port. Its log: {log.read_text()}")


def test_overview_notebook(lab: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    foreign: list[str] = []
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1400, "height": 1700})
        page.on(
            "console", lambda m: errors.append(f"{m.text} ({m.location.get('url')})") if m.type == "error" else None
        )
        page.on("pageerror", lambda problem: errors.append(str(problem)))

        def guard(route) -> None:
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                route.continue_()
            else:
                foreign.append(route.request.url)
                route.abort()

        page.route(lambda url: not url.startswith(("data:", "blob:")), guard)
        page.on("websocket", lambda s: foreign.append(s.url) if urlsplit(s.url).hostname != "127.0.0.1" else None)
        page.goto(lab)
        page.wait_for_function(KERNEL_READY, timeout=90_000)
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
        shot(page, "loaded")
        chart = page.locator("[role=graphics-document][aria-label^='Line chart of standard views']")
        expect(chart).to_be_visible(timeout=90_000)
        expect(page.get_by_role("article", name="Standard views", exact=True)).to_be_visible()
        shot(page, "overview")

        before = picture(page)
        page.get_by_label("Period", exact=True).select_option("Last 7 days")
        expect(page.get_by_label("From", exact=True)).not_to_have_value("", timeout=30_000)
        page.wait_for_function(PICTURE_CHANGED, arg=before, timeout=30_000)
        assert picture(page) != before
        shot(page, "seven_days")

        heading = page.locator(".engagerr h2")
        words = heading.inner_text()
        box = page.locator(DRAWING).bounding_box()
        assert box is not None
        y = box["y"] + box["height"] * 0.6
        page.mouse.move(box["x"] + box["width"] * 0.62, y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=8)
        page.mouse.up()
        expect(heading).not_to_have_text(words, timeout=30_000)
        expect(page.get_by_text("Marked:")).to_be_visible()
        shot(page, "brushed")

        page.get_by_role("button", name="Where figures come from").click()
        expect(
            page.get_by_role("article", name="Standard views", exact=True).get_by_text("Coefficients")
        ).to_be_visible()
        shot(page, "provenance")
        browser.close()
    assert foreign == []
    assert errors == []  # nothing is tolerated: JupyterLab 4.6 itself logs no error


def picture(page) -> str:
    return str(page.locator(DRAWING).inner_html())


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))
