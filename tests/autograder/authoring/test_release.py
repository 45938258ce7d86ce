"""The release: what students get, what they never get, and every marker mistake."""

import json
import subprocess
import sys
import zipfile

import pytest

from autograder.authoring.release import check_release, pack, release
from autograder.course import CourseError

GAUSSIAN = '''\
"""Gaussians."""

import math

# BEGIN SOLUTION
import secret_module
# END SOLUTION


def gaussian_kl(mean, log_var):
    """KL."""
    scale = 0.5
    # BEGIN SOLUTION
    secret = _helper(mean)

    return secret * scale
    # END SOLUTION
    return scale


# BEGIN SOLUTION
def _helper(mean):
    return mean


# END SOLUTION


def given(x):
    return x
'''

STUB = '''\
"""Gaussians."""

import math


def gaussian_kl(mean, log_var):
    """KL."""
    scale = 0.5
    # TODO (task 1.2, 1 point): KL to the normal
    raise NotImplementedError("Task 1.2: gaussian_kl")
    return scale


def given(x):
    return x
'''


README = """\
# Course

1. **First**: begin.

## Part 1: First (1 point)

Text.

| task | title | function | in | points |
| --- | --- | --- | --- | --- |
| 1.2 | KL to the normal | `gaussian_kl` | `rdlab/gaussian.py` | 1 |

End, 1 question (3 points), 20 s.
"""


def report_cell(kind: str, name: str, source: str, **marks) -> dict:
    metadata = {"nbgrader": {"grade_id": name, **marks}} if marks else {}
    return {
        "id": name,
        "cell_type": kind,
        "metadata": metadata,
        "source": source,
        "outputs": ["secret"] if kind == "code" else [],
    }


SCHEME = "Question?\n<!-- BEGIN MARK SCHEME -->\nsecret\n<!-- END MARK SCHEME -->"
REPORT = {
    "cells": [
        report_cell("code", "figure", "draw()"),
        report_cell("markdown", "question", SCHEME, locked=True),
        report_cell("markdown", "answer", "a secret answer", grade=True, solution=True, points=3),
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}

FILES = {
    "course.toml": """\
[course]
title = "Course"
parts = [1]
salt = "the secret salt"
[limits]
check_cpu_s = 20
check_wall_s = 120
memory_mb = 3000
processes = 64
submission_mb = 40
submission_files = 500
[[part]]
number = 1
name = "first"
title = "First"
points = 1
[task."1.2"]
title = "KL to the normal"
function = "rdlab.gaussian:gaussian_kl"
points = 1
[task."1.2".checks]
public_one = { points = 0.5, hint = "a hint" }
hidden_one = { points = 0.5, hint = "another hint" }
""",
    "solution/HANDOUT.md": (
        "# @title@\n\n<!-- PART LIST -->\n\n"
        "<!-- BEGIN SOLUTION -->\nsecret\n<!-- END SOLUTION -->\n\n"
        "<!-- PARTS -->\n\nEnd, @questions@, @check_cpu_s@ s.\n"
    ),
    "solution/HANDOUT_first.md": "<!-- SUMMARY: begin. -->\n\nText.\n\n<!-- TASKS -->\n",
    "solution/Makefile": "check @commands@:\n\tpython -m rdlab $@\n",
    "solution/requirements.txt": "torch\n",
    "solution/.gitignore": ".venv/\n",
    "solution/.github/workflows/checks.yml": "name: public checks\n",
    "solution/report.ipynb": json.dumps(REPORT),
    "solution/rdlab/__init__.py": "",
    "solution/rdlab/gaussian.py": GAUSSIAN,
    "solution/rdlab/sub/given.py": "x = 1\n",
    "solution/rdlab/gaussian.py.orig": "secret\n",
    "solution/runs/beta=1/config.json": "{}",
    "tests/public/test_gaussian.py": (
        "import pytest\nfrom support import right\nfrom rdlab.gaussian import given\n\n"
        '@pytest.mark.task("1.2")\ndef test_public_one():\n    """Title."""\n'
        "    assert given(right)\n"
    ),
    "tests/public/support.py": "right = True\n",
    "tests/hidden/test_gaussian.py": (
        'import pytest\n\n@pytest.mark.task("1.2")\ndef test_hidden_one():\n    """Hidden."""\n'
    ),
    "data/README.md": "Data.\n",
    "data/SHA256SUMS": "",
    "data/images.gz": "\x1f\x00",
    "data/make_sample.py": "",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def assignment(root) -> dict[str, bytes]:
    folder = root / "assignment"
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_the_files_that_students_get(root):
    names = release(root)
    assert names == [
        ".github/workflows/checks.yml",
        ".gitignore",
        "Makefile",
        "README.md",
        "data/README.md",
        "data/SHA256SUMS",
        "data/images.gz",
        "pyproject.toml",
        "rdlab/__init__.py",
        "rdlab/gaussian.py",
        "rdlab/sub/given.py",
        "report.ipynb",
        "requirements.txt",
        "tasks.toml",
        "tests/support.py",
        "tests/test_gaussian.py",
    ]
    assert sorted(assignment(root)) == names


def test_the_stub(root):
    release(root)
    files = assignment(root)
    assert files["rdlab/gaussian.py"].decode() == STUB
    assert files["README.md"].decode() == README
    assert files["Makefile"] == b"check :\n\tpython -m rdlab $@\n"


def test_the_report(root):
    release(root)
    figure, question, answer, part, task = json.loads(assignment(root)["report.ipynb"])["cells"]
    assert (figure["source"], figure["outputs"]) == (["draw()"], [])
    assert question["source"] == ["Question?"]
    assert question["metadata"]["editable"] is False
    assert answer["source"] == ["*Your answer here.*"]
    assert "editable" not in answer["metadata"]
    assert part["source"] == ["### Part 1: First"]
    assert task["source"] == ["# Task 1.2 (1 point): KL to the normal\n", 'check_task("1.2")']
    assert task["metadata"]["nbgrader"]["points"] == 1
    assert task["metadata"]["nbgrader"]["grade_id"] == "task-1-2"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<!-- BEGIN MARK SCHEME -->\nx", ": its mark scheme never ends"),
        ("x\n<!-- END MARK SCHEME -->", ", line 2: BEGIN and END MARK SCHEME do not pair"),
        ("<!-- BEGIN MARK SCHEME -->\n<!-- BEGIN MARK SCHEME -->", ", line 2: BEGIN and END"),
        ("<!-- begin mark scheme -->", ", line 1 is almost a marker"),
        ("### BEGIN SOLUTION", ", line 1 is almost a marker"),
    ],
)
def test_a_marker_mistake_in_the_report(root, source, said):
    report = REPORT | {"cells": [report_cell("markdown", "question", source)]}
    message = refusal(root, "solution/report.ipynb", json.dumps(report))
    assert message.startswith(f"solution/report.ipynb, cell question{said}")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"cells": [{}]}', '{"cells": [1]}'])
