"""The workflows for GitHub: valid, and every step of theirs run in a fresh folder."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autograder import ROOT
from autograder.authoring.lock import read_lock
from autograder.course import CourseError
from autograder.platforms.github import write_workflow
from tests.autograder.tier import needs_bubblewrap

CHECKS = ROOT / "solution" / ".github" / "workflows" / "checks.yml"
GRADER = ("autograder", "solution", "assignment", "tests/public", "tests/hidden")
FAKE_GH = """#!/bin/sh
echo "$GH_TOKEN: $*" >> "$CALLS"
case $* in
"repo list our-course --limit "*)
    printf '%s 2026-11-30T10:00:00Z\\n' vae-ada other vae vae-empty vaexit
    echo "vae-blaise 2026-12-02T10:00:00Z" ;;
"api repos/our-course/vae-empty/tarball") echo '{"message": "Not Found"}'; exit 1 ;;
"api repos/our-course/vae-"*) name=${2%/tarball}; cat "$ARCHIVES/${name##*/vae-}" ;;
"issue list --repo our-course/vae-ada "*) echo 7 ;;
"issue list --repo our-course/vae-empty "*) exit 1 ;;
"issue list --repo our-course/vae-blaise "*) ;;
"issue edit "* | "issue create "*) cp feedback.md "$ARCHIVES/feedback-$2-$3" ;;
*) exit 9 ;;
esac
"""


def steps(workflow: Path) -> dict[str, dict]:
    """The steps that run a script, of all jobs in their order, by name."""
    jobs = YAML(typ="safe").load(workflow)["jobs"].values()
    assert all(job["defaults"]["run"]["shell"] == "bash" for job in jobs)
    return {step["name"]: step for job in jobs for step in job["steps"] if "run" in step}


def run_step(step: dict, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run a step as a runner does, with only the variables that it would have."""
    script = folder.parent / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    given = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given |= {"RUNNER_TEMP": str(folder.parent), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    own = {
        name: "the-token" if "secrets." in value else value
        for name, value in step.get("env", {}).items()
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(
        command,
        cwd=folder,
        env=given | own | variables,
        text=True,
        capture_output=True,
        timeout=400,
    )


def validated(workflow: Path) -> str:
    """What GitHub's own schema finds wrong; empty if nothing."""
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        str(workflow),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture
def grading(tmp_path):
    return write_workflow(tmp_path / "written", "our-course", "vae")


def test_both_workflows_are_valid(grading, tmp_path):
    assert validated(CHECKS) == ""
    assert validated(grading) == ""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(CHECKS.read_text(encoding="utf-8").replace("runs-on:", "runs:"))
    assert "is not valid under any" in validated(wrong) or "runs" in validated(wrong)


def test_actions_are_pinned_to_a_commit_that_runners_start(grading):
    """Those of Node 20 and before are not started any more."""
    least = {"actions/checkout": 7, "actions/setup-python": 6}
    least |= {"actions/upload-artifact": 7, "actions/download-artifact": 8}
    for workflow in (CHECKS, grading):
        lines = [
            line for line in workflow.read_text(encoding="utf-8").splitlines() if "uses:" in line
        ]
        assert lines
        for line in lines:
            pinned = re.search(r"uses: ([\w/-]+)@[0-9a-f]{40}  # v(\d+)\.\d+\.\d+$", line)
            assert pinned, line
            assert int(pinned[2]) >= least[pinned[1]]


def test_no_workflow_may_write_or_keeps_a_token(grading):
    for workflow in (CHECKS, grading):
        described = YAML(typ="safe").load(workflow)
        assert described["permissions"] == {"contents": "read"}
        jobs = described["jobs"].values()
        used = [step for job in jobs for step in job["steps"] if "checkout" in step.get("uses", "")]
        (checkout,) = used
        assert checkout["with"] == {"persist-credentials": False}
        assert all(job["timeout-minutes"] <= 350 for job in jobs)


def test_no_job_with_a_secret_runs_code_of_students_or_of_the_grader(grading):
    jobs = YAML(typ="safe").load(grading)["jobs"]
    assert [name for name, job in jobs.items() if "secrets." in str(job)] == ["fetch", "publish"]
    assert jobs["grade"]["needs"] == "fetch"
    assert jobs["publish"]["needs"] == "grade"
    for name in ("fetch", "publish"):
        assert "checkout" not in str(jobs[name])
        assert "make " not in str(jobs[name])


def test_no_step_that_runs_student_code_has_a_secret(grading):
    with_secret = [name for name, step in steps(grading).items() if "secrets." in str(step)]
    assert with_secret == ["Fetch the students' repositories", "Publish the feedback"]
    assert "secrets." not in CHECKS.read_text(encoding="utf-8")
    for step in steps(grading).values():
        assert "${{" not in step["run"]


@pytest.mark.parametrize(
    ("organisation", "prefix"),
    [("", "vae"), ("our course", "vae"), ("uni", ""), ("uni", 'x"; rm -rf /'), ("-x", "vae")],
)
def test_malformed_names_are_refused(tmp_path, organisation, prefix):
    with pytest.raises(CourseError, match="is no name on GitHub: write make github"):
        write_workflow(tmp_path, organisation, prefix)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def repository(tmp_path):
    """A student's repository, fresh from the release, where what the checks need is installed."""
    folder = tmp_path / "student"
    ignored = shutil.ignore_patterns(".venv", "__pycache__", "runs")
    shutil.copytree(ROOT / "assignment", folder, ignore=ignored)
    (folder / ".venv").symlink_to(sys.prefix)
    locked = read_lock((ROOT / "requirements.lock").read_text())
    here = [f"{pin.name}=={pin.version}" for pin in locked]
    wanted = (folder / "requirements.txt").read_text().splitlines()
    (folder / "requirements.txt").write_text("\n".join(line for line in wanted if line in here))
    return folder


def test_the_public_checks_of_a_student(repository):
    install, check, show = steps(repository / ".github" / "workflows" / "checks.yml").values()
    assert run_step(install, repository, PIP_NO_INDEX="1").returncode == 0
    assert run_step(check, repository).returncode != 0
    run_step(show, repository)
    page = (repository / "summary.md").read_text(encoding="utf-8")
    assert page.startswith("```text\n")
    assert page.endswith("```\n")
    assert "· 1.1" in page
    assert "0 of " in page


def test_the_public_checks_are_green_when_all_is_done(repository):
    for name in ("gaussian", "rate_distortion"):
        shutil.copy(ROOT / "solution" / "rdlab" / f"{name}.py", repository / "rdlab")
    _, check, _ = steps(repository / ".github" / "workflows" / "checks.yml").values()
    done = run_step(check, repository, TASK="1.1 2.1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ 1.1" in done.stdout


@pytest.fixture
def private(tmp_path):
    """The instructor's private repository with the workflow, and what its runner offers."""
    folder = tmp_path / "private"
    for name in GRADER:
        ignored = shutil.ignore_patterns("__pycache__", "runs", ".venv")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("Makefile", "course.toml", "requirements.lock", "requirements-cuda.lock"):
        shutil.copy2(ROOT / name, folder)
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "ready").touch()
    write_workflow(folder, "our-course", "vae")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, script in (("gh", FAKE_GH), ("sudo", '#!/bin/sh\necho "sudo $*" >> "$CALLS"\n')):
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    return folder


def archive(student: Path, target: Path) -> None:
    """As GitHub packs a repository: in a folder named after the commit."""
    command = [
        "tar",
        "--create",
        "--gzip",
        f"--file={target}",
        f"--directory={student.parent}",
        f"--transform=s,^{student.name},our-course-{student.name}-0c0ffee,",
        student.name,
    ]
    subprocess.run(command, check=True)


@needs_bubblewrap
def test_grading_the_repositories_of_a_class(private, bundled_class, tmp_path):
    archives, calls = tmp_path / "archives", tmp_path / "calls"
    archives.mkdir()
    (private.parent / "ada" / "rdlab").mkdir(parents=True)
    (private.parent / "ada" / "rdlab" / "__init__.py").touch()
    archive(bundled_class / "blaise", archives / "blaise")
    archive(private.parent / "ada", archives / "ada")
    runner = {
        "PATH": f"{tmp_path / 'tools'}:{os.environ['PATH']}",
        "CALLS": str(calls),
        "ARCHIVES": str(archives),
        "ORGANISATION": "our-course",
        "PREFIX": "vae",
        "MAKEFLAGS": f"BIN={sys.prefix}/bin",
        "RDLAB_PUBLISHED_SALT": "1",
    }
    done = {}
    for name, step in steps(private / ".github" / "workflows" / "grade.yml").items():
        done[name] = run_step(step, private, **runner)
        refused = name == "Grade"  # a repository that could not be fetched needs attention
        assert bool(done[name].returncode) is refused, done[name].stdout + done[name].stderr
    assert "vae-empty could not be fetched" in done["Fetch the students' repositories"].stdout
    rows = (private / "grades" / "gradebook.csv").read_text(encoding="utf-8").splitlines()
    found = [[row["student"], row["status"], row["days late"]] for row in csv.DictReader(rows)]
    assert found == [["ada", "graded", "0"], ["blaise", "graded", "2"], ["empty", "refused", ""]]
    assert "::warning::no feedback" in done["Publish the feedback"].stdout
    shown = (archives / "feedback-create---repo").read_text(encoding="utf-8")
    assert "**blaise**: 0 / 100 points" in shown
    assert (archives / "feedback-edit-7").is_file()
    said = calls.read_text()
    assert "sudo sysctl --quiet --write kernel.apparmor" in said
    assert "the-token: issue edit 7 --repo our-course/vae-ada --body-file feedback.md" in said
