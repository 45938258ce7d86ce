"""The explorer page, driven in Chromium as a reader would: mostly by keyboard."""

import csv
import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import torch
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from autograder import ROOT

SOLUTION = ROOT / "solution"
sys.path.insert(0, str(SOLUTION))

from rdlab import __main__ as cli  # noqa: E402
from rdlab.lab import explorer, figures, runs  # noqa: E402
from rdlab.lab.data import load_images  # noqa: E402
from rdlab.lab.models import build_model  # noqa: E402

DEFAULT = {"model": "mlp", "hidden": [512, 256], "latent_dim": 32, "data": "sample", "seed": 0}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The page of the solution's sweep with tables beside it, as analyse and mi write them."""
    out = tmp_path_factory.mktemp("figures")
    rows = [
        {"beta": beta, "rate": run.metrics[-1]["test_rate"]}
        for beta, run in runs.load_sweep(SOLUTION / "runs").items()
    ]
    for measure in explorer.MEASURES:
        write_table(out / measure.file, rows, measure.columns)
    (out / "geometry").mkdir()
    (out / "geometry/geometry.html").write_text("<p>another page</p>")
    assert explore(out) == 0
    return out / "explorer.html"


def write_table(path: Path, rows: list[dict], columns) -> None:
    """Column c of row i holds c's place and i, such as 3.2; doubts are words."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["beta", "rate", *columns])
        writer.writeheader()
        for i, row in enumerate(rows):
            values = {name: f"{1 + place}.{i}" for place, name in enumerate(columns)}
            if "doubts" in values:
                values["doubts"] = "the bracket is open"
            writer.writerow({**row, **values})


def explore(out: Path, folder: Path = SOLUTION / "runs") -> int:
    return cli.main(["explore", "--runs", str(folder), "--out", str(out)])


@pytest.fixture
def page(visit, measured):
    return visit(measured)


def text(page, name: str) -> str:
    return page.find_element(By.ID, name).text


def press(page, name: str, *keys: str) -> None:
    page.find_element(By.ID, name).send_keys(*keys)


def pixels(page, selector: str) -> list[int]:
    """The ink of a canvas, 0 to 255 in each pixel."""
    script = """const canvas = document.querySelector(arguments[0]);
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return Array.from(data).filter((_, i) => i % 4 === 3);"""
    page.execute_script("return new Promise(requestAnimationFrame)")
    return page.execute_script(script, selector)


def chart_label(page, name: str) -> str:
    return page.find_element(By.ID, name).get_attribute("aria-label")


def test_beta_moves_everything(page):
    watched = ("beta-label", "now", "told", "tiles", "phases")
    charts = ("plane", "spectrum", "curves", "paths")
    before = [text(page, name) for name in watched] + [chart_label(page, name) for name in charts]
    pictures = pixels(page, "#pairs figure canvas:nth-of-type(2)")
    original = pixels(page, "#pairs canvas")
    for _ in range(3):
        press(page, "beta", Keys.ARROW_RIGHT)
    after = [text(page, name) for name in watched] + [chart_label(page, name) for name in charts]
    assert text(page, "beta-label") == "β = 10"
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert pixels(page, "#pairs figure canvas:nth-of-type(2)") != pictures
    assert pixels(page, "#pairs canvas") == original
    assert page.find_element(By.CSS_SELECTOR, "#plane .plotly svg")
    ring = page.execute_script("return document.getElementById('plane').data.at(-1).x[0]")
    assert f"{ring:.2f}" in text(page, "now")


def test_measurements_are_shown_with_their_run(page):
    press(page, "beta", Keys.HOME)
    shown = text(page, "tiles")
    for value in ("2.00 to 3.00", "1.00 nats", "doubts: the bracket is open", "500.0 %"):
        assert value in shown
    press(page, "beta", Keys.ARROW_RIGHT)
    assert "2.10 to 3.10" in text(page, "tiles")
    assert "MINE 1.10" in chart_label(page, "knows")
    assert text(page, "measure-notes") == ""


def test_reconstructions_are_those_of_the_model(page):
    """Each picture holds what PyTorch decodes from the image's own mean, to the last level."""
    images = load_images().test_images
    press(page, "beta", Keys.END)
    model = runs.load_run(SOLUTION / "runs" / "beta-10").model
    shown = figures.one_of_each_class(load_images(), explorer.PAIRS)
    for place, image in enumerate(shown[:3]):
        with torch.no_grad():
            decoded = model.decode(model.encode(images[image : image + 1])[0])[0, 0]
        selector = f"#pairs figure:nth-of-type({place + 1}) canvas:nth-of-type(2)"
        painted = torch.tensor(pixels(page, selector)).reshape(28, 28)
        assert (painted - 255 * decoded).abs().max() <= 0.5 + 0.255


