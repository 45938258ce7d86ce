"""Small two-layer models that the checks of part 6 pass to student functions as arguments."""

import torch
from torch import Tensor, nn

from toy_models import Toy


class AffineHierarchy(Toy):
    """A hierarchy whose every map is affine, so that rates and distortion have closed forms.

    q(z₂|x) = N(A x, e^top_log_var), q(z₁|z₂, x) = N(C x + B z₂, e^bottom_log_var),
    p(z₁|z₂) = N(F z₂ + f, e^prior_log_var), x_hat = W z₁.

    Args:
        top: A, shape (d₂, ...) for images of shape (B, ...).
        bottom: C, shape (d₁, ...).
        bottom_top: B, shape (d₁, d₂).
        prior: F, shape (d₁, d₂).
        prior_mean: f, shape (d₁,).
        to_image: W, shape (d₁, ...).
        top_log_var, bottom_log_var, prior_log_var: shapes (d₂,), (d₁,), (d₁,).
    """

    def __init__(
        self,
        top,
        bottom,
        bottom_top,
        prior,
        prior_mean,
        to_image,
        top_log_var,
        bottom_log_var,
        prior_log_var,
    ):
        weights = {
            "top": top,
            "bottom": bottom,
            "bottom_top": bottom_top,
            "prior": prior,
            "prior_mean": prior_mean,
            "to_image": to_image,
            "top_log_var": top_log_var,
            "bottom_log_var": bottom_log_var,
            "prior_log_var": prior_log_var,
        }
        super().__init__(**weights)
        for name, value in weights.items():
            setattr(self, name, nn.Parameter(value))

    def encode_top(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean = x.flatten(1) @ self.top.flatten(1).T
        return mean, self.top_log_var.expand_as(mean)

    def encode_bottom(self, x: Tensor, z_2: Tensor) -> tuple[Tensor, Tensor]:
        mean = x.flatten(1) @ self.bottom.flatten(1).T + z_2 @ self.bottom_top.T
        return mean, self.bottom_log_var.expand_as(mean)

    def prior_bottom(self, z_2: Tensor) -> tuple[Tensor, Tensor]:
        mean = z_2 @ self.prior.T + self.prior_mean
        return mean, self.prior_log_var.expand_as(mean)

    def decode(self, z_1: Tensor) -> Tensor:
        return torch.tensordot(z_1, self.to_image, dims=1)


class _Shift(nn.Module):
    """Adds 1 in training mode, as dropout or batch normalisation would also change the output."""

    def forward(self, x: Tensor) -> Tensor:
        return x + 1 if self.training else x


class ModeHierarchy(AffineHierarchy):
    """An AffineHierarchy with layers that act in training mode only."""

    def __init__(self, **weights):
        super().__init__(**weights)
        self.encoder_layer, self.decoder_layer = _Shift(), _Shift()

    def encode_bottom(self, x: Tensor, z_2: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_var = super().encode_bottom(x, z_2)
        return self.encoder_layer(mean), log_var

    def decode(self, z_1: Tensor) -> Tensor:
        return self.decoder_layer(super().decode(z_1))


class GraphHierarchy(AffineHierarchy):
    """An AffineHierarchy whose outputs are off by 1 wherever a graph is recorded."""

    def encode_bottom(self, x: Tensor, z_2: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_var = super().encode_bottom(x, z_2)
        return (mean + 1 if mean.requires_grad else mean), log_var

    def decode(self, z_1: Tensor) -> Tensor:
        x_hat = super().decode(z_1)
        return x_hat + 1 if x_hat.requires_grad else x_hat


class StepHierarchy(Toy):
    """Both layers are N(0, I) for every image; z₁ is reconstructed minus the z₁ before it.

    p(z₁|z₂) has its mean at the difference between z₂ and the z₂ before it, so latents that
    repeat, within a batch or from one batch to the next, show in R₁ and in D.
    """

    def __init__(self, latent_dim: int):
        super().__init__(latent_dim=latent_dim)
        self.before = {2: torch.zeros(1, latent_dim), 1: torch.zeros(1, latent_dim)}

    def _step(self, layer: int, z: Tensor) -> Tensor:
        before = torch.cat([self.before[layer], z[:-1]])
        self.before[layer] = z[-1:].detach().clone()
        return z - before

    def _standard(self, x: Tensor) -> tuple[Tensor, Tensor]:
        zeros = x.new_zeros(len(x), self.before[2].shape[1])
        return zeros, zeros.clone()

    def encode_top(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self._standard(x)

    def encode_bottom(self, x: Tensor, z_2: Tensor) -> tuple[Tensor, Tensor]:
        return self._standard(x)

    def prior_bottom(self, z_2: Tensor) -> tuple[Tensor, Tensor]:
        mean = self._step(2, z_2)
        return mean, torch.zeros_like(mean)

    def decode(self, z_1: Tensor) -> Tensor:
        return self._step(1, z_1)
