"""Save pictures of every page: `python -m tests.browser.screenshots FOLDER`; `--docs` renews those of the README too."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from dashboard.navigation import PageInfo, declared
from tests.browser.serving import ARGUMENTS, PATIENCE, ROOT, chromium_path, serving
from tests.browser.visits import NARROW, SCHEMES, WIDE, address, photograph, settle, train_default

WIDTHS = (WIDE, NARROW)
DOCS = ROOT / "docs" / "screenshots"
SHOWN = {
    "compare": 1330,
    "gates": 1180,
    "cell": 1420,
    "memory": 1200,
    "cost": 1200,
    "learn": 1000,
}  # pixels from the top
COLOURS = 192


@contextmanager
def browser() -> Iterator[Any]:
    """Start Chromium.

    Raises:
        SystemExit: If there is none.
    """
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    if path is None:
        raise SystemExit("there is no Chromium on PATH")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@contextmanager
def opened(chromium: Any, url: str, *, scheme: str) -> Iterator[Any]:
    """Open an address in a fresh profile."""
    context = chromium.new_context(viewport={"width": WIDE, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(url)
    yield tab
    context.close()


def name_of(page: PageInfo) -> str:
    """Return the file name of a page."""
    return page.url or "compare"


def take_all(chromium: Any, url: str, folder: Path, *, only: str = "") -> list[Path]:
    """Save the first view, then every page about a trained experiment, in both themes and widths."""
    taken = []
    with opened(chromium, f"{url}/", scheme="light") as tab:
        settle(tab)
        taken += _both_widths(tab, folder, "first-light")
        experiment = train_default(tab)
    with opened(chromium, f"{url}/", scheme="dark") as tab:
        settle(tab)
        taken += _both_widths(tab, folder, "first-dark")
    for page in declared().values():
        if only and name_of(page) not in only.split(","):
            continue
        for scheme in SCHEMES:
            with opened(chromium, url + address(page, experiment), scheme=scheme) as tab:
                settle(tab)
                taken += _both_widths(tab, folder, f"{name_of(page)}-{scheme}")
    return taken


def _both_widths(tab: Any, folder: Path, name: str) -> list[Path]:
    paths = [folder / f"{name}-{width}.png" for width in WIDTHS]
    for path, width in zip(paths, WIDTHS, strict=True):
        photograph(tab, path, width=width)
        print(path)
    return paths


def renew_docs(taken: list[Path]) -> None:
    """Cut the README's pictures out of the wide, light ones, with few colours so that they are small."""
    DOCS.mkdir(parents=True, exist_ok=True)
    for path in taken:
        name = path.stem.removesuffix(f"-light-{WIDE}")
        if name in SHOWN:
            picture = Image.open(path).convert("RGB")
            cut = picture.crop((0, 0, picture.width, min(picture.height, SHOWN[name])))
            cut.quantize(COLOURS, dither=Image.Dither.NONE).save(DOCS / f"{name}.png", optimize=True)


def main() -> None:
    """Start the application and save the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", default="", help="names of pages, with commas")
    parser.add_argument("--docs", action="store_true", help="renew the pictures of the README")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, serving(Path(data)) as server, browser() as chromium:
        taken = take_all(chromium, server.url, chosen.folder, only=chosen.only)
    if chosen.docs:
        renew_docs(taken)


if __name__ == "__main__":
    main()
