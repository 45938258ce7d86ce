"""colab.ipynb, run cell by cell as Colab and Kaggle run it; and the container of a codespace."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.authoring.release import pack

pytestmark = pytest.mark.slow

FAKE_COLAB = """
from pathlib import Path

def upload():
    return {"assignment (1).zip": Path(UPLOADED).read_bytes()}

def download(name):
    print("downloaded", Path(name).stat().st_size > 1000)
"""
RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
cells = json.load(open("colab.ipynb", encoding="utf-8"))["cells"]
for name in sys.argv[1:]:
    [cell] = [cell for cell in cells if cell["id"] == name]
    shell.run_cell("".join(cell["source"])).raise_error()
"""


def run_cells(folder: Path, *names: str, uploaded: Path | None, address: str = "") -> str:
    """Run cells of the notebook in a folder; returns what they print."""
    text = (ROOT / "solution" / "colab.ipynb").read_text(encoding="utf-8")
    if address:
        text = text.replace('ADDRESS = \\"\\"', f'ADDRESS = \\"{address}\\"')
    (folder / "colab.ipynb").write_text(text, encoding="utf-8")
    site = folder / "site"
    if uploaded:
        (site / "google" / "colab").mkdir(parents=True, exist_ok=True)
        code = FAKE_COLAB.replace("UPLOADED", repr(str(uploaded)))
        (site / "google" / "colab" / "files.py").write_text(code, encoding="utf-8")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-c", RUN, *names],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(site), "IPYTHONDIR": str(folder / "ip")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def zipped(tmp_path_factory) -> Path:
    """assignment.zip, as `make release` packs it."""
    target = tmp_path_factory.mktemp("zip") / "assignment.zip"
    return Path(shutil.copy(pack(ROOT), target))


def test_upload_setup_check_submit_and_download(zipped, tmp_path):
    shown = run_cells(tmp_path, "fetch", "fetch", "check", "help", "submit", uploaded=zipped)
    assert shown.count("All is installed. Go on with: python -m rdlab check") == 2
    assert "· 1.1" in shown
    assert "report.ipynb: it was never run: run all its cells" in shown
    assert "sweep" in shown
    assert shown.rstrip().endswith("downloaded True")
    assert not (tmp_path / "assignment" / ".venv").exists()


def test_an_address_and_no_colab(zipped, tmp_path):
    shown = run_cells(tmp_path, "fetch", "submit", uploaded=None, address=zipped.as_uri())
    assert "All is installed" in shown
    assert shown.rstrip().endswith("submission.zip is in the folder assignment")
    assert (tmp_path / "assignment" / "submission.zip").is_file()


def test_the_container_of_a_codespace_runs_what_there_is():
    text = (ROOT / "solution" / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    described = json.loads(text)
    assert described["postCreateCommand"] == "make setup"
    version = described["image"].partition(":")[2].partition("-")[0]
    project = (ROOT / "solution" / "pyproject.toml").read_text(encoding="utf-8")
    assert 11 <= int(version.partition(".")[2]) < int(project.partition("<3.")[2].partition(",")[0])