def test_a_report_that_is_no_notebook(root, text):
    assert "report.ipynb is no notebook" in refusal(root, "solution/report.ipynb", text)


def test_no_secret_leaves(root):
    release(root)
    for name, content in assignment(root).items():
        for secret in (b"secret", b"hidden", b"SOLUTION", b"hint"):
            assert secret not in content, name


def test_released_tests_find_their_modules(root):
    release(root)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=root / "assignment", capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_second_release_changes_nothing(root):
    release(root)
    first, times = assignment(root), (root / "assignment/README.md").stat().st_mtime_ns
    release(root)
    assert assignment(root) == first
    assert (root / "assignment/README.md").stat().st_mtime_ns == times
    assert check_release(root) == []


def test_windows_line_ends_make_no_difference(root):
    release(root)
    first = assignment(root)
    for name in ("solution/rdlab/gaussian.py", "solution/HANDOUT.md"):
        (root / name).write_bytes((root / name).read_bytes().replace(b"\n", b"\r\n"))
    assert check_release(root) == []
    release(root)
    assert assignment(root) == first


def test_stale_files_go_and_others_stay(root):
    release(root)
    for name in ("rdlab/old.py", "tests/test_old.py", "data/old.gz", "notes.txt"):
        (root / "assignment" / name).write_text("x\n")
    release(root)
    assert "notes.txt" in assignment(root)
    assert not any("old" in name for name in assignment(root))
    assert check_release(root) == [
        "assignment/notes.txt is made from nothing in solution/: remove it"
    ]


def test_drift_is_named_line_by_line(root):
    release(root)
    folder = root / "assignment"
    (folder / "rdlab/gaussian.py").write_text(STUB.replace("scale = 0.5", "scale = 1"))
    (folder / "data/images.gz").write_bytes(b"\0")
    (folder / "Makefile").unlink()
    (folder / "rdlab/old.py").write_text("")
    (root / "tests/public/support.py").write_text("right = True\nwrong = False\n")
    assert check_release(root) == [
        "assignment/Makefile is missing: run make release",
        "assignment/data/images.gz differs from what data/images.gz gives: run make release",
        "assignment/rdlab/gaussian.py:8 differs from what solution/rdlab/gaussian.py gives: "
        "run make release",
        "assignment/tests/support.py:2 differs from what tests/public/support.py gives: "
        "run make release",
        "assignment/rdlab/old.py is made from nothing in solution/: run make release",
    ]
    release(root)
    assert check_release(root) == []


