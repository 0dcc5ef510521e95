# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's pages in a real browser: what a person sees, finds and prints, and that nothing in them does harm."""

from __future__ import annotations

import pytest
from PIL import ImageStat

from ..browser import ENTER, SCHEMES, TAB
from . import records
from .conftest import HOSTS, LOOKED_AT, SCHEMA, TABLE

PAGES = ("assessed", "moved", "hostile", "new", "fleet", LOOKED_AT)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_there_to_be_seen_in_both_colour_schemes_and_without_a_network(told, browser, name, scheme):
    browser.show(told.page(name), scheme)

    picture = browser.picture()
    statistics = ImageStat.Stat(picture)
    assert (statistics.mean[0] > 200) is (scheme == "light")
    assert statistics.stddev[0] > 5, "there is nothing but ground"
    assert browser.requests() == []
    assert browser.console() == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_serious_fault_of_accessibility(told, browser, name, scheme):
    browser.show(told.page(name), scheme)
    browser.unfold()

    assert browser.violations() == []


@pytest.mark.parametrize(("name", "charts"), [("moved", 6), ("assessed", 2), ("fleet", 3)])
def test_charts_are_drawn_in_the_colours_of_the_scheme_and_follow_it(told, browser, name, charts):
    browser.show(told.page(name))
    colours = (
        "return [...document.querySelectorAll('canvas')]"
        ".map((each) => Chart.getChart(each).data.datasets[0].borderColor)"
    )
    light = browser.run(colours)
    assert len(light) == charts

    assert browser.drawn() == [True] * charts
    browser.look("dark")
    # a page hears of the change in its own time
    browser.wait_for(lambda: all(before != after for before, after in zip(light, browser.run(colours))))


def test_the_verdict_comes_first(told, browser):
    browser.show(told.page("assessed"))

    text = browser.shown("main, header")
    verdict = "A physical copy into 8.0.mysql_aurora.3.10.0 is the way, and 2 blockers stand in it."
    assert text[0].splitlines()[1] == verdict
    headings = browser.run(
        "return [...document.querySelectorAll('h1,h2,h3,h4')].map((each) => Number(each.tagName[1]))"
    )
    assert headings[0] == 1 and all(after - before <= 1 for before, after in zip(headings, headings[1:]))


FINDINGS = "#findings-list [data-item] h4"


def test_all_that_was_found_on_a_real_server_is_on_its_page(told, browser, looked_at):
    browser.show(told.page(LOOKED_AT))
    browser.unfold()

    found = looked_at["findings"]
    assert {"source.engines_not_copied", "source.myisam_tables", "source.empty_passwords"} <= {e["id"] for e in found}
    assert looked_at["verdict"]["sentence"] in browser.shown("main, header")[0]
    assert sorted(browser.shown(FINDINGS)) == sorted(each["title"] for each in found)
    for each in found:
        shown = " ".join(browser.shown(f"[id='finding-{each['id']}']")[0].split())
        said = [each["seen"], each["why"], each["remedy"], each["statement"], each["ignored"], *each["objects"]]
        assert [text for text in said if " ".join(text.split()) not in shown] == []
    assert f"{SCHEMA}.{TABLE}" in browser.shown("#finding-source\\.myisam_tables")[0]
    whole = " ".join(browser.run("return document.body.innerText").split())
    said = [each[name] for each in looked_at["not_checked"] for name in ("title", "reason")]
    said += [each["title"] for each in looked_at["passed"]]
    assert [text for text in said if " ".join(text.split()) not in whole] == []
    assert f"{SCHEMA}.large" in {each["name"] for each in looked_at["source"]["largest_tables"]}


def test_findings_are_filtered_and_searched(told, browser):
    browser.show(told.page("assessed"))
    everything = browser.shown(FINDINGS)
    assert len(everything) == len(records.FINDINGS)

    browser.run(
        "const it = document.querySelector('select[name=severity]'); it.value = 'blocker';"
        "it.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert browser.shown(FINDINGS) == [
        "Tables have instant columns that XtraBackup refuses",
        "The caller may not pass a role to RDS",
    ]
    assert browser.shown("output") == [f"2 of {len(everything)} shown"]
    browser.type("input[type=search]", "optimize ORDERS_07")
    assert browser.shown(FINDINGS) == ["Tables have instant columns that XtraBackup refuses"]
    browser.driver.find_element("css selector", "button[type=reset]").click()
    browser.type("input[type=search]", "friday")
    assert browser.shown(FINDINGS) == ["Tables are not of InnoDB"]
    assert "They are to be dropped on Friday." in browser.shown("#findings-list [data-item]")[0]


