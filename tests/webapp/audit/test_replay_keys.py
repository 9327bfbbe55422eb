"""The replay page in a browser: by keys, by links, by the slider, and without a script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.commands.tasks import claim, unclaim
from tests.stories.stage import Stage
from tests.webapp.cycle_desk import Desks, served_desks
from tests.webapp.test_signoffs import cycle, played, stage

__all__ = ["cycle", "played", "stage"]  # the scene


@pytest.fixture
def desks(stage: Stage, cycle: int, chromium: Browser) -> Iterator[Desks]:
    with served_desks(stage.engine, chromium, "replay") as desks:
        yield desks


def last_of(page: Page) -> int:
    return int(page.locator(".scrub").get_attribute("data-last") or 0)


def see(page: Page, seq: int) -> None:
    """Wait until this event is the present one, everywhere on the page."""
    expect(page.locator(f".scrub[data-seq='{seq}']")).to_be_attached()
    expect(page.locator(".events [aria-current] .seq")).to_have_text(str(seq))
    expect(page.locator(".meta")).to_contain_text(f"第{seq}筆")
    page.wait_for_url(f"**/audit/replay/*?at={seq}")


def test_a_history_is_replayed_by_the_keyboard_alone(desks: Desks, cycle: int) -> None:
    page = desks.visit("director", f"/audit/replay/{cycle}")
    last = last_of(page)
    proof = page.locator(".proof").inner_text()
    page.keyboard.press("ArrowLeft")
    see(page, last - 1)
    page.keyboard.press("Home")
    see(page, 1)
    for seq in (2, 3, 4):
        page.keyboard.press("ArrowRight")
        see(page, seq)
    page.keyboard.press("End")
    see(page, last)
    page.keyboard.press("ArrowRight")  # there is nothing behind the end
    see(page, last)
    assert page.locator(".proof").inner_text() == proof
    desks.look(page, "replay")
    assert (desks.violations, desks.unsafe, desks.told) == ([], [], [])


def test_keys_pressed_quickly_end_where_they_lead(desks: Desks, cycle: int) -> None:
    page = desks.visit("director", f"/audit/replay/{cycle}?at=5")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    see(page, 11)


def test_the_slider_goes_to_a_time_and_keeps_the_focus(desks: Desks, cycle: int) -> None:
    page = desks.visit("director", f"/audit/replay/{cycle}?at=5")
    page.locator("#share").focus()
    page.keyboard.press("ArrowRight")
    see(page, 6)
    expect(page.locator("#share")).to_be_focused()
    page.locator("#share").fill("1000")
    see(page, last_of(page))
    expect(page.locator("#share")).to_be_focused()


def test_the_slider_is_dragged_through_the_history(desks: Desks, stage: Stage, cycle: int) -> None:
    for day, verb in enumerate((claim, unclaim, claim, unclaim), start=7):
        stage.move_to(f"2026-01-{day:02}T10:00")
        stage.engine.execute(stage.engine.actor("director"), verb, stage.tasks(cycle, "sign")[0].id)
    page = desks.visit("director", f"/audit/replay/{cycle}")
    last = last_of(page)
    box = page.locator("#share").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 9, middle)
    page.mouse.down()
    seen = []
    for share in (0.9, 0.6, 0.3):
        before = seq_of(page)
        page.mouse.move(box["x"] + 9 + (box["width"] - 18) * share, middle, steps=4)
        expect(page.locator(f".scrub[data-seq='{before}']")).not_to_be_attached()
        seen.append(seq_of(page))
    page.mouse.up()
    assert seen == sorted(seen, reverse=True)
    assert last > seen[0] > seen[-1]


def seq_of(page: Page) -> int:
    return int(page.locator(".scrub").get_attribute("data-seq") or 0)


def test_a_click_in_the_list_shows_that_event(desks: Desks, cycle: int) -> None:
    page = desks.visit("director", f"/audit/replay/{cycle}?at=20")
    title = page.locator("h1").inner_text()
    page.locator(".events a", has=page.locator(".seq", has_text="18")).first.click()
    see(page, 18)
    assert page.locator("h1").inner_text() != title or page.title() != title


def test_without_a_script_links_and_the_slider_work(desks: Desks, cycle: int) -> None:
    page = desks.page_of("director", has_scripts=False)
    page.goto(f"{desks.address}/audit/replay/{cycle}?at=5")
    page.click("[data-step=next]")
    see(page, 6)
    page.click("[data-go]")
    page.wait_for_url("**share=*")
    desks.look(page, "replay without a script", has_scripts=False)
    assert desks.violations == []
