"""The geometry page, driven in Chromium as a reader would: mostly by keyboard."""

import math
import re
import sys

import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab.geometry import films

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}


@pytest.fixture
def page(visit, made):
    return visit(made / "figures/geometry.html")


def press(page, name: str, *keys: str) -> None:
    page.find_element(By.ID, name).send_keys(*keys)


def click(page, name: str) -> None:
    page.execute_script("document.getElementById(arguments[0]).click()", name)


def text(page, name: str) -> str:
    return page.find_element(By.ID, name).text


def label(page, name: str) -> str:
    return page.find_element(By.ID, name).get_attribute("aria-label")


def ink(page, name: str) -> list[int]:
    """The ink of a picture, 0 to 255 in each pixel."""
    script = """const canvas = document.getElementById(arguments[0]);
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return Array.from(data).filter((_, i) => i % 4 === 3);"""
    return page.execute_script(script, name)


def place(page) -> list[float]:
    return [float(value) for value in re.findall(r"-?\d+\.\d+", text(page, "map-text"))[:2]]


def test_keyboard_moves_on_the_map(page):
    before, first = place(page), ink(page, "map-picture")
    press(page, "map", *[Keys.ARROW_RIGHT] * 12, Keys.ARROW_UP)
    after = place(page)
    assert after[0] - before[0] == pytest.approx(1.2, abs=0.02)
    assert after[1] - before[1] == pytest.approx(0.1, abs=0.02)
    assert ink(page, "map-picture") != first
    press(page, "map-1", Keys.HOME)
    assert place(page)[1] < -1.9
    assert "nearest class" in label(page, "map")


def test_pictures_are_the_decoder_s(page, made):
    film = films.read_film(made / "figures/films/latent-2.safetensors", films.film_config(2, 24))
    press(page, "map", Keys.ARROW_LEFT, Keys.ARROW_DOWN)
    z = torch.tensor([page.execute_script("return state.z")])
    expected = (255 * film.model.decode(z)).round().flatten()
    found = torch.tensor(ink(page, "map-picture"))
    assert (found - expected).abs().max() <= 1


def test_pointer_decodes_where_it_is(page):
    """The middle of the map is the origin."""
    page.execute_script(
        """const map = document.getElementById("map");
        const box = map.getBoundingClientRect();
        const middle = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
        map.dispatchEvent(new PointerEvent("pointermove", middle));"""
    )
    assert place(page) == pytest.approx([0, 0], abs=0.02)


def test_layers_of_the_map(page):
    full = ink(page, "map")
    click(page, "show-classes")
    fewer = ink(page, "map")
    click(page, "show-codes")
    fewest = ink(page, "map")
    assert sum(full) > sum(fewer) > sum(fewest) > 0
    click(page, "show-pictures")
    assert sum(ink(page, "map")) > sum(fewest)
    for name in ("show-pictures", "show-codes", "show-classes"):
        click(page, name)


def test_chain_steps_and_counts(page):
    click(page, "restart")
    assert "no step yet" in text(page, "chain-rate")
    for _ in range(6):
        click(page, "one-step")
    assert " of 6 accepted" in text(page, "chain-rate")
    assert re.search("accepted|rejected", text(page, "chain-text"))
    states, trace, accepted = page.execute_script(
        "return [state.chain.states.length, state.chain.trace.length, state.chain.accepted]"
    )
    assert states == trace == 7
    assert 0 <= accepted <= 6
    assert "Prior and encoder: all 6" in text(page, "chain-rate")
    gaps = page.execute_script(
        """const { mean, variances } = posterior();
        return state.draws.encoder.map((z) =>
          Math.hypot(...z.map((value, d) => (value - mean[d]) / Math.sqrt(variances[d]))));"""
    )
    assert len(gaps) == 7
    assert 0 < max(gaps) < 7
    assert page.execute_script("return state.draws.prior.length") == 7


def test_running_chain_is_not_read_out(page):
    spoken = page.find_element(By.ID, "chain-text")
    click(page, "run")
    assert spoken.get_attribute("aria-live") == "off"
    click(page, "run")
    assert spoken.get_attribute("aria-live") == "polite"


def test_chain_reaches_the_posterior_of_a_known_decoder(page):
    """With the identity for a decoder and σ² = 1 the posterior of x is N(x/2, I/2)."""
    mean, variance = page.execute_script(
        """const set = summarise([Float32Array.of(2, -1)]);
        const chain = new Chain((z) => Float32Array.from(z), set, 1);
        for (let i = 0; i < 40000; i++) chain.advance(0.8);
        const kept = chain.states.slice(500).map((z) => z[0]);
        const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
        return [mean, kept.reduce((sum, v) => sum + (v - mean) ** 2, 0) / kept.length];"""
    )
    assert mean == pytest.approx(1, abs=0.15)
    assert variance == pytest.approx(0.5, abs=0.15)


