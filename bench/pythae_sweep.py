"""The β sweep as pythae's own trainer does it, one β after the other. Runs in bench/.venv."""

import argparse
import gzip
import tempfile
from pathlib import Path

import numpy as np
import torch
from pythae.data.datasets import BaseDataset
from pythae.models import BetaVAE, BetaVAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import nn

LATENT_DIM, HIDDEN, WIDTH = 32, (512, 256), 32
PIXELS = 784


def mlp() -> tuple[nn.Module, nn.Module]:
    outer, inner = HIDDEN
    encoder = nn.Sequential(
        nn.Flatten(),
        nn.Linear(PIXELS, outer),
        nn.ReLU(),
        nn.Linear(outer, inner),
        nn.ReLU(),
        nn.Linear(inner, 2 * LATENT_DIM),
    )
    decoder = nn.Sequential(
        nn.Linear(LATENT_DIM, inner),
        nn.ReLU(),
        nn.Linear(inner, outer),
        nn.ReLU(),
        nn.Linear(outer, PIXELS),
        nn.Sigmoid(),
        nn.Unflatten(1, (1, 28, 28)),
    )
    return encoder, decoder


def conv() -> tuple[nn.Module, nn.Module]:
    features = 2 * WIDTH * 7 * 7
    encoder = nn.Sequential(
        nn.Conv2d(1, WIDTH, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(WIDTH, 2 * WIDTH, 4, 2, 1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(features, 2 * LATENT_DIM),
    )
    decoder = nn.Sequential(
        nn.Linear(LATENT_DIM, features),
        nn.ReLU(),
        nn.Unflatten(1, (2 * WIDTH, 7, 7)),
        nn.ConvTranspose2d(2 * WIDTH, WIDTH, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(WIDTH, 1, 4, 2, 1),
        nn.Sigmoid(),
    )
    return encoder, decoder


class Encoder(BaseEncoder):
    def __init__(self, layers: nn.Module):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        mean, log_var = self.layers(x).chunk(2, 1)
        return ModelOutput(embedding=mean, log_covariance=log_var)


class Decoder(BaseDecoder):
    def __init__(self, layers: nn.Module):
        super().__init__()
        self.layers = layers

    def forward(self, z):
        return ModelOutput(reconstruction=self.layers(z))


def images(folder: Path, name: str) -> torch.Tensor:
    content = gzip.decompress((folder / f"{name}-images-idx3-ubyte.gz").read_bytes())
    pixels = np.frombuffer(content, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.copy()).float() / 255


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", choices=("mlp", "conv"), default="mlp")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--beta", type=float, nargs="+", required=True)
    parser.add_argument("--flush", action="store_true", help="flush denormal numbers to zero")
    options = parser.parse_args()
    torch.set_flush_denormal(options.flush)
    train, test = images(options.data, "train"), images(options.data, "t10k")
    for beta in options.beta:
        torch.manual_seed(0)
        encoder, decoder = mlp() if options.model == "mlp" else conv()
        config = BetaVAEConfig(
            input_dim=(1, 28, 28),
            latent_dim=LATENT_DIM,
            reconstruction_loss="mse",
            beta=beta / 2,  # its loss is half of ours: ½·SSE + beta·KL
        )
        model = BetaVAE(config, Encoder(encoder), Decoder(decoder))
        with tempfile.TemporaryDirectory() as out:
            settings = BaseTrainerConfig(
                output_dir=out,
                num_epochs=options.epochs,
                learning_rate=1e-3,
                per_device_train_batch_size=128,
                per_device_eval_batch_size=1000,
                no_cuda=True,
            )
            data = [BaseDataset(x, torch.zeros(len(x))) for x in (train, test)]
            BaseTrainer(model, *data, settings).train()
        report(model, beta, test)


@torch.no_grad()
def report(model: BetaVAE, beta: float, test: torch.Tensor) -> None:
    """R and D on the test set, for the comparison of what was learned."""
    model.eval()
    mean, log_var = model.encoder.layers(test).chunk(2, 1)
    z = mean + (log_var / 2).exp() * torch.randn_like(mean)
    rate = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).sum(1).mean()
    distortion = (test - model.decoder.layers(z)).square().flatten(1).sum(1).mean()
    print(f"beta {beta:g} rate {rate:.4f} distortion {distortion:.4f}", flush=True)


if __name__ == "__main__":
    main()
