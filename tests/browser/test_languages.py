"""Both languages: a Chinese browser gets Chinese on every tab, also from the server; the switch is kept."""

import re

import pytest

from tests.browser.pictures import PATIENCE, data, wait_for_data

SWITCH = "#language [data-widget]"
# Gradio's own words, names, code, and what stands for itself
LATIN = re.compile(r"[A-Za-z][A-Za-z']{3,}")
NAMES = {
    "DDPM",
    "DDIM",
    "MNIST",
    "Fashion",
    "MNIST's",
    "safetensors",
    "NumPy",
    "GIF",
    "Gradio",
    "API",
    "alpha_bar",
    "English",
    "python",
    "explorer",
    "mine",
    "step",
    "eps_hat",
    "x0_hat",
}
TEXTS = """() => {
  const found = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const parent = node.parentElement;
    const not_ours = "script, style, textarea, footer, select, .modebar, .toast-wrap, [data-testid=status-tracker]";
    if (parent.closest(not_ours) || !parent.checkVisibility()) continue;
    found.push(node.data.trim());
  }
  return found;
}"""


def english_left(page):
    return [text for text in page.evaluate(TEXTS) if set(LATIN.findall(text)) - NAMES]


@pytest.fixture
def chinese(browser, base_url):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(base_url)
    wait_for_data(page, SWITCH, "d.spoken === 'zh'")
    yield page
    context.close()


def test_a_chinese_browser_gets_chinese(chinese):
    """All five tabs, at rest and after they have moved; a refusal by the server; pictures and numbers as before."""
    page = chinese
    assert page.evaluate("document.documentElement.lang") == "zh"
    page.wait_for_selector("#desk [data-state=ready]")
    page.locator("#desk input[type=range]").focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "() => document.querySelector('#desk [data-part=sentence]').textContent.includes('图片含 0% 信号')"
    )
    assert english_left(page) == []
    page.get_by_role("tab", name="猜噪声").click()
    wait_for_data(page, "#guess [data-widget]", "d.answered === 'true'")
    page.locator("#guess [data-bet=medium]").click()
    assert english_left(page) == []
    page.get_by_role("tab", name="去噪声").click()
    page.locator("#film-seed input").fill("-1")
    page.click("#film-play")
    page.get_by_text("种子必须是 0 到 2147483647 的整数").first.wait_for()
    page.locator("#film-seed input").fill("7")
    page.locator("#film-steps input[type=number]").fill("20")
    page.locator("#film-steps input[type=number]").press("Tab")
    page.click("#film-play")
    page.get_by_text("每张图片 20 次网络计算").wait_for()
    assert english_left(page) == []
    page.get_by_role("tab", name="一大步还是许多小步").click()
    page.locator("#leaps").wait_for()
    assert english_left(page) == []
    page.get_by_role("tab", name="训练", exact=True).click()
    wait_for_data(page, "#lab [data-widget]", "d.checkpoints === '1'")
    assert english_left(page) == []


def test_the_switch_is_kept(app, base_url):
    """English here; chosen once, Chinese stays after a reload; the address can overrule it."""
    assert data(app, SWITCH)["language"] == "en" and app.evaluate("document.documentElement.lang") == "en"
    app.locator("#language select").select_option("zh")
    wait_for_data(app, SWITCH, "d.spoken === 'zh'")
    app.get_by_role("tab", name="加噪声").wait_for()
    app.reload()
    wait_for_data(app, SWITCH, "d.spoken === 'zh'")
    app.goto(f"{base_url}?lang=en")
    wait_for_data(app, SWITCH, "d.language === 'en'")
    app.get_by_role("tab", name="Add noise").wait_for()


BLOCKED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
});"""


def test_the_switch_works_where_nothing_may_be_stored(watched, base_url):
    """As in a frame of another site: the choice then stands in the address."""
    watched.add_init_script(BLOCKED)
    watched.goto(base_url)
    watched.wait_for_selector("#desk [data-state=ready]")
    watched.locator("#language select").select_option("zh")
    wait_for_data(watched, SWITCH, "d.spoken === 'zh'")
    assert "lang=zh" in watched.url
    watched.get_by_role("tab", name="加噪声").wait_for()


def test_nothing_in_the_head_lies_upon_another(app):
    """At any width each control of the head has its own place, and none is pushed out of the page."""
    for width in (1280, 1024, 800, 390):
        app.set_viewport_size({"width": width, "height": 800})
        app.wait_for_timeout(100)
        boxes = app.eval_on_selector_all(
            "#head-row :is(h1, .tools > button, .tools > details, select)",
            "all => all.map(e => e.getBoundingClientRect()).filter(r => r.width)"
            ".map(r => [r.left, r.top, r.right, r.bottom])",
        )
        assert len(boxes) >= 6 and all(left >= 0 and right <= width for left, _, right, _ in boxes)
        for i, (left, top, right, bottom) in enumerate(boxes):
            for other in boxes[i + 1 :]:
                assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top, (width, i, other)