def test_more_images_narrow_the_chain(page):
    """ℓ of a set is N times that of its mean image, and a constant."""
    gap = page.execute_script(
        """const images = [Float32Array.of(0, 1), Float32Array.of(1, 1), Float32Array.of(0.5, 0)];
        const set = summarise(images);
        const direct = (z) => images.reduce((sum, x) => sum - squaredError(x, z) / 3, 0);
        return [[0, 0], [1, -2]].map((z) => logLikelihood(z, set, 1.5) - direct(z));"""
    )
    assert gap == pytest.approx([0, 0], abs=1e-5)
    page.execute_script(
        """document.getElementById("count").value = "10";
        document.getElementById("count").dispatchEvent(new Event("change"));"""
    )
    assert "mean of" in text(page, "face-target-text")


def test_noise_gives_another_picture(page):
    still = ink(page, "face-chain")
    click(page, "with-noise")
    noisy = ink(page, "face-chain")
    assert noisy != still
    click(page, "with-noise")
    assert ink(page, "face-chain") == still


def test_walk_plays(page):
    first = ink(page, "walk-picture")
    press(page, "walk-place", Keys.END)
    assert text(page, "walk-place-text").startswith("180 of 180")
    assert ink(page, "walk-picture") != first
    press(page, "walk-place", Keys.HOME)
    click(page, "walk-play")
    WebDriverWait(page, 30).until(lambda page: not text(page, "walk-place-text").startswith("0 "))
    click(page, "walk-play")
    assert text(page, "walk-play") == "Play"
    shares = [int(value) for value in re.findall(r"(\d+) %", text(page, "walk-bars"))]
    assert 95 <= sum(shares) <= 105


def test_films_play(page):
    press(page, "film-frame", Keys.HOME)
    assert text(page, "film-frame-text") == "step 0"
    start = [ink(page, f"film-{d}") for d in (2, 3)]
    press(page, "film-frame", Keys.END)
    assert text(page, "film-frame-text") == "step 24"
    assert all(ink(page, f"film-{d}") != own for d, own in zip((2, 3), start, strict=True))
    turned = ink(page, "film-3")
    press(page, "turn", Keys.END)
    assert ink(page, "film-3") != turned
    assert "after 24 steps" in label(page, "film-2")


def test_every_picture_and_input_has_words(page):
    unnamed = page.execute_script(
        """const named = (e) => e.getAttribute("aria-label") || e.getAttribute("aria-hidden")
          || (e.labels && e.labels.length) || e.textContent.trim();
        return Array.from(document.querySelectorAll("canvas, input, select, button"))
          .filter((e) => !named(e) && !e.closest("label")).map((e) => e.id || e.outerHTML);"""
    )
    assert unnamed == []


def test_tables_and_texts(page):
    rows = page.find_elements(By.CSS_SELECTOR, "#distances tbody tr")
    assert len(rows) == 10
    rates = page.find_elements(By.CSS_SELECTOR, "#acceptance tbody tr")
    assert len(rates) == 4  # sets of 1, 10, 30 and, of all classes, 100 images: there are no more
    assert len(page.find_elements(By.CSS_SELECTOR, "#scores tbody tr")) == 4
    values = [float(cell) for cell in rows[0].text.split()[1:11]]
    assert values[0] == 0
    assert all(math.isfinite(value) for value in values)


def test_nothing_stands_in_a_screen_readers_way(page, axe):
    for scheme in ("dark", "light"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        assert [violation["id"] for violation in axe(page)["violations"]] == []
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_dark_screen_prints_on_white(page):
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    try:
        screen = page.execute_script("return colourOf(9)")
        page.execute_script("dispatchEvent(new Event('beforeprint'))")
        assert page.execute_script("return [inks().paper, colourOf(9)]") == ["#ffffff", "#000000"]
        page.execute_script("dispatchEvent(new Event('afterprint'))")
        assert page.execute_script("return colourOf(9)") == screen == "#ffffff"
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_phone_and_dark(page):
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    try:
        width = page.execute_script("return document.documentElement.scrollWidth")
        paper = page.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert width <= 390
        assert paper == "rgb(20, 23, 27)"
        assert page.execute_script("return inks().paper") == "#14171b"
        touch = "return getComputedStyle(document.getElementById(arguments[0])).touchAction"
        scrolls = {
            name: page.execute_script(touch, name) for name in ("chain-map", "film-2", "film-3")
        }
        assert scrolls == {"chain-map": "auto", "film-2": "auto", "film-3": "pan-y"}
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
