"""What axe finds on the page as it is, light and dark."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

SERIOUS = ("serious", "critical")


def serious_violations(page) -> list[tuple]:
    """(theme, rule, where, why) of every serious violation; the page was opened light, and is dark afterwards."""
    serious = []
    for theme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")  # as ?__theme=dark does
        page.wait_for_timeout(400)  # accordions and colours settle
        found = (
            Axe().run(page, context={"exclude": [["footer"]]}).response["violations"]
        )  # Gradio's own footer, pale grey
        serious += [
            (theme, rule["id"], node["target"], node["failureSummary"])
            for rule in found
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
        ]
    return serious
