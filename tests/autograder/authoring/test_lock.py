"""Lock files: exact versions, and digests of the files that may be installed."""

import re
import tomllib

import pytest

from autograder import ROOT
from autograder.authoring.lock import Pin, read_lock, with_cpu_builds, write_lock

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
PINS = [
    Pin("numpy", "2.4.6", "", ("sha256:" + "0" * 64,)),
    Pin("torch", "2.13.0", "sys_platform == 'linux'", ("sha256:" + "1" * 64, "sha256:" + "2" * 64)),
]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_its_digests(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = read_lock(text)
    assert len(pins) == len(re.findall("^[^ ]", text, re.MULTILINE)) > 5
    for pin in pins:
        assert pin.hashes, f"{name}: pip would install any file of {pin.name}"
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in pin.hashes)


def test_a_lock_file_is_read_as_it_was_written(tmp_path):
    write_lock(tmp_path / "a.lock", PINS)
    text = (tmp_path / "a.lock").read_text()
    assert read_lock(text) == PINS
    assert text.startswith("numpy==2.4.6 \\\n    --hash=sha256:000")
    assert read_lock("rich==15.0.0\nscipy==1.0; sys_platform == 'linux'\n") == [
        Pin("rich", "15.0.0", "", ()),
        Pin("scipy", "1.0", "sys_platform == 'linux'", ()),
    ]


def test_both_builds_of_pytorch_may_be_installed():
    torch = {pin.name: pin for pin in read_lock((ROOT / "requirements.lock").read_text())}["torch"]
    locked = tomllib.loads((ROOT / "solution" / "uv.lock").read_text(encoding="utf-8"))["package"]
    builds = [package for package in locked if package["name"] == "torch"]
    assert {package["version"] for package in builds} >= {torch.version, f"{torch.version}+cpu"}
    assert {wheel["hash"] for build in builds for wheel in build["wheels"]} <= set(torch.hashes)
    (numpy, again) = with_cpu_builds(
        [PINS[0], Pin("torch", torch.version, "", ("sha256:" + "3" * 64,))], ROOT
    )
    assert numpy == PINS[0]
    assert set(again.hashes) == {"sha256:" + "3" * 64} | {
        wheel["hash"] for build in builds for wheel in build["wheels"]
    }


def test_pytorch_with_cuda_brings_nothing_that_is_not_locked():
    names = {pin.name for pin in read_lock((ROOT / "requirements-cuda.lock").read_text())}
    assert {"triton", "nvidia-cublas", "cuda-toolkit"} <= names
    assert not names & {pin.name for pin in read_lock((ROOT / "requirements.lock").read_text())}