def test_the_keyboard_leads_to_the_filter_and_through_it(told, browser):
    browser.show(told.page("assessed"))
    browser.press(TAB)
    assert browser.focus() == "A "
    for _step in range(30):
        browser.press(TAB)
        if browser.focus() == "INPUT search":
            break
    assert browser.focus() == "INPUT search"
    browser.press("definer")
    assert browser.shown(FINDINGS) == ["Definers of stored programs are no accounts"]
    browser.press(TAB, TAB, TAB, ENTER)
    # A form tells of a reset before its fields are reset; the page filters anew a turn later.
    browser.wait_for(lambda: len(browser.shown(FINDINGS)) == len(records.FINDINGS))


def test_a_statement_is_copied(told, browser):
    browser.show(told.page("assessed"))
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite"]})
    button = browser.driver.find_element("css selector", "#findings-list button.copy")
    button.click()

    assert browser.wait_for(lambda: button.text != "Copy")
    selected = browser.run("return getSelection().toString()")
    copied = browser.driver.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, () => done(''))"
    )
    assert "OPTIMIZE TABLE `shop`.`orders_00`;" in (selected, copied)


def test_the_fleet_is_sorted_filtered_and_leads_to_each_source(told, browser):
    browser.show(told.page("fleet"))
    names = "#sources-list tbody tr:not([hidden]) th a, #sources-list tbody tr:not([hidden]) th"
    assert len(browser.shown("#sources-list tbody tr")) == len(HOSTS)

    browser.type("input[type=search]", "differ")
    assert [each.split()[0] for each in browser.shown("#sources-list tbody th")] == ["different", "hostile"]
    browser.driver.find_element("css selector", "button[type=reset]").click()
    browser.wait_for(lambda: len(browser.shown("#sources-list tbody tr")) == len(HOSTS))
    head = browser.driver.find_element("css selector", "thead th:nth-child(7) button")
    head.click()
    head.click()
    assert browser.shown(names)[-1] in ("broken", "new")
    assert browser.run("return document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "descending"
    browser.driver.find_element("link text", "moved").click()
    assert browser.driver.current_url == told.page("moved").as_uri()
    assert browser.shown("h1") == ["Migration moved"]


def test_paper_is_white_and_holds_what_is_folded_away(told, browser):
    browser.show(told.page("assessed"), "dark")
    browser.run(
        "window.seen = []; addEventListener('beforeprint', () => window.seen.push("
        "getComputedStyle(document.body).backgroundColor, document.querySelectorAll('details:not([open])').length))"
    )
    closed = browser.run("return document.querySelectorAll('details:not([open])').length")

    assert browser.paper().startswith(b"%PDF-")
    assert browser.run("return window.seen") == ["rgb(255, 255, 255)", 0]
    assert browser.run("return document.querySelectorAll('details:not([open])').length") == closed > 0
    browser.look("dark", "print")
    assert browser.shown(".tools") == []
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_names_that_would_do_harm_are_shown_and_do_none(told, browser):
    for name in ("hostile", "fleet", LOOKED_AT):
        browser.show(told.page(name))
        assert browser.run("return window.harmed === undefined")
        assert browser.run("return document.images.length + document.querySelectorAll('script').length") == 3
    browser.show(told.page("hostile"))
    for section in ("skipped", "to-look-at"):
        shown = browser.run(f"return document.querySelector('#{section} ~ * td').textContent")
        assert records.HOSTILE in shown


def test_what_has_come_in_another_way_is_shown_with_what_to_do(told, browser):
    browser.show(told.page("moved"))
    (shown,) = browser.shown("section[aria-labelledby='to-look-at']")
    assert "What has come and is to be looked at" in shown
    for text in ("shop.nightly", "the source is a replica", "ALTER EVENT ... ENABLE", "shop.local", "Give the zone"):
        assert text in shown


def test_named_zones_that_the_cluster_lacks_are_shown(told, browser):
    browser.show(told.page("moved"))
    (shown,) = browser.shown("section[aria-labelledby='zones']")
    for text in ("Mars/Olympus", "The cluster does not know it.", "event shop.nightly"):
        assert text in shown


def test_without_scripts_everything_is_said_all_the_same(told, browser):
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.show(told.page("assessed"))
        assert len(browser.shown(FINDINGS)) == len(records.FINDINGS)
        assert browser.shown(".tools, button.copy, canvas") == []
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