def live(page, index: int, z: torch.Tensor) -> torch.Tensor:
    script = "return Array.from(decode(runs[arguments[0]], arguments[1]))"
    return torch.tensor(page.execute_script(script, index, z.tolist()))


def test_every_decoder_is_pytorchs(page):
    torch.manual_seed(0)
    for index, run in enumerate(runs.load_sweep(SOLUTION / "runs").values()):
        for scale in (0.0, 1.0, 3.0):
            z = scale * torch.randn(1, 32)
            expected = run.model.decode(z).flatten()
            assert (live(page, index, z[0]) - expected).abs().max() < 1e-3


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 64, 64)])
@pytest.mark.parametrize("size", [{"model": "conv", "width": 8}, {"model": "mlp", "hidden": [8]}])
def test_any_decoder_of_the_lab_runs_in_the_page(page, size, shape):
    torch.manual_seed(1)
    model = build_model({**size, "latent_dim": 4, "image_shape": list(shape)})
    model.requires_grad_(False)
    z = torch.randn(1, 4)
    packed = explorer.pack_decoder(model.decoder, 4)  # in float32: these weights are no halves
    script = """const [layers, z, done] = arguments;
    Promise.all(layers.map(unpackLayer))
      .then((decoder) => done(Array.from(decode({decoder}, z))))"""
    decoded = page.execute_async_script(script, packed, z[0].tolist())
    assert (torch.tensor(decoded) - model.decode(z).flatten()).abs().max() < 1e-3


def test_knobs_by_keyboard(page):
    """The most expensive dimension changes the picture, the most redundant one does not."""
    order = page.execute_script("return chosen().order")
    before = pixels(page, "#picture")
    press(page, f"z{order[0]}", Keys.HOME)
    moved = pixels(page, "#picture")
    assert max(abs(a - b) for a, b in zip(before, moved, strict=True)) > 60
    assert text(page, f"value-{order[0]}") == "−3.00"
    press(page, "reset", Keys.ENTER)
    assert pixels(page, "#picture") == before
    page.find_element(By.ID, "redundant-text").send_keys(Keys.ENTER)
    press(page, f"z{order[-1]}", Keys.END)
    assert text(page, f"value-{order[-1]}") == "3.00"
    idle = pixels(page, "#picture")
    assert max(abs(a - b) for a, b in zip(before, idle, strict=True)) < 20


def test_every_start(page):
    image = pixels(page, "#picture")
    radio = page.find_element(By.CSS_SELECTOR, "input[name=start]:checked")
    radio.send_keys(Keys.ARROW_RIGHT)
    prior = pixels(page, "#picture")
    assert prior != image
    press(page, "sample", Keys.ENTER)
    assert pixels(page, "#picture") not in (prior, image)
    press(page, "left", "β = 1")  # the same run, from one image to the other
    page.find_element(By.CSS_SELECTOR, "input[name=start]:checked").send_keys(Keys.ARROW_RIGHT)
    press(page, "way", Keys.HOME)
    assert pixels(page, "#picture") == image  # the way begins at the same image
    press(page, "way", Keys.END)
    assert pixels(page, "#picture") == pixels(page, "#compare-between .strip canvas:last-child")
    assert text(page, "way-text") == "100 %"


def test_replay(page):
    press(page, "epoch", Keys.HOME)
    assert text(page, "epoch-text").startswith("1 of 100")
    press(page, "play", Keys.SPACE)
    assert text(page, "play") == "Pause"
    WebDriverWait(page, 90).until(lambda page: text(page, "epoch-text").startswith("100 of 100"))
    assert text(page, "play") == "Play"
    assert "epochs" in text(page, "phases")
    assert "epoch 100" in chart_label(page, "paths")