def test_work_in_the_assignment_folder_is_no_drift(root):
    release(root)
    for name in ("runs/beta=1/config.json", "rdlab/__pycache__/x.pyc", ".venv/lib/x.py"):
        (root / "assignment" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "assignment" / name).write_text("")
    assert check_release(root) == []
    release(root)
    assert "runs/beta=1/config.json" in assignment(root)


def test_pack_is_the_release_byte_for_byte(root):
    release(root)
    first = pack(root).read_bytes()
    assert pack(root).read_bytes() == first
    with zipfile.ZipFile(root / "dist/assignment.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == {f"assignment/{name}": data for name, data in assignment(root).items()}


# Mistakes


def refusal(root, name, text) -> str:
    (root / name).write_text(text)
    with pytest.raises(CourseError) as caught:
        release(root)
    assert not (root / "assignment").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    # END SOLUTION\n", "", ":20: this line begins a block inside another"),
        ("    # BEGIN SOLUTION\n", "", ":16: this line ends a block that never began"),
        ("# END SOLUTION\n\n\ndef given", "def given", ":21: this line begins a block that never"),
        ("    # END SOLUTION\n    return", "# END SOLUTION\n    return", ":17: this line is not"),
        ("    # BEGIN SOLUTION", "    # begin solution", ":13: this line is almost"),
        ("    # BEGIN SOLUTION", "    ### BEGIN SOLUTION", ":13: this line is almost"),
        ("    # BEGIN SOLUTION", "    x = 1  # BEGIN SOLUTION", ":13: this line is almost"),
        ("def gaussian_kl(", "def other(", "does not define gaussian_kl"),
        ("import math", "import math as", ":3: invalid syntax"),
        (
            "    return x\n",
            "    # BEGIN SOLUTION\n    return x\n    # END SOLUTION\n",
            ":30: a solution block stands in a task function or",
        ),
        (
            "import math\n",
            "if True:\n    # BEGIN SOLUTION\n    import math\n    # END SOLUTION\n",
            ":4: a solution block stands in a task function or",
        ),
        ("    scale = 0.5\n", "    scale = (\n", "gaussian.py:"),
        (
            "    return scale\n",
            "    one = (\n    # BEGIN SOLUTION\n    1\n    # END SOLUTION\n    )\n",
            "it does not compile",
        ),
    ],
)
def test_a_marker_mistake_is_named_with_its_line(root, old, new, said):
    assert old in GAUSSIAN
    sentence = refusal(root, "solution/rdlab/gaussian.py", GAUSSIAN.replace(old, new, 1))
    assert sentence.startswith("solution/rdlab/gaussian.py")
    assert said in sentence


def test_a_task_function_without_a_block(root):
    text = "def gaussian_kl():\n    return 1\n"
    said = "solution/rdlab/gaussian.py:1: gaussian_kl (task 1.2) has no solution block"
    assert said in refusal(root, "solution/rdlab/gaussian.py", text)


def test_a_block_that_runs_into_the_next_function(root):
    text = (
        "def gaussian_kl():\n    # BEGIN SOLUTION\n    return 1\n\n\n"
        "def given():\n    x = 1\n    # END SOLUTION\n    return x\n"
    )
    said = "solution/rdlab/gaussian.py:2: a solution block stands in"
    assert said in refusal(root, "solution/rdlab/gaussian.py", text)


@pytest.mark.parametrize("name", ["solution/HANDOUT.md", "data/README.md"])
def test_a_marker_mistake_in_markdown(root, name):
    assert f"{name}:2: this line begins" in refusal(root, name, "a\n<!-- BEGIN SOLUTION -->\nb\n")
    assert f"{name}:1: this line ends" in refusal(root, name, "<!-- END SOLUTION -->\n")
    assert f"{name}:1: this line is almost" in refusal(root, name, "<!--BEGIN SOLUTION-->\n")


@pytest.mark.parametrize("name", ["solution/Makefile", "solution/HANDOUT.md", "data/SHA256SUMS"])
def test_a_missing_source(root, name):
    (root / name).unlink()
    with pytest.raises(CourseError, match=f"{name} cannot be read"):
        release(root)


