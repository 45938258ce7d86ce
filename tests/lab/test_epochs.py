"""Training in epochs that can be stopped: what is the same afterwards, and what is refused."""

import sys

import pytest
import torch
from torch import nn

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab import epochs, runs
from rdlab.lab.errors import LabError

CONFIG = {"seed": 3, "epochs": 4, "data": "sample"}
IMAGES = torch.linspace(0, 1, 60).view(20, 3)


class Interrupted(Exception):
    pass


def trained(folder=None, *, stop=0, config=CONFIG, spoil=None, gathered=None):
    """Train a small network, stopped while it is in epoch `stop`; (model, rows, seen)."""
    epochs.begin(config["seed"])
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    seen = []

    def train_epoch(epoch: int) -> dict[str, float]:
        seen.append(epoch)
        for x in epochs.shuffled_batches(IMAGES, 6):
            loss = (model(x + torch.randn_like(x)) - x).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if epoch == stop:
                raise Interrupted
        return {"loss": loss.item()}

    def measure(epoch: int, last: bool) -> dict[str, float]:
        if gathered is not None:
            gathered[f"image_{epoch}"] = model(IMAGES[0]).detach()
        halved = all((value == value.half()).all() for value in model.parameters())
        return {
            "test_error": spoil or (model(IMAGES) - IMAGES).square().mean().item(),
            "last": float(last),
            "halved": float(halved),
        }

    rows = epochs.checkpointed_epochs(
        folder, config, model, optimizer, train_epoch, measure, name="β = 1", gathered=gathered
    )
    return model, rows, seen


def without_times(rows: list[dict]) -> list[dict]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def test_there_is_a_row_per_epoch_and_the_last_one_is_of_the_stored_weights():
    model, rows, _ = trained()
    assert list(rows[0]) == ["epoch", "loss", "seconds", "test_error", "last", "halved"]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert [row["last"] for row in rows] == [0, 0, 0, 1]
    assert [row["halved"] for row in rows] == [0, 0, 0, 1]
    assert all((value == value.half()).all() for value in model.parameters())


@pytest.mark.parametrize("stop", [1, 2, 4])
def test_a_training_that_was_stopped_ends_with_the_same_weights(tmp_path, stop):
    whole, rows, _ = trained()
    with pytest.raises(Interrupted):
        trained(tmp_path / "run", stop=stop)
    model, again, seen = trained(tmp_path / "run")
    assert seen == list(range(stop, 5))
    assert without_times(again) == without_times(rows)
    for name, value in whole.state_dict().items():
        assert torch.equal(model.state_dict()[name], value), name


def test_what_was_gathered_is_there_again(tmp_path):
    whole, stopped, again = {}, {}, {}
    trained(gathered=whole)
    with pytest.raises(Interrupted):
        trained(tmp_path / "run", stop=3, gathered=stopped)
    trained(tmp_path / "run", gathered=again)
    assert [*again] == [*whole] == [f"image_{epoch}" for epoch in range(1, 5)]
    assert all(torch.equal(again[name], whole[name]) for name in whole)


def test_a_checkpoint_of_an_earlier_release_is_begun_anew(tmp_path):
    runs.write_checkpoint(tmp_path / "run", CONFIG, {"metrics": [], "random": torch.zeros(3)})
    _, rows, seen = trained(tmp_path / "run")
    assert (seen, len(rows)) == ([1, 2, 3, 4], 4)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    with pytest.raises(Interrupted):
        trained(tmp_path / "run", stop=2)
    with pytest.raises(LabError, match="holds a run with seed = 3, not 4"):
        trained(tmp_path / "run", config={**CONFIG, "seed": 4})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_longer_finite_ends_the_training(value):
    with pytest.raises(LabError, match="β = 1: training is no longer finite after epoch 1"):
        trained(spoil=value)


def test_batches_hold_every_image_once_in_an_order_drawn_afresh():
    torch.manual_seed(0)
    first, second = (torch.cat([*epochs.shuffled_batches(IMAGES, 6)]) for _ in range(2))
    for order in (first, second):
        assert torch.equal(order[order[:, 0].argsort()], IMAGES)
    assert not torch.equal(first, second)
    sizes = [len(batch) for batch in epochs.shuffled_batches(IMAGES, 6)]
    assert sizes == [6, 6, 6, 2]


def test_batches_are_augmented_where_that_is_asked_for():
    for batch in epochs.shuffled_batches(IMAGES, 20, lambda images: images + 5):
        assert (batch >= 5).all()


def test_low_precision_is_left_where_the_processor_does_not_have_it(monkeypatch):
    epochs._has_bfloat16.cache_clear()
    for capable, kind in (({}, torch.float32), ({"amx_bf16": True}, torch.bfloat16)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda capable=capable: capable)
        with epochs.low_precision(torch.device("cpu")):
            assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == kind
        with epochs.low_precision(torch.device("meta")):
            assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.float32
        epochs._has_bfloat16.cache_clear()


def test_a_run_is_read_back_with_its_own_columns_and_network(tmp_path):
    model, rows, _ = trained()
    columns = [*rows[0]]
    runs.write_run(tmp_path / "run", CONFIG, rows, columns, model)
    found = runs.load_run(
        tmp_path / "run",
        columns,
        lambda config: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)),
    )
    assert (found.config, found.metrics) == (CONFIG, rows)
    assert torch.equal(found.model(IMAGES), model(IMAGES))
    with pytest.raises(LabError, match="cannot be read"):
        runs.read_metrics(tmp_path / "run", [*columns, "test_rate"])
