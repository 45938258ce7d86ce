"""The page with both planes of codes, driven in Chromium: by pointer and by keyboard."""

import sys

import pytest
import torch
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab.data import Dataset
from rdlab.lab.errors import LabError
from rdlab.lab.foundations import folders, page, training

COMMON = {
    "image_shape": [1, 28, 28],
    "data": "sample",
    "batch_size": 20,
    "learning_rate": 0.001,
    "mc_samples": 1,
    "seed": 0,
    "epochs": 1,
    "hidden": 16,
    "latent_dim": 2,
}


@pytest.fixture(scope="module")
def data():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(160, 1, 28, 28, generator=generator)
    labels = torch.arange(160) % 10
    return Dataset(images[:60], labels[:60], images[60:], labels[60:])


@pytest.fixture(scope="module")
def made(tmp_path_factory, data):
    """The page of two small runs, and the runs."""
    out = tmp_path_factory.mktemp("runs-foundations")
    for kind in ("ae", "vae"):
        config = COMMON | {"type": kind}
        training.train_run(out / folders.run_name(config), config, data, torch.device("cpu"))
    patch = pytest.MonkeyPatch()
    patch.setattr(page, "load_of", lambda runs, folder: data)
    page.write_page(out, out / "figures")
    patch.undo()
    return out / "figures" / "codes.html", folders.read_all(out)


@pytest.fixture
def opened(visit, made):
    return visit(made[0])


def ink(browser, selector: str) -> torch.Tensor:
    """The picture on a canvas, 0 to 255 in each pixel."""
    values = browser.execute_script(
        """const canvas = document.querySelector(arguments[0]);
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return Array.from(data).filter((_, i) => i % 4 === 3);""",
        selector,
    )
    return torch.tensor(values).reshape(28, 28)


def point(browser, kind: str) -> list[float]:
    return [
        float(browser.find_element(By.ID, f"{kind}-z{axis}").get_attribute("value"))
        for axis in (1, 2)
    ]


def decoded(made, kind: str, z: list[float]) -> torch.Tensor:
    run = next(run for run in made[1] if run.config["type"] == kind)
    with torch.no_grad():
        return 255 * run.model.decode(torch.tensor([z])).sigmoid().reshape(28, 28)


def hover(browser, kind: str, across: float, upwards: float) -> None:
    """Move the pointer to a place of a plane, both shares from −1 to 1."""
    plane = browser.find_element(By.ID, f"{kind}-plane")
    browser.execute_async_script(
        "arguments[0].scrollIntoView({block: 'center'});"
        "requestAnimationFrame(() => requestAnimationFrame(arguments[1]))",  # it is laid out anew
        plane,
    )
    width, height = plane.size["width"], plane.size["height"]
    ActionChains(browser).move_to_element_with_offset(
        plane, round(across * width / 2), round(-upwards * height / 2)
    ).perform()


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_the_pointer_decodes_where_it_is(opened, made, kind):
    for across, upwards in ((0.5, 0.25), (-0.6, -0.4)):
        hover(opened, kind, across, upwards)
        z = point(opened, kind)
        assert z[0] * across > 0
        assert z[1] * upwards > 0
        picture = ink(opened, f"#{kind}-picture")
        assert (picture - decoded(made, kind, z)).abs().max() <= 0.8
        assert "the nearest code" in opened.find_element(By.ID, f"{kind}-text").text


def test_the_keyboard_moves_the_point(opened, made):
    before = point(opened, "vae")
    slider = opened.find_element(By.ID, "vae-z1")
    slider.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    opened.find_element(By.ID, "vae-z2").send_keys(Keys.PAGE_DOWN)
    after = point(opened, "vae")
    assert after[0] > before[0]
    assert after[1] < before[1]
    assert (ink(opened, "#vae-picture") - decoded(made, "vae", after)).abs().max() <= 0.8
    assert "z1 = " in slider.get_attribute("aria-valuetext")
    assert "the nearest code" in opened.find_element(By.ID, "spoken").get_attribute("textContent")


def test_the_same_point_in_both(opened):
    hover(opened, "ae", 0.1, 0.1)
    assert point(opened, "ae") != pytest.approx(point(opened, "vae"), abs=1e-3)
    Select(opened.find_element(By.ID, "extent")).select_by_value("four")
    opened.find_element(By.ID, "together").click()
    hover(opened, "vae", 0.3, -0.2)
    assert point(opened, "ae") == pytest.approx(point(opened, "vae"), abs=1e-3)
    assert point(opened, "ae") == pytest.approx([1.2, -0.8], abs=0.1)


def test_a_class_can_be_highlighted_and_the_prior_drawn_again(opened):
    plane = "return document.querySelector('#vae-plane canvas').toDataURL()"
    before = opened.execute_script(plane)
    Select(opened.find_element(By.ID, "highlight")).select_by_visible_text("sandal")
    assert opened.execute_script(plane) != before
    first = ink(opened, "#prior canvas")
    opened.find_element(By.ID, "redraw").send_keys(Keys.ENTER)
    assert not torch.equal(ink(opened, "#prior canvas"), first)
    assert len(opened.find_elements(By.CSS_SELECTOR, "#prior canvas")) == 20


def test_the_table_holds_both_models(opened, made):
    text = opened.find_element(By.ID, "table").text
    for run in made[1]:
        assert f"{run.summary['parameters']:,}" in text
        assert f"{run.metrics[-1]['test_loss']:.2f} nats" in text


def test_nothing_stands_in_a_screen_readers_way(opened, axe):
    for scheme in ("light", "dark"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        found = axe(opened)["violations"]
        assert [violation["id"] for violation in found] == []
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_phone_shows_all_without_scrolling_sideways(opened):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        width = opened.execute_script("return document.documentElement.scrollWidth")
        assert width <= 390
        planes = opened.find_elements(By.CSS_SELECTOR, ".plane")
        assert planes[1].location["y"] > planes[0].location["y"]
        assert all(plane.size["width"] > 300 for plane in planes)
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_page_can_be_printed(opened):
    printed = opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(printed["data"]) > 10_000


def test_a_plane_needs_two_latents(made, tmp_path, data):
    config = COMMON | {"type": "ae"}
    training.train_run(tmp_path / folders.run_name(config), config, data, torch.device("cpu"))
    with pytest.raises(LabError, match="no VAE with two latents: train it with"):
        page.write_page(tmp_path, tmp_path)
