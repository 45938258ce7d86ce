"""Runs whose configurations are a megabyte of what is said about them, or numbers beyond floats."""

import json
from pathlib import Path

TASK = "1.2"
HONEST = []

_CONFIGS = [
    '{"beta": 1' + "0" * 400 + "}",
    json.dumps({"beta": 0.5, "data": "sample", "image_shape": "\ud800"}),
    json.dumps({"beta": 1, "data": "\0" * 100_000}),
    '{"beta": 2, "data": "sample", "image_shape": ' + "[" * 940 + "]" * 940 + "}",
    json.dumps({"beta": 5, "data": "sample", "image_shape": "x" * 900_000}),
    json.dumps({"beta": 10, "data": "sample", "model": "x" * 500_000}),
    *[json.dumps({"beta": 1, "data": "sample", "image_shape": "x" * 900_000})] * 20,
]
_BETAS = ("0.1", "0.5", "1", "2", "5", "10", *range(11, 31))


def build(folder: Path) -> Path:
    for beta, config in zip(_BETAS, _CONFIGS, strict=True):
        run = folder / "runs" / f"beta-{beta}"
        run.mkdir(parents=True)
        (run / "config.json").write_text(config)
        (run / "metrics.csv").write_text("test_rate,test_distortion\n1,1\n")
        (run / "weights.safetensors").write_bytes(b"")
    return folder
