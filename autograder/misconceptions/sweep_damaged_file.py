"""A weights file is cut short: check the upload, or train this β again."""

TASK = "1.6"


def alter(runs):
    path = runs / "beta-2" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
