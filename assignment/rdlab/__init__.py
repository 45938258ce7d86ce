"""rdlab: variational autoencoders, rate-distortion and mutual information."""

import sys

if (
    not (3, 11) <= sys.version_info[:2] < (3, 15)
):  # as pyproject.toml says: what PyTorch is built for
    sys.exit(
        "error: this is Python {}.{}, and the lab needs 3.11 to 3.14: install one from python.org, "
        "and give the command again with it, as in python3.14 -m rdlab setup".format(
            *sys.version_info[:2]
        )
    )
