"""What axe finds on the page as it is, light and dark."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

SERIOUS = ("serious", "critical")

# The curve of alpha_bar is fetched when its place is seen; until it has come, Gradio shows a place-holder whose
# aria-label axe minds.
CURVE_HAS_COME = """() => {
  const aside = document.getElementById("alpha-bar-plot-aside");
  const { top, bottom, height } = aside?.getBoundingClientRect() ?? { height: 0 };
  return !height || bottom < 0 || top > innerHeight || Boolean(aside.querySelector(".js-plotly-plot"));
}"""


def serious_violations(page) -> list[tuple]:
    """(theme, rule, where, why) of every serious violation; the page was opened light, and is dark afterwards."""
    serious = []
    page.wait_for_function(CURVE_HAS_COME)
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
