"""The stage as a class sees it: scene by scene, at the screens that stand in classrooms."""

from __future__ import annotations

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

SCREENS = ((1024, 768), (1280, 720), (1366, 768), (1920, 1080), (3840, 2160))
SMALLEST = 0.022  # of the screen's height: a letter
UPRIGHT, SMALLEST_UPRIGHT = (390, 844), 0.0115  # a phone, by which a teacher tries the stage at home

# Everything seen on the stage that is cut, lies outside the screen or over another part, or is written too small.
FAULTS = """smallest => {
  const faults = [], seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const board = document.querySelector(".classroom[data-board]:not([data-board='']) [data-part=panel]");
  const around = [...document.querySelectorAll(".stage-head, .stage-keys")];
  const parts = [...(board ? [board] : document.querySelectorAll("[data-stage=block]")), ...around];
  const name = element => `${element.tagName.toLowerCase()}.${element.dataset?.part ?? element.className} ` +
    `"${element.textContent.trim().slice(0, 30)}"`;
  if (document.querySelectorAll("[data-stage=block]").length < 1) faults.push("nothing is on the stage");
  if (document.documentElement.scrollHeight > innerHeight + 1) faults.push("the page can be scrolled");
  for (const part of parts) {
    const room = part.getBoundingClientRect();
    if (room.top < -1 || room.left < -1 || room.right > innerWidth + 1 || room.bottom > innerHeight + 1)
      faults.push(`outside the screen: ${part.id || part.className}`);
    for (const other of parts) {
      const its = other.getBoundingClientRect();
      if (other !== part && Math.min(room.right, its.right) - Math.max(room.left, its.left) > 1 &&
          Math.min(room.bottom, its.bottom) - Math.max(room.top, its.top) > 1)
        faults.push(`${part.id || part.className} lies over ${other.id || other.className}`);
    }
    for (const element of part.querySelectorAll("*")) {
      if (!seen(element) || element.closest(".for-ears, svg, option") || element.matches("input[type=range]")) continue;
      const writes = element.matches("canvas[data-part], canvas[data-chart], select") ||
        [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
      if (!writes && element.tagName !== "CANVAS") continue;
      const box = element.getBoundingClientRect(), size = parseFloat(getComputedStyle(element).fontSize);
      if (writes && size < smallest * innerHeight - 0.01) faults.push(`${size} px: ${name(element)}`);
      if (box.width < 2 || box.height < 2) {
        if (element.tagName === "CANVAS") faults.push(`nothing left: ${name(element)}`);
        continue;
      }
      if (box.left < room.left - 1 || box.right > room.right + 1 ||
          box.top < room.top - 1 || box.bottom > room.bottom + 1)
        faults.push(`cut: ${name(element)} ${[box.left, box.top, box.right, box.bottom].map(Math.round)}`);
      if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "visible")
        faults.push(`cut inside: ${name(element)}`);
    }
    // no two pictures or texts over one another; "empty" says in a tile why it is empty
    const leaves = [...part.querySelectorAll("canvas, figcaption, p, input[type=range], button")].filter(seen)
      .filter(element => !element.closest(".for-ears, [data-part=empty]"));
    leaves.forEach((one, i) => leaves.slice(i + 1).forEach(two => {
      if (one.contains(two) || two.contains(one)) return;
      const a = one.getBoundingClientRect(), b = two.getBoundingClientRect();
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
        faults.push(`${name(one)} and ${name(two)} lie over one another`);
    }));
  }
  return faults;
}"""


def as_typeset(text: str) -> str:
    """The letters of a text as they stand on the page, where its formulas are typeset."""
    return text.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉₋ₜ", "0123456789−t", "\u0302"))


def on_stage(page: Page, scene: str) -> None:
    """Wait until this scene stands on the stage, its players there."""
    page.wait_for_function(
        """scene => { const blocks = [...document.querySelectorAll("[data-stage=block]")];
        return document.querySelector("#lesson-bar [data-widget]")?.dataset.scene === scene && blocks.length &&
          blocks.every(block => block.querySelector("[data-mounted]")); }""",
        arg=scene,
    )


def resize(page: Page, width: int, height: int) -> None:
    """Another screen; layout and charts have had time to follow when this returns, unless the machine is busy."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))"
    )


def faults(page: Page) -> list[str]:
    """What is wrong with the stage as it stands, if it stays wrong for some seconds."""
    smallest = SMALLEST_UPRIGHT if page.viewport_size["width"] < page.viewport_size["height"] else SMALLEST
    follow = f"smallest => ({FAULTS})(smallest).length === 0"
    try:
        page.wait_for_function(follow, arg=smallest, timeout=3_000)
    except PlaywrightTimeoutError:
        return page.evaluate(FAULTS, smallest)
    return []