def test_comparison(page):
    table = text(page, "compare-table")
    assert "β = 0.1 β = 10" in table
    before = pixels(page, "#compare-images .row:nth-child(2) canvas")
    press(page, "left", "β = 2")
    assert "β = 2 β = 10" in text(page, "compare-table")
    assert pixels(page, "#compare-images .row:nth-child(2) canvas") != before
    noise = pixels(page, "#compare-prior canvas")
    press(page, "redraw", Keys.ENTER)
    assert pixels(page, "#compare-prior canvas") != noise


def test_dark_phone_and_print(page):
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"

    def ink() -> int:
        """Brightness of a chart's text."""
        return sum(map(int, re.findall(r"\d+", page.execute_script(style, ".xtitle", "fill"))[:3]))

    assert ink() < 200
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    WebDriverWait(page, 30).until(lambda _: ink() > 500)
    assert page.execute_script(style, "body", "backgroundColor") == "rgb(20, 23, 27)"
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert ink() < 200
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    assert ink() > 500
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    assert page.execute_script("return document.documentElement.scrollWidth") == 360
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_everything_has_a_name(page):
    """What can be reached by keyboard, and every picture and chart, tells a screen reader what."""
    script = """return [...document.querySelectorAll(
      'input, select, button, summary, [role=img], [tabindex="0"]')]
      .filter((e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label')))
      .map((e) => e.outerHTML)"""
    assert page.execute_script(script) == []
    hidden = "return document.querySelectorAll('canvas:not([role]):not([aria-hidden])').length"
    assert page.execute_script(hidden) == 0
    names = page.execute_script("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(names) == len(set(names))
    press(page, "beta", Keys.ARROW_LEFT)
    assert "β = 0.5" in page.find_element(By.ID, "spoken").get_attribute("textContent")


# The default network


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """The page of a sweep of networks of the default size, not trained."""
    folder = tmp_path_factory.mktemp("wide")
    metrics = [dict.fromkeys(runs.COLUMNS, 1.0)]
    for seed, beta in enumerate(runs.BETAS):
        torch.manual_seed(seed)
        config = {**DEFAULT, "beta": beta}
        runs.write_run(
            runs.run_folder(folder, beta), config, metrics, runs.COLUMNS, build_model(config)
        )
    assert explore(folder / "figures", folder) == 0
    return folder / "figures" / "explorer.html"


def test_default_network_fits_and_is_quick(visit, wide):
    assert wide.stat().st_size < 10e6
    page = visit(wide)
    z = torch.linspace(-3, 3, 32)
    for index, beta in enumerate(runs.BETAS):
        model = runs.load_run(runs.run_folder(wide.parents[1], beta)).model
        assert (live(page, index, z) - model.decode(z[None]).flatten()).abs().max() < 1e-3
    script = """const begun = performance.now();
    for (let i = 0; i < 100; i++) { state.z[0] = i / 50; showPicture(); }
    return (performance.now() - begun) / 100;"""
    page.execute_script(script)
    print(f"{page.execute_script(script):.2f} ms a frame; a screen has 16")


def test_page_names_no_other_place(wide):
    page = wide.read_text(encoding="utf-8")
    own = page.replace((explorer.PARTS / "plotly-basic.min.js").read_text(encoding="utf-8"), "")
    assert not re.search(r"""https?://|(src|href)=["'](?!#|data:)|@import|fetch\(""", own)
    assert "default-src 'none'" in own
    assert "{{" not in own


def test_plotly_is_as_published():
    digest = hashlib.sha256((explorer.PARTS / "plotly-basic.min.js").read_bytes()).hexdigest()
    assert digest in (explorer.PARTS / "README.md").read_text(encoding="utf-8")


# What is missing or damaged


def test_without_measurements_the_page_names_the_commands(visit, wide):
    page = visit(wide)
    notes = text(page, "measure-notes")
    assert "python -m rdlab analyse" in notes
    assert "python -m rdlab mi" in notes
    press(page, "beta", Keys.END)
    assert "bits-back" not in text(page, "tiles")
    assert "Active dimensions" in text(page, "compare-table")


def test_measurements_of_another_sweep_are_not_shown():
    measure = explorer.MEASURES[1]
    found = [{"beta": beta, "rate": 1.0} for beta in (0.1, 1.0, 10.0)]
    rows = [
        {"beta": beta, "rate": rate, **dict.fromkeys(measure.columns, 2.0)}
        for beta, rate in ((0.1, 99.0), (1.0, 1.000001))
    ]
    note = explorer.add_measure(found, measure, rows)
    assert [run["information"] is None for run in found] == [True, False, True]
    assert "Not measured yet for β = 0.1, 10" in note
    note = explorer.add_measure(found[:2], measure, rows)
    assert "For β = 0.1 mi.csv is of another sweep" in note
    assert explorer.add_measure(found[1:2], measure, rows) is None


def test_command_that_is_not_released_is_not_advised():
    found = [{"beta": 1.0, "rate": 1.0}]
    measure = explorer.MEASURES[1]._replace(command="of_a_part_that_is_off")
    assert explorer.add_measure(found, measure, []) is None
    assert found[0]["information"] is None


def test_pages_of_other_commands_are_linked(visit, measured, wide):
    link = visit(measured).find_element(By.CSS_SELECTOR, "#pages a")
    assert link.text == "geometry/geometry.html"
    assert link.get_attribute("href") == (measured.parent / "geometry/geometry.html").as_uri()
    assert not visit(wide).find_element(By.ID, "pages").is_displayed()


def sweep_in(page: Path) -> dict:
    found = re.search(
        r'<script type="application/json" id="sweep">\n(.*?)\n</script>',
        page.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return json.loads(found[1])


def test_stubs_are_named_and_the_rest_is_shown(visit, tmp_path, monkeypatch):
    def covariance_spectrum(x):
        raise NotImplementedError("Task 2.3: covariance_spectrum")

    monkeypatch.setattr(explorer, "covariance_spectrum", covariance_spectrum)
    assert explore(tmp_path) == 0
    page = visit(tmp_path / "explorer.html")
    assert "Task 2.3: covariance_spectrum is not done yet" in text(page, "reference-notes")
    assert "References: none yet" in chart_label(page, "plane")


def test_decoders_too_large_for_the_page_are_left_out(visit, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(explorer, "LARGEST", 1_700_000)
    assert explore(tmp_path) == 0
    assert (tmp_path / "explorer.html").stat().st_size <= 1_700_000
    assert "the decoder is not in this page" in capsys.readouterr().out
    facts = sweep_in(tmp_path / "explorer.html")
    kept = [run["beta"] for run in facts["runs"] if run["decoder"]]
    assert 0.1 in kept
    assert 1.0 not in kept
    page = visit(tmp_path / "explorer.html")
    assert not page.find_element(By.ID, "bench").is_displayed()
    assert "smaller network" in text(page, "not-live")
    assert any(pixels(page, "#pairs figure canvas:nth-of-type(2)"))
    press(page, "beta", Keys.HOME)
    assert page.find_element(By.ID, "bench").is_displayed()


def test_old_browser_is_told(visit, browser, measured):
    remove = {"source": "delete window.DecompressionStream"}
    script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", remove)
    assert "open it in a current browser" in text(visit(measured), "trouble")
    [complaint] = browser.get_log("browser")
    assert "DecompressionStream is not defined" in complaint["message"]
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def without_a_run(folder: Path) -> None:
    shutil.rmtree(folder / "beta-5")
    (folder / ".beta-5.checkpoint").write_bytes(b"half-finished")


def with_damaged_weights(folder: Path) -> None:
    (folder / "beta-5" / "weights.safetensors").write_bytes(b"damaged")


def with_nothing_finite(folder: Path) -> None:
    (folder / "beta-5" / "metrics.csv").write_text(",".join(runs.COLUMNS) + "\n1,nan,1,1,1\n")


def with_other(**settings):
    def change(folder: Path) -> None:
        path = folder / "beta-5" / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | settings))

    return change


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (without_a_run, "has no run for β = 5"),
        (with_damaged_weights, "beta-5 cannot be used"),
        (with_nothing_finite, "beta-5/metrics.csv cannot be read"),
        (with_other(data="fashion-mnist"), "beta-5 was trained on fashion-mnist, not on sample"),
        (with_other(image_shape=[7, 4, 28]), "beta-5 is for images of shape [7, 4, 28]"),
    ],
)
def test_broken_folder_gives_a_sentence(damage, sentence, tmp_path, capsys):
    folder = shutil.copytree(SOLUTION / "runs", tmp_path / "runs")
    damage(folder)
    assert explore(tmp_path / "figures", folder) == 2
    printed = capsys.readouterr().err
    assert sentence in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "figures").exists()


