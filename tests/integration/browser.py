# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real browser without a window, and what tests ask of it."""

from __future__ import annotations

import base64
import contextlib
import io
from pathlib import Path
from typing import Any, Callable, Iterator

from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

AXE = Path(__file__).resolve().parents[2] / "build/npm/node_modules/axe-core/axe.min.js"
SCHEMES = ("light", "dark")


class Browser:
    """One tab of a browser that has no network to speak of: what a page asks for outside itself is noted."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def show(self, page: Path, scheme: str = "light", media: str = "screen") -> None:
        """Open *page* as somebody sees it who prefers the colour *scheme*."""
        self.look(scheme, media)
        self.driver.get_log("browser")
        self.driver.get(page.as_uri())

    def look(self, scheme: str, media: str = "screen") -> None:
        """Change the colour scheme, or what the page is shown on, as the system does."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page; return what it returns."""
        return self.driver.execute_script(script, *arguments)

    def console(self) -> list[str]:
        """What the console has told of errors and warnings since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self) -> list[str]:
        """The addresses that the page has asked for beside its own."""
        return list(self.run("return performance.getEntriesByType('resource').map((each) => each.name)"))

    def picture(self) -> Image.Image:
        """What is to be seen in the window, in grey."""
        return Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("L")

    def drawn(self) -> list[bool]:
        """Of each chart of the page, whether there is anything in it."""
        return list(
            self.run(
                "return [...document.querySelectorAll('canvas')].map((each) => { const data = each.getContext('2d')"
                ".getImageData(0, 0, each.width, each.height).data; return new Set(data).size > 2; })"
            )
        )

    def unfold(self) -> None:
        """Open all that is folded away."""
        self.run("document.querySelectorAll('details').forEach((each) => (each.open = true))")

    def paper(self) -> bytes:
        """The page as it is printed, a PDF."""
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])

    def shown(self, selector: str) -> list[str]:
        """The text of the elements that can be seen."""
        return [each.text for each in self.driver.find_elements("css selector", selector) if each.is_displayed()]

    def type(self, selector: str, text: str) -> None:
        """Type into a field in place of what is there."""
        field = self.driver.find_element("css selector", selector)
        field.clear()
        field.send_keys(text)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def focus(self) -> str:
        """What the focus is on: an element's name and the name of the field."""
        return str(self.run("const at = document.activeElement; return at.tagName + ' ' + (at.name || at.id)"))

    def wait_for(self, condition: Callable[[], Any]) -> Any:
        """What *condition* returns once it is true; what never becomes true fails the test."""
        return WebDriverWait(self.driver, 20).until(lambda _driver: condition())

    def violations(self) -> list[str]:
        """What axe-core finds of serious and critical faults of accessibility, each with the elements."""
        if not self.run("return typeof window.axe !== 'undefined'"):
            self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1]; window.axe.run(document).then(done, (e) => done(String(e)))"
        )
        assert isinstance(found, dict), found
        assert found["passes"], "axe-core looked at nothing"
        return [
            f"{each['id']}: {[node['html'][:200] + ' / ' + node['failureSummary'] for node in each['nodes'][:3]]}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]


@contextlib.contextmanager
def opened(chromium: str, driver: str) -> Iterator[Browser]:
    """A browser by the paths of its program and of its driver."""
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    # Tests run as root in containers, where its sandbox cannot be made; the pages are our own.
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1100,900",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield Browser(chrome)
    finally:
        chrome.quit()


TAB, ENTER = Keys.TAB, Keys.ENTER
