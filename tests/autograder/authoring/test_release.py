"""The release: what students get, what they never get, and every marker mistake."""

import json
import subprocess
import sys
import zipfile

import pytest

from autograder.authoring.release import check_release, pack, release
from autograder.course import CourseError, load_course

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
    "solution/pyproject.toml": (
        '[project]\ndependencies = ["torch"]\n'
        '[project.optional-dependencies]\nfirst = ["numpy"]\nanother = ["scipy"]\n'
        '[[tool.uv.index]]\nurl = "https://wheels"\n'
        '[tool.pytest.ini_options]\ntestpaths = ["tests"]\naddopts = "--import-mode=importlib"\n'
        'pythonpath = ["tests", "."]\n'
    ),
    "solution/uv.lock": "version = 1\n",
    "solution/colab.ipynb": "{}",
    "solution/.devcontainer/devcontainer.json": "{}",
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
        ".devcontainer/devcontainer.json",
        ".github/workflows/checks.yml",
        ".gitignore",
        "Makefile",
        "README.md",
        "colab.ipynb",
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
        "uv.lock",
    ]
    assert sorted(assignment(root)) == names


def test_requirements_for_pip_are_made_from_the_project(root):
    release(root)
    assert assignment(root)["requirements.txt"].decode().splitlines()[1:] == [
        "--extra-index-url https://wheels",
        "torch",
        "numpy",
    ]


def test_a_project_without_dependencies_is_refused(root):
    message = refusal(root, "solution/pyproject.toml", "[project]\n")
    assert message.startswith("solution/pyproject.toml lacks the dependencies")


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


# Parts that are off

SECOND = """
[[part]]
number = 2
name = "second"
title = "Second"
points = 2
commands = ["go"]
[task."2.1"]
title = "Go on"
function = "rdlab.second:go_on"
points = 2
[task."2.1".checks]
public_two = { points = 1, hint = "a hint" }
hidden_two = { points = 1, hint = "a hint" }
"""
CHECK = '\n\n@pytest.mark.task("2.1")\ndef test_{name}():\n    """Title."""\n'
COMMAND = (
    'def add_parser(commands):\n    text = "what it\'s for, at $5"\n'
    '    commands.add_parser("{name}", help=text)\n'
)


@pytest.fixture
def two_parts(root):
    """A course whose second part is off, and shares a file of public checks with the first."""
    write(root, "course.toml", FILES["course.toml"] + SECOND)
    write(root, "solution/HANDOUT_second.md", "More.\n\n<!-- TASKS -->\n")
    write(root, "solution/rdlab/second.py", GAUSSIAN.replace("gaussian_kl", "go_on"))
    write(root, "solution/rdlab/lab/__init__.py", "")
    write(root, "solution/rdlab/lab/only_second.py", "x = 1\n")
    write(root, "solution/rdlab/lab/pages.py", "x = 1\n")
    write(root, "solution/rdlab/lab/pages_parts/page.html", "<p>")
    for name, needs in (("go", "only_second"), ("stay", "pages")):
        text = f"import rdlab.lab.{needs}\n\n\n{COMMAND.format(name=name)}"
        write(root, f"solution/rdlab/lab/commands/{name}.py", text)
    for visibility, name in (("public", "public_two"), ("hidden", "hidden_two")):
        path = root / f"tests/{visibility}/test_gaussian.py"
        path.write_text(path.read_text() + CHECK.format(name=name))
    return root


def write(root, name, text):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_what_only_a_part_that_is_off_needs_is_left_out(two_parts):
    names = release(two_parts)
    assert not {"rdlab/second.py", "rdlab/lab/only_second.py", "rdlab/lab/commands/go.py"} & {
        *names
    }
    assert {"rdlab/lab/commands/stay.py", "rdlab/lab/pages_parts/page.html"} <= {*names}
    files = assignment(two_parts)
    assert files["tests/test_gaussian.py"].decode() == FILES["tests/public/test_gaussian.py"]
    assert b"Second" not in files["README.md"] + files["report.ipynb"] + files["tasks.toml"]
    assert "make go" not in files["Makefile"].decode()
    assert files["Makefile"].decode().startswith("check stay:")


