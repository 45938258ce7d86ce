"""The page of a grid, driven in Chromium as a reader would."""

import itertools

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rdlab.lab.hierarchy import evaluation, page


@pytest.fixture(scope="module")
def written(grid, images, tmp_path_factory):
    return page.write_page(grid, tmp_path_factory.mktemp("page"), images)


@pytest.fixture
def opened(visit, written):
    return visit(written)


def text(driver, name: str) -> str:
    return driver.find_element(By.ID, name).text


def pixels(driver, place: int) -> list[int]:
    script = """const canvas = document.querySelectorAll("#samples canvas")[arguments[0]];
    return Array.from(canvas.getContext("2d").getImageData(0, 0, 28, 28).data);"""
    return driver.execute_script(script, place)


def test_a_point_of_the_plane_shows_its_run(opened, grid):
    rows = {row["run"]: row for row in evaluation.read_table(grid)}
    seen = set()
    for name, row in rows.items():
        opened.find_element(By.CSS_SELECTOR, f'[data-run="{name}"]').send_keys(Keys.ENTER)
        assert text(opened, "name") == f"β₂ = {row['beta_2']:g}, β₁ = {row['beta_1']:g}"
        assert f"{row['distortion']:.2f}" in text(opened, "tiles")
        seen.add(tuple(pixels(opened, 0)))
    assert len(seen) == len(rows)


def test_the_sliders_move_through_the_prices(opened):
    for layer in (2, 1):
        slider = opened.find_element(By.ID, f"beta{layer}")
        slider.send_keys(Keys.HOME)
        assert text(opened, f"beta{layer}-label").endswith("= 0.3")
        slider.send_keys(Keys.END)
        assert text(opened, f"beta{layer}-label").endswith("= 3")
    assert text(opened, "name") == "β₂ = 3, β₁ = 3"
    assert "β₂ = 3" in opened.find_element(By.ID, "spoken").get_attribute("textContent")


def test_pictures_and_numbers_of_every_run_are_there(opened):
    assert len(opened.find_elements(By.CSS_SELECTOR, "#pairs figure")) == page.RECONSTRUCTED
    assert len(opened.find_elements(By.CSS_SELECTOR, "#samples canvas")) == page.SAMPLED
    assert len(opened.find_elements(By.CSS_SELECTOR, "#table tbody tr")) == 4
    assert len(opened.find_elements(By.CSS_SELECTOR, "#plane .run")) == 4
    assert evaluation.CLASSIFIER in text(opened, "score")


def test_names_in_the_plane_cover_no_other_name(opened):
    boxes = opened.execute_script(
        """return Array.from(document.querySelectorAll("#plane .run text"), (name) => {
        const box = name.getBBox();
        return [box.x, box.y, box.x + box.width, box.y + box.height];
        });"""
    )
    assert len(boxes) == 4
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_it_fits_a_phone(opened):
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )
    try:
        widths = "return [document.documentElement.scrollWidth, window.innerWidth]"
        needed, there = opened.execute_script(widths)
        assert needed <= there == 390
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