def test_damaged_table_gives_a_sentence(tmp_path, capsys):
    (tmp_path / "mi.csv").write_text("beta,rate\n1,what\n")
    assert explore(tmp_path) == 2
    assert "mi.csv cannot be read" in capsys.readouterr().err


# The phases of the KL term


@pytest.mark.parametrize(
    ("rates", "phases"),
    [
        (
            [20, 24, 26, 25, 23, 22, 21, 20, 20, 20, 20, 20],
            [("opening", 1, 3), ("compressing", 4, 5), ("settled", 6, 12)],
        ),
        (
            [0.01, 0.02, 0.03, 0.5, 1, 1.5, 1.5, 1.5],
            [("silent", 1, 3), ("opening", 4, 5), ("settled", 6, 8)],
        ),
        ([0.0, 0.0, 0.0, 0.0], [("settled", 1, 4)]),
        ([3.0], [("settled", 1, 1)]),
    ],
)
def test_phases_of_the_kl_term(rates, phases):
    found = explorer.kl_phases(rates)
    assert [(phase["name"], phase["first"], phase["last"]) for phase in found] == phases


def test_large_decoders_are_approximated_so_that_all_fit():
    """The default network for colour photographs: each decoder alone has over 10 MB."""
    torch.manual_seed(0)
    model = build_model({**DEFAULT, "latent_dim": 8, "image_shape": [3, 64, 64]})
    runs.round_to_half(model)
    whole = model.requires_grad_(False).decoder
    room = (explorer.LARGEST - 1_500_000) // 3  # as much as there is for two of six
    facts = [{"beta": beta, "latent_dim": 8} for beta in (0.1, 10.0)]
    packed, said = explorer._decoders({0.1: model, 10.0: model}, facts, room)
    assert len(json.dumps(list(packed.values()))) < room
    rank = int(re.search(r"rank (\d+) in this page", said)[1])
    made, off = explorer.slim(whole, 8, rank)
    assert f"{off:.3f} per pixel" in said
    z = torch.randn(100, 8)
    seen = (made(z) - whole(z)).square().mean().sqrt().item()
    assert seen == pytest.approx(off, rel=0.5)
    assert seen < 0.5 * whole(z).std(0).mean()  # untrained, so its activations fill the space


def test_what_cannot_be_made_smaller_is_left_as_it_is():
    conv = build_model({"model": "conv", "width": 8, "latent_dim": 4})
    narrow = build_model({**DEFAULT, "hidden": [36]})
    for model in (conv, narrow):
        assert not explorer._can_be_slimmed(model.decoder, min(explorer.RANKS))


def test_on_a_phone_redundant_knobs_are_as_wide_as_the_others(visit, browser, measured):
    browser.set_window_size(390, 900)
    try:
        visit(measured)
        browser.execute_script("document.getElementById('redundant').open = true")
        sizes = browser.execute_script(
            """return ["active", "idle"].map((name) => {
              const row = document.querySelector(`#${name} li`);
              const [slider, value] = ["input", "output"].map(
                (kind) => row.querySelector(kind).getBoundingClientRect());
              return [slider.width, slider.top < value.bottom && value.top < slider.bottom];
            })"""
        )
        assert sizes[0] == sizes[1]
        assert sizes[1][0] > 150
        assert sizes[1][1]  # its value is in the same row
    finally:
        browser.set_window_size(1280, 900)
