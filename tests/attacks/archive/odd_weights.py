"""A folder of runs that are pipes, pickles, endless headers and numbers that are none."""

import json
import os
import struct
from pathlib import Path

TASK = "1.2"
HONEST = []

_CONFIGS = (
    "[" * 50_000,
    '{"beta": NaN}',
    '{"beta": 1e999, "data": "sample"}',
    '{"beta": "1"}',
    json.dumps({"beta": 5, "data": "sample", "model": "__import__", "latent_dim": 10**12}),
    json.dumps({"beta": 10, "data": "sample", "model": "mlp", "hidden": 10**9, "latent_dim": 32}),
)
_WEIGHTS = (
    struct.pack("<Q", 1 << 62),
    struct.pack("<Q", 10) + b"{" * 10,
    b"\x80\x04cos\nsystem\n.",
    b"",
    struct.pack("<Q", 2) + b"{}",
    b"PK\x03\x04",
)


_BETAS = ("0.1", "0.5", "1", "2", "5", "10")


def build(folder: Path) -> Path:
    for beta, config, weights in zip(_BETAS, _CONFIGS, _WEIGHTS, strict=True):
        run = folder / "runs" / f"beta-{beta}"
        run.mkdir(parents=True)
        (run / "config.json").write_text(config)
        (run / "metrics.csv").write_text("test_rate,test_distortion\n1,1\n")
        (run / "weights.safetensors").write_bytes(weights)
    os.mkfifo(folder / "runs" / "fifo")
    os.mkdir(folder / "runs" / "beta-9")
    os.mkfifo(folder / "runs" / "beta-9" / "weights.safetensors")
    return folder


def gaussian_kl(mean, log_var):
    return mean * 0
