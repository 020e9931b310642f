"""The site in a browser, opened from the file system: display, keyboard, filters and reloading."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from mdevref.suite import data
from mdevref.suite.results.verdicts import worst
from mdevref.suite.sphinx.coverage import anchor_of
from mdevref.suite.trace.account import account
from tests.suite.sphinx.conftest import Built
from tests.suite.sphinx.made import EXPECTED, SEEN, TYPE

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = [name for name, path in (("chromium", BROWSER), ("chromium-driver", DRIVER)) if path is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1280,1000",
    "--force-prefers-reduced-motion",
)  # fmt: skip
DEADLINE = 20  #: seconds to wait for something to appear


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = BROWSER or ""
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(DRIVER))
    yield driver
    driver.quit()


def visit(browser: Chrome, built: Built, page: str) -> None:
    # If only the fragment changes, the browser does not reload the page.
    browser.get("about:blank")
    browser.get(f"{built.folder.as_uri()}/{page}")


def css(browser: Chrome | WebElement, selector: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, selector)


def shown_ids(browser: Chrome) -> list[str]:
    rows = browser.find_elements(By.CSS_SELECTOR, "table.matrix tr[data-id]")
    return [row.get_dom_attribute("data-id") or "" for row in rows if row.is_displayed()]


def fragment(browser: Chrome) -> str:
    return unquote(browser.current_url.partition("#")[2])


def chapter_page(built: Built, id: str) -> str:
    name = next(c.name for c in built.spec.chapters for s in c.sections for r in s.requirements if r.id == id)
    return f"spec/{name}.html"


def test_a_clause_shows_its_verdicts(browser: Chrome, built: Built) -> None:
    failing = built.faulty["fail"]
    visit(browser, built, f"{chapter_page(built, failing.id)}#{failing.id}")
    box = browser.find_element(By.ID, failing.id)
    assert box.is_displayed()
    chips = box.find_elements(By.CSS_SELECTOR, ".req-verdicts .verdict")
    assert [chip.text for chip in chips] == ["reference pass", "faulty fail"]


def test_a_clause_links_to_the_operations_of_its_failure(browser: Chrome, built: Built) -> None:
    failing = built.faulty["fail"]
    visit(browser, built, chapter_page(built, failing.id))
    css(browser.find_element(By.ID, failing.id), ".req-verdicts .v-fail").click()
    finding = browser.find_element(By.ID, failing.id)
    assert browser.current_url.endswith(f"targets/faulty.html#{failing.id}")
    assert finding.is_displayed()
    for text in (failing.scenarios[0].title, EXPECTED, SEEN, f"{TYPE}/create"):
        assert text in finding.text


def test_scenarios_can_be_unfolded(browser: Chrome, built: Built) -> None:
    failing = built.faulty["fail"]
    visit(browser, built, chapter_page(built, failing.id))
    fold = css(browser.find_element(By.ID, failing.id), "details.scenarios")
    title = css(fold, ".scenario-title")
    assert not title.is_displayed()
    css(fold, "summary").send_keys(Keys.ENTER)
    assert title.is_displayed()
    assert [li.text.split()[0] for li in css(fold, "ol.steps").find_elements(By.TAG_NAME, "li")] == [
        step.keyword for step in failing.scenarios[0].steps
    ]


def test_the_address_stores_the_filter(browser: Chrome, built: Built) -> None:
    visit(browser, built, "verdicts.html")
    everything = shown_ids(browser)
    css(browser, "input[name=verdict][value=fail]").click()
    assert shown_ids(browser) == [built.faulty["fail"].id]
    assert fragment(browser) == "verdict=fail"
    assert css(browser, "#matrix-count").text == f"1 of {len(everything)} requirements"

    browser.refresh()
    assert shown_ids(browser) == [built.faulty["fail"].id]
    assert css(browser, "input[name=verdict][value=fail]").is_selected()

    css(browser, "[data-clear]").click()
    assert shown_ids(browser) == everything
    assert fragment(browser) == ""


def test_an_address_with_a_filter_selects_rows(browser: Chrome, built: Built) -> None:
    word = built.faulty["fail"].id.partition(".")[0]
    visit(browser, built, f"verdicts.html#verdict=fail,error&level=must&text={word}")
    wanted = {built.faulty[verdict].id for verdict in ("fail", "error")}
    assert set(shown_ids(browser)) == {id for id in wanted if word in id}
    assert css(browser, "#filter-text").get_property("value") == word
    assert css(browser, "input[name=level][value=must]").is_selected()


def test_going_back_restores_the_filter(browser: Chrome, built: Built) -> None:
    visit(browser, built, "verdicts.html#verdict=error")
    css(browser, f"tr[data-id='{built.faulty['error'].id}'] .req-id").click()
    assert "/spec/" in browser.current_url
    browser.back()
    assert shown_ids(browser) == [built.faulty["error"].id]


def test_a_text_filter_hides_chapters_without_rows(browser: Chrome, built: Built) -> None:
    visit(browser, built, "verdicts.html")
    css(browser, "#filter-text").send_keys(built.faulty["fail"].id)
    assert built.faulty["fail"].id in shown_ids(browser)
    heads = [row for row in browser.find_elements(By.CSS_SELECTOR, "tr.chapter") if row.is_displayed()]
    assert len(heads) == 1
    css(browser, "#filter-text").send_keys(" nothing says this")
    assert shown_ids(browser) == []
    assert css(browser, "#matrix-count").text.startswith("0 of ")


def test_the_filter_can_be_used_with_the_keyboard(browser: Chrome, built: Built) -> None:
    visit(browser, built, "verdicts.html")
    boxes = browser.find_elements(By.CSS_SELECTOR, ".filter input[type=checkbox]")
    browser.execute_script("arguments[0].focus({focusVisible: true})", boxes[0])
    reached = [browser.switch_to.active_element]
    for _ in boxes:
        reached[-1].send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element)
    assert reached == [*boxes, css(browser, "#filter-text")]

    fail = css(browser, "input[name=verdict][value=fail]")
    fail.send_keys(Keys.SPACE)
    assert shown_ids(browser) == [built.faulty["fail"].id]
    outline = css(browser, ".choice:has(input[value=fail])").value_of_css_property("outline-style")
    assert outline == "solid"


def test_controls_and_table_have_accessible_names(browser: Chrome, built: Built) -> None:
    visit(browser, built, "verdicts.html")
    for control in browser.find_elements(By.CSS_SELECTOR, ".filter input, .filter button"):
        assert control.accessible_name
    assert css(browser, "form.filter").aria_role == "search"
    assert css(browser, "#matrix-count").get_dom_attribute("aria-live") == "polite"
    table = css(browser, "table.matrix")
    assert table.accessible_name
    heads = table.find_elements(By.CSS_SELECTOR, "thead th")
    assert {head.aria_role for head in heads} == {"columnheader"}
    row = css(table, "tr[data-id] th")
    assert row.aria_role == "rowheader"


def test_the_head_of_the_matrix_stays_visible(browser: Chrome, built: Built) -> None:
    visit(browser, built, "verdicts.html")
    browser.execute_script("document.querySelector('table.matrix tbody:last-of-type').scrollIntoView()")
    top = "return document.querySelector('table.matrix thead th').getBoundingClientRect().top"
    assert 0 <= browser.execute_script(top) < 5


def scheme(browser: Chrome, value: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": value}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2) of a CSS colour such as ``rgba(26, 112, 64, 1)``."""
    parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_verdicts_have_contrast_in_light_and_dark_mode(browser: Chrome, built: Built, mode: str) -> None:
    scheme(browser, mode)
    try:
        shown = {"verdicts": "table.matrix td .verdict", "coverage": ".states .verdict", "editions": "th .change"}
        for page, selector in shown.items():
            visit(browser, built, f"{page}.html")
            back = luminance(css(browser, "body").value_of_css_property("background-color"))
            assert (back > 0.5) == (mode == "light")
            # The matrix has a verdict for each requirement: check one of each colour.
            words = {
                each.value_of_css_property("color"): each for each in browser.find_elements(By.CSS_SELECTOR, selector)
            }
            for colour, word in words.items():
                front = luminance(colour)
                contrast = (max(front, back) + 0.05) / (min(front, back) + 0.05)
                assert contrast >= 4.5, word.text
    finally:
        scheme(browser, "")


