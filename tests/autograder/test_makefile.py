"""`make setup`: which Python, and which build of PyTorch, before anything is downloaded."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.authoring.lock import read_lock

PYTHON = """#!/bin/sh
# A Python {version} that makes an environment whose Python only says what it is asked for.
case $1 in
-c) exec {real} -c "import sys; sys.version_info = ({version}, 0); $2" ;;
-m) mkdir -p .venv/bin && cp pip .venv/bin/python ;;
esac
"""
PIP = """#!/bin/sh
echo "$*" >> asked
case $* in *{refused}*) exit 1 ;; esac
"""


@pytest.fixture
def course(tmp_path) -> Path:
    for name in ("Makefile", "requirements.lock", "requirements-cuda.lock"):
        shutil.copy(ROOT / name, tmp_path)
    sandbox = tmp_path / "autograder" / "sandbox"
    sandbox.mkdir(parents=True)
    (sandbox / "install_bubblewrap.sh").touch()
    return tmp_path


def make_setup(
    course: Path, *words: str, version: str = "3, 12", refused: str = "nothing"
) -> subprocess.CompletedProcess:
    for name, text in (
        ("python", PYTHON.format(version=version, real=sys.executable)),
        ("pip", PIP.format(refused=refused)),
    ):
        (course / name).write_text(text)
        (course / name).chmod(0o755)
    command = ["make", "setup", "PYTHON=./python", *words]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)


def asked(course: Path) -> list[str]:
    return (course / "asked").read_text().splitlines()


@pytest.mark.parametrize("version", ["3, 10", "3, 15"])
def test_another_python_gets_a_sentence(course, version):
    done = make_setup(course, version=version)
    assert done.returncode == 2
    assert done.stderr.startswith("error: Python 3.11 to 3.14 is needed: make PYTHON=python3.13\n")
    assert not (course / ".venv").exists()


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere PyPI has no CUDA")
def test_pytorch_comes_without_cuda_unless_it_is_asked_for(course):
    assert make_setup(course).returncode == 0
    pytorch, everything = asked(course)
    pytorch_lock = "--requirement .venv/pytorch.lock"
    assert f"--index-url https://download.pytorch.org/whl/cpu {pytorch_lock}" in pytorch
    pins = read_lock((course / ".venv" / "pytorch.lock").read_text())
    assert [pin.name for pin in pins] == ["torch", "torchvision"]
    assert all(pin.hashes for pin in pins)
    assert everything.endswith("--requirement requirements.lock")
    shutil.rmtree(course / ".venv")
    assert make_setup(course, "CUDA=1").returncode == 0
    assert asked(course)[2:] == [f"{everything} --requirement requirements-cuda.lock"]


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere PyPI has no CUDA")
def test_an_index_that_does_not_answer_is_named(course):
    done = make_setup(course, refused="download.pytorch.org")
    assert done.returncode == 0
    assert "whl/cpu does not answer: taking PyTorch from PyPI" in done.stdout
    assert asked(course)[1].endswith("requirements.lock --requirement requirements-cuda.lock")
    assert (course / ".venv" / "ready").is_file()