def test_it_is_back_when_the_part_is_on(two_parts, tmp_path):
    release(two_parts, load_course(two_parts / "course.toml", [2]), tmp_path / "out")
    names = {str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*.*")}
    assert {"rdlab/second.py", "rdlab/lab/only_second.py", "rdlab/lab/commands/go.py"} <= names
    assert "rdlab/gaussian.py" in names  # the tests' helper imports it
    text = (tmp_path / "out/tests/test_gaussian.py").read_text()
    assert "test_public_two" in text
    assert "test_public_one" not in text
    assert "## Part 2: Second (2 points)\n\nMore.\n" in (tmp_path / "out/README.md").read_text()


def test_a_task_that_is_off_is_solved_where_released_code_needs_it(two_parts):
    write(two_parts, "solution/rdlab/lab/pages.py", "from rdlab.second import go_on\n")
    release(two_parts)
    solved = assignment(two_parts)["rdlab/second.py"].decode()
    assert solved.startswith("# Given and complete")
    assert "secret = _helper(mean)" in solved
    assert "SOLUTION" not in solved


def test_the_help_of_a_command_is_safe_in_the_makefile(two_parts):
    write(two_parts, "solution/Makefile", "help:\n\t@command_help@\n")
    release(two_parts)
    done = subprocess.run(
        ["make", "-s", "help"], cwd=two_parts / "assignment", capture_output=True, text=True
    )
    assert done.stdout.splitlines()[0].endswith("what it's for, at $5"), done.stderr


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("solution/HANDOUT.md", "<!-- PART LIST -->", "has the line <!-- PARTS --> 0 times"),
        ("solution/HANDOUT_first.md", "Text.\n", "has the line <!-- TASKS --> 0 times"),
        (
            "solution/HANDOUT_first.md",
            "## One\n<!-- TASKS -->\n",
            "begins with a heading, which is",
        ),
        ("solution/Makefile", "a: @words@\n", "@words@ stands for nothing: known are title"),
        (
            "solution/rdlab/lab/commands/go.py",
            'add.add_parser("go", help=f"{1}")\n',
            ":1: the command go has no help",
        ),
    ],
)
def test_a_mistake_in_a_template(root, name, text, said):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    assert said in refusal(root, name, text)


def test_cells_follow_the_parts_that_their_tags_name(two_parts):
    cells = [cell | {"metadata": dict(cell["metadata"])} for cell in REPORT["cells"]]
    cells[0]["metadata"]["tags"] = ["part:second", "mine"]
    cells[1]["metadata"]["tags"] = ["part:second", "part:first"]
    write(two_parts, "solution/report.ipynb", json.dumps(REPORT | {"cells": cells}))
    release(two_parts)
    found = json.loads(assignment(two_parts)["report.ipynb"])["cells"]
    assert [cell["id"] for cell in found] == ["question", "answer", "part-1", "task-1-2"]
    assert "tags" not in found[0]["metadata"]


def test_a_part_brings_its_own_questions(root):
    question = report_cell("markdown", "question-more", "### Why?\n\nSay.", locked=True)
    answer = report_cell("markdown", "answer-more", "x", grade=True, solution=True, points=1)
    report = json.dumps(REPORT | {"cells": [question, answer]})
    write(root, "solution/report_first.ipynb", report)
    release(root)
    cells = json.loads(assignment(root)["report.ipynb"])["cells"]
    assert cells[3]["source"][0] == "### 1. Why? (1 point)\n"
    assert "End, 2 questions (4 points)" in assignment(root)["README.md"].decode()


def test_twins_and_unknown_tags_in_reports(root):
    report = json.dumps(REPORT)
    (root / "solution/report_first.ipynb").write_text(report)
    with pytest.raises(CourseError, match="two cells have the id 'answer'"):
        release(root)
    cells = [report_cell("code", "x", "") | {"metadata": {"tags": ["part:third"]}}]
    message = refusal(root, "solution/report_first.ipynb", json.dumps(REPORT | {"cells": cells}))
    assert "cell x: the tag part:third names no part: known are first" in message


def test_students_are_told_which_class_a_task_asks_for(root):
    write_network(root, NETWORK)
    release(root)
    tasks = assignment(root)["tasks.toml"].decode()
    assert 'function = "rdlab.gaussian:gaussian_kl"\nwrites = "Network"\n' in tasks