def test_the_coverage_shows_the_verdicts_of_the_selected_target(browser: Chrome, built: Built) -> None:
    known = account(data.spec())
    chosen = {requirement.id: verdict for verdict, requirement in built.faulty.items()}
    key, verdict = next(
        (key, worst([chosen.get(id, "pass") for id in ids]))
        for key, ids in known.required.items()
        if key in known.edition.all_keys() and {chosen.get(id, "pass") for id in ids} - {"pass", "not-applicable"}
    )
    row = f"[id='{anchor_of(key)}'] [data-verdicts]"
    cell = f".cells a[href='#{anchor_of(key)}'] [data-verdicts]"
    visit(browser, built, "coverage.html")
    assert css(browser, row).text == "pass"
    css(browser, "form[data-coverage] label:has([value='faulty'])").click()
    for selector in (row, cell):
        assert css(browser, selector).get_attribute("textContent") == verdict.replace("-", " ")
        assert f"v-{verdict}" in (css(browser, selector).get_attribute("class") or "")
    assert fragment(browser) == "target=faulty"
    # The address stores the choice. The address of a statement scrolls to it.
    browser.refresh()
    assert css(browser, row).text == verdict.replace("-", " ")
    visit(browser, built, f"coverage.html#{anchor_of(key)}")
    assert browser.find_element(By.ID, anchor_of(key)).is_displayed()
    assert css(browser, row).text == "pass"


def test_no_page_scrolls_sideways_on_a_phone(browser: Chrome, built: Built) -> None:
    size = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        pages = ["index.html", "verdicts.html", "targets/faulty.html", chapter_page(built, built.faulty["fail"].id)]
        pages += ["coverage.html", "editions.html", "spec/errata.html"]
        for page in pages:
            visit(browser, built, page)
            wide = browser.execute_script(
                "const c = document.querySelector('.content'); return [c.scrollWidth - c.clientWidth, "
                "document.documentElement.scrollWidth - document.documentElement.clientWidth]"
            )
            assert wide == [0, 0], page
        visit(browser, built, "coverage.html")
        one, other = browser.find_elements(By.CSS_SELECTOR, "ol.cells > li")[:2]
        assert one.location["y"] == other.location["y"]  # the marks are side by side, not in one column
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def errors(browser: Chrome) -> list[str]:
    """Return the errors that the browser has logged since the last call."""
    entries = browser.get_log("browser")  # type: ignore[no-untyped-call]  # selenium has no types here
    return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]


def test_no_page_logs_an_error(browser: Chrome, built: Built) -> None:
    errors(browser)
    for path in sorted(built.folder.rglob("*.html")):
        visit(browser, built, str(path.relative_to(built.folder)))
        WebDriverWait(browser, DEADLINE).until(
            lambda driver: driver.execute_script("return document.readyState") == "complete"
        )
        assert errors(browser) == [], path.name
