"""What browser tests share: pages for everyone, on a screen and on a phone, and waiting for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from apps.jobs.models import Job, State

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
#: Width, theme and axe's options: structure depends on the width, only contrast on both.
EVERYTHING, CONTRAST = {}, {"runOnly": ["color-contrast"]}
SCREENS = [
    (1440, "light", EVERYTHING),
    (1440, "dark", CONTRAST),
    (390, "light", CONTRAST),
    (390, "dark", EVERYTHING),
]
#: What axe found, short enough to read in a failure. Elements that pass are checked, but not described.
FINDINGS = """async options => (await axe.run({...options, resultTypes: ["violations"]})).violations.map(
    found => `${found.id}: ${found.nodes.map(node => node.target.join(' ')).join(', ')}`
)"""


def check_pages(page, addresses: Mapping[str, str], opened: str = "") -> None:  # type: ignore[no-untyped-def]
    """Each page has one first heading, nothing scrolls sideways, and axe finds nothing; ``opened`` selects
    closed parts that are looked at too.
    """
    faults = []
    for name, address in addresses.items():
        page.goto(address)
        assert page.get_by_role("heading", level=1).count() == 1, name
        for details in page.locator(opened).all() if opened else ():
            details.evaluate("element => { element.open = true; }")
        # Handed over by the protocol of the debugger, which the page's policy does not bind.
        page.evaluate(AXE)
        for width, theme, options in SCREENS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            page.wait_for_timeout(250 if page.locator(".plot").count() else 0)  # charts follow a moment later
            scrolled = page.evaluate("document.documentElement.scrollWidth")
            if scrolled > width:
                faults.append(f"{name} {width}: {scrolled} px wide")
            faults += [f"{name} {width} {theme}: {found}" for found in page.evaluate(FINDINGS, options)]
    assert not faults, "\n".join(faults)


def wait_for_worker(page) -> None:  # type: ignore[no-untyped-def]
    """Until no job waits or runs any more, at most a minute and a half."""
    for _ in range(900):
        if not Job.objects.filter(state__in=[State.QUEUED, State.RUNNING]).exists():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the worker did not finish")
