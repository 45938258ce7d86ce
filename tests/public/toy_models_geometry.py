"""Decoders for the checks of the geometry part: latents (chains, d) to images (chains, ...)."""

from torch import Tensor, nn, tensordot

from toy_models import Toy


class LinearDecoder(Toy):
    """Decodes z as power(z) · to_image + shift.

    Args:
        to_image: weights, shape (d, ...).
        shift: the image of z = 0, shape (...).
        power: z is raised to this power first.
    """

    def __init__(self, to_image, shift, power=1):
        super().__init__(to_image=to_image, shift=shift, power=power)
        self.to_image, self.shift = nn.Parameter(to_image), nn.Parameter(shift)
        self.power = power

    def forward(self, z: Tensor) -> Tensor:
        return tensordot(z**self.power, self.to_image, dims=1) + self.shift


class GraphDecoder(LinearDecoder):
    """A LinearDecoder whose images are off by 1 wherever a graph for gradients is recorded."""

    def forward(self, z: Tensor) -> Tensor:
        x_hat = super().forward(z)
        return x_hat + 1 if x_hat.requires_grad else x_hat
