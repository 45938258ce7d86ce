"""Runs whose configurations are a megabyte of what is said about them, or numbers beyond floats."""

import json
from pathlib import Path

TASK = "1.2"
HONEST = []

_CONFIGS = [
    '{"beta": 1' + "0" * 400 + "}",
    json.dumps({"beta": 1, "data": "\0" * 100_000}),
    json.dumps({"beta": 1, "data": "sample", "image_shape": "\ud800"}),
    '{"beta": 1, "data": "sample", "image_shape": ' + "[" * 900 + "]" * 900 + "}",
    '{"beta": 1, "data": "sample", "image_shape": ' + "[" * 940 + "]" * 940 + "}",
    *[json.dumps({"beta": 1, "data": "sample", "image_shape": "x" * 900_000})] * 20,
    json.dumps({"beta": 1, "data": "sample", "model": "x" * 500_000}),
]


def build(folder: Path) -> Path:
    for number, config in enumerate(_CONFIGS):
        run = folder / "runs" / f"beta-{number}"
        run.mkdir(parents=True)
        (run / "config.json").write_text(config)
        (run / "metrics.csv").write_text("test_rate,test_distortion\n1,1\n")
        (run / "weights.safetensors").write_bytes(b"")
    return folder