def test_a_source_that_is_not_utf8(root):
    (root / "solution/report.ipynb").write_bytes(b"\xff")
    with pytest.raises(CourseError, match=r"solution/report\.ipynb is not UTF-8"):
        release(root)


NETWORK = '''\
"""Networks."""


class Network(Module):
    """A network."""

    def __init__(self, size: int = 3):
        # BEGIN SOLUTION
        super().__init__()
        self.layer = secret(size)
        # END SOLUTION

    def decode(self, z):
        """Decode."""
        # BEGIN SOLUTION
        return self.layer(z)
        # END SOLUTION


def gaussian_kl(weights):
    """Given."""
    return Network(weights)
'''

NETWORK_STUB = '''\
"""Networks."""


class Network(Module):
    """A network."""

    def __init__(self, size: int = 3):
        # TODO (task 1.2, 1 point): KL to the normal
        raise NotImplementedError("Task 1.2: Network")

    def decode(self, z):
        """Decode."""
        # TODO (task 1.2, 1 point): KL to the normal
        raise NotImplementedError("Task 1.2: Network")


def gaussian_kl(weights):
    """Given."""
    return Network(weights)
'''

WHOLE_BODY = '''\
class Network(Module):
    """A network."""

    # BEGIN SOLUTION
    def __init__(self, size: int = 3, *, bias=True):
        self.layer = secret(size)

    def decode(self, z):
        return self.layer(z)

    # END SOLUTION


def gaussian_kl(weights):
    return Network(weights)
'''


def write_network(root, text: str) -> None:
    """A course whose task is to write the class Network, which its function runs."""
    course = root / "course.toml"
    function = 'function = "rdlab.gaussian:gaussian_kl"\n'
    course.write_text(course.read_text().replace(function, function + 'writes = "Network"\n'))
    (root / "solution" / "rdlab" / "gaussian.py").write_text(text)


def test_the_stub_of_a_class_keeps_its_methods_and_their_docstrings(root):
    write_network(root, NETWORK)
    release(root)
    assert assignment(root)["rdlab/gaussian.py"].decode() == NETWORK_STUB


def test_the_stub_of_a_whole_class_body_raises_in_init(root):
    write_network(root, WHOLE_BODY)
    release(root)
    released = assignment(root)["rdlab/gaussian.py"].decode()
    names = {"Module": object}
    exec(released, names)
    with pytest.raises(NotImplementedError, match=r"^Task 1.2: Network$"):
        names["gaussian_kl"](5)
    assert "def __init__(self, size: int=3, *, bias=True):" in released
    assert "secret" not in released
    assert "decode" not in released


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("class Network", "class Other", r"gaussian.py does not define Network, .* the class of"),
        ("def gaussian_kl", "def other", r"does not define gaussian_kl, .* the function of"),
        (
            "        # BEGIN SOLUTION\n        super",
            "        super",
            r"gaussian.py:\d+: .* never began",
        ),
        (
            "class Network(Module):",
            "def helper():\n    # BEGIN SOLUTION\n    pass\n    # END SOLUTION\n\n\n"
            "class Network(Module):",
            r"gaussian.py:5: a solution block stands in a task function",
        ),
    ],
)
def test_mistakes_in_a_class_are_named(root, old, new, message):
    write_network(root, NETWORK.replace(old, new))
    with pytest.raises(CourseError, match=message):
        release(root)


def test_a_class_whose_init_is_given_is_refused(root):
    given = NETWORK.replace("        # BEGIN SOLUTION\n        super", "        super", 1)
    given = given.replace("secret(size)\n        # END SOLUTION\n", "secret(size)\n", 1)
    write_network(root, given)
    with pytest.raises(CourseError, match=r":4: the __init__ of Network \(task 1.2\) has no"):
        release(root)


def test_a_class_without_any_block_is_refused(root):
    lines = [line for line in NETWORK.split("\n") if "SOLUTION" not in line]
    write_network(root, "\n".join(lines))
    with pytest.raises(CourseError, match=r":4: Network \(task 1.2\) has no solution block"):
        release(root)


def test_writes_needs_a_function_and_a_name(root):
    write_network(root, NETWORK)
    course = root / "course.toml"
    whole = course.read_text()
    course.write_text(whole.replace('"Network"', '"two words"'))
    with pytest.raises(CourseError, match="writes names the class"):
        release(root)
    course.write_text(whole.replace('function = "rdlab.gaussian:gaussian_kl"\n', ""))
    with pytest.raises(CourseError, match="writes names the class"):
        release(root)
