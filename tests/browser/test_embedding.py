"""The page in a frame of a learning platform: how high it is, which link it gives, and a class in it."""

from tests.browser.axe import serious_violations

SCHOOL = """<!doctype html><html lang="en"><title>School</title><link rel="icon" href="data:,"><script>
  addEventListener("message", ({ data }) => { if (data.subject === "lti.frameResize") window.height = data.height; });
</script><iframe title="DDPM Explorer" src="{src}" width="1000" height="900"></iframe>"""


def test_in_a_frame(watched, base_url):
    watched.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden'))")
    watched.route(
        f"{base_url}school",
        lambda route: route.fulfill(
            body=SCHOOL.replace("{src}", f"{base_url}?t=250&__theme=light"), content_type="text/html"
        ),
    )
    watched.goto(f"{base_url}school")
    frame = watched.frame_locator("iframe")
    frame.locator("#desk [data-t='250']").wait_for()
    frame.locator("#lesson-bar [data-state=ready][data-query*='t=250']").wait_for()
    watched.wait_for_function("() => window.height > 1000")  # all of it, without a second bar to scroll by
    frame.get_by_role("button", name="Copy link to this view").click()
    address = frame.locator("#lesson-bar [data-part=address]")
    address.wait_for()
    assert address.input_value().startswith(f"{base_url}school?") and "t=250" in address.input_value()
    assert "forbids copying" in frame.locator("#lesson-bar [data-part=told]").text_content()
    frame.locator("#classroom [data-part=toggle]").click()
    frame.locator("#classroom [data-part=open]").click()
    frame.locator("#classroom [data-role=leader]").wait_for()
    assert frame.locator("#classroom [data-part=link]").get_attribute("href").startswith(f"{base_url}?class=")
    assert serious_violations(watched) == []
    frame.locator("#classroom [data-part=end]").click()
    frame.locator("#classroom [data-role=none]").wait_for()
