"""course.toml: what is read from it, and every mistake that is named."""

import tomllib

import pytest

from autograder import ROOT
from autograder.checks import find_checks
from autograder.course import CourseError, Gradescope, RegradeRequests, load_course, public_part

COURSE = """\
[course]
title = "Rate–distortion, \\"in nats\\""
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
points = 10

[task."1.1"]
title = "Sampling"
function = "rdlab.gaussian:sample"
points = 4
[task."1.1".checks]
sample_is_right = { points = 3.5, hint = "the public hint" }
sample_is_hidden = { points = 0.5, hint = "the hidden hint" }

[task."1.2"]
title = "The sweep"
experiment = "beta_sweep"
points = 6
uses = ["1.1"]
[task."1.2".checks]
sweep_runs = { points = 6, hint = "run it" }
"""

SECOND = '[[part]]\nnumber = {}\nname = "{}"\ntitle = "a"\npoints = 1\n'

PUBLIC = '''\
import nothing_that_exists
import pytest

def helper():
    pass

@pytest.mark.task("1.1")
def test_sample_is_right(student):
    """The sample is right.

    More about it.
    """
'''

HIDDEN = '''\
import pytest

@pytest.mark.filterwarnings("ignore")
@pytest.mark.task("1.1")
def test_sample_is_hidden(student):
    """The sample is right elsewhere."""

@pytest.mark.task("1.2")
def test_sweep_runs(sweep):
    """The sweep runs."""
'''


@pytest.fixture
def root(tmp_path):
    files = {
        "course.toml": COURSE,
        "tests/public/test_gaussian.py": PUBLIC,
        "tests/hidden/test_gaussian.py": HIDDEN,
        "solution/rdlab/gaussian.py": "def sample(): ...\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def change(root, name, old, new):
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new, 1))


def refusal(root) -> str:
    with pytest.raises(CourseError) as caught:
        load_course(root / "course.toml")
    assert str(root) not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_everything_is_read(root):
    course = load_course(root / "course.toml")
    assert (course.title, course.points, course.salt) == (
        'Rate–distortion, "in nats"',
        10,
        "the secret salt",
    )
    assert course.limits.memory_mb == 3000
    assert [(part.number, part.title, part.points) for part in course.parts] == [(1, "First", 10)]
    sample, sweep = course.tasks
    assert (sample.function, sample.module, sample.name, sample.uses) == (
        "rdlab.gaussian:sample",
        "rdlab.gaussian",
        "sample",
        (),
    )
    assert (sweep.function, sweep.module, sweep.name, sweep.uses) == ("", "", "", ("1.1",))
    assert (sweep.part, sample.part) == (1, 1)
    first, second = sample.checks
    assert (first.name, first.task, first.points, first.hint, first.visibility, first.title) == (
        "sample_is_right",
        "1.1",
        3.5,
        "the public hint",
        "public",
        "The sample is right.",
    )
    assert second.visibility == "hidden"


LATE = """
[late]
due = 2026-12-01T23:59:00
timezone = "Europe/Berlin"
percent_per_day = 10
"""


def test_lateness_is_read_and_may_be_left_out(root):
    assert load_course(root / "course.toml").late is None
    change(root, "course.toml", "\n[[part]]", LATE + "\n[[part]]")
    late = load_course(root / "course.toml").late
    assert late.due.isoformat() == "2026-12-01T23:59:00+01:00"
    assert (late.percent_per_day, late.grace_minutes, late.cap_percent) == (10, 0, 100)
    assert late.days is None


def test_no_slip_days_and_no_grace_may_be_written_down(root):
    none = f"{LATE}slip_days = 0\ngrace_minutes = 0\n"
    change(root, "course.toml", "\n[[part]]", f"{none}\n[[part]]")
    late = load_course(root / "course.toml").late
    assert (late.slip_days, late.grace_minutes) == (0, 0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("_day = 10", "_day = 10\nslip_days = -1", "slip_days must be 0 or more, not -1"),
        ("_day = 10", "_day = 10\nslip_days = 1.5", "slip_days must be a whole number, not 1.5"),
        ("2026-12-01T23:59:00", "23:59:00", "due must be a day as in"),
        ("Europe/Berlin", "Berlin", "no time zone 'Berlin': write one as in Europe/Berlin"),
        ("Europe/Berlin", "../etc/passwd", "no time zone"),
        ("_day = 10", "_day = 0", "percent_per_day must be more than 0"),
        ("_day = 10", "_day = 110", "percent_per_day must be at most 100"),
        ("_day = 10", "_day = 10\ncap = 50", "[late] has an unknown key 'cap'"),
        ("percent_per_day = 10", "", "[late] has no 'percent_per_day'"),
    ],
)
def test_what_is_wrong_with_lateness_is_named(root, old, new, said):
    change(root, "course.toml", "\n[[part]]", LATE.replace(old, new) + "\n[[part]]")
    assert said in refusal(root)


def test_find_checks_says_where(root):
    found = find_checks(root / "tests")
    assert list(found) == ["sample_is_right", "sample_is_hidden", "sweep_runs"]
    assert found["sweep_runs"].file == root / "tests/hidden/test_gaussian.py"
    assert found["sweep_runs"].line == 9


def test_the_settings_of_gradescope(root):
    assert load_course(root / "course.toml").gradescope == Gradescope(10, "after_published")
    change(root, "course.toml", "[limits]", "[gradescope]\nminutes = 40\n[limits]")
    assert load_course(root / "course.toml").gradescope.minutes == 40


def test_requests_for_a_regrade_are_a_setting(root):
    assert load_course(root / "course.toml").regrade_requests is None
    change(root, "course.toml", "[limits]", "[regrade_requests]\n[limits]")
    assert load_course(root / "course.toml").regrade_requests == RegradeRequests()
    lines = '[regrade_requests]\nmail = "vae+x@uni.example"\nuntil = 2026-12-20\n'
    change(root, "course.toml", "[regrade_requests]\n", lines)
    found = load_course(root / "course.toml").regrade_requests
    assert (found.mail, found.until.day, found.until.hour) == ("vae+x@uni.example", 20, 23)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('salt = "the', 'pepper = 1\nsalt = "the', "[course] has an unknown key 'pepper'"),
        ("[limits]", "[limts]", "unknown key 'limts'"),
        (
            "[limits]",
            '[submissions]\nhidden_diagnoses = "later"\n[limits]',
            "hidden_diagnoses is one of always, after_due_date, not 'later'",
        ),
        (
            "[limits]",
            '[submissions]\nhidden_diagnoses = "after_due_date"\n[limits]',
            "hidden_diagnoses waits for a due date: write [late]",
        ),
        ("[limits]", "[gradescope]\nhours = 1\n[limits]", "[gradescope] has an unknown key"),
        ("[limits]", "[regrade_requests]\nmail = 'a@b?cc=c'\n[limits]", "mail is one address"),
        ("[limits]", "[gradescope]\nminutes = 0\n[limits]", "minutes must be more than 0"),
        (
            "[limits]",
            "[gradescope]\nhidden_checks = 'never'\n[limits]",
            "hidden_checks is one of visible, after_due_date, after_published, hidden, not 'never'",
        ),
        ('salt = "the secret salt"\n', "", "[course] has no 'salt'"),
        ("memory_mb = 3000", 'memory_mb = "3 GB"', "memory_mb must be a whole number"),
        ("memory_mb = 3000", "memory_mb = 3000.5", "memory_mb must be a whole number"),
        ("memory_mb = 3000", "memory_mb = 0", "memory_mb must be more than 0"),
        ("points = 3.5", "points = true", "points must be a number, not True"),
        ("points = 3.5", "points = nan", "points must be more than 0"),
        ('title = "First"', 'title = " "', "title is empty"),
        ("points = 4", "points = = 4", "(at line 23, column 10)"),
        ('[task."1.2"]', '[task."1.1"]', "not valid TOML"),
        ("number = 1", "number = 2", "belongs to part 1: add a [[part]]"),
        ('[task."1.2"]\ntitle', '[task."1.2.3"]\ntitle', "a task is named part.number"),
        ('uses = ["1.1"]', 'uses = ["1.9"]', "uses '1.9', which is no earlier task"),
        ('uses = ["1.1"]', 'uses = ["1.2"]', "uses '1.2', which is no earlier task"),
        ('uses = ["1.1"]', "uses = [{}]", "uses {}, which is no earlier task"),
        ('"beta_sweep"', '"walk"', "no experiment 'walk': name one of beta_sweep"),
        ("points = 4\n", 'points = 4\nexperiment = "beta_sweep"\n', "a function and an experiment"),
        (
            'function = "rdlab.gaussian:sample"',
            'experiment = "beta_sweep"',
            "experiment of task 1.1",
        ),
        ("rdlab.gaussian:", "rdlab.gauss:", "there is no solution/rdlab/gauss.py"),
        ("rdlab.gaussian:", "os.path:", 'write the function as "rdlab.module:name"'),
        ("points = 3.5", "points = 3", "the checks of task 1.1 add up to 3.5 points, the task"),
        ("points = 6\nuses", "points = 5\nuses", "the checks of task 1.2 add up to 6 points"),
        ("points = 10\n\n[task", "points = 9\n\n[task", "the tasks of part 1 add up to 10"),
        ("parts = [1]", "points = 10", "[course] has an unknown key 'points'"),
        ("parts = [1]", "parts = []", "parts names each part that is on, once, and at least one"),
        ("parts = [1]", "parts = [1, 1]", "parts names each part that is on, once"),
        ("parts = [1]", "parts = [1, 7]", "parts names 7, which is no [[part]]: there are 1"),
        ("parts = [1]", "parts = [true]", "parts names True, which is no [[part]]"),
        ('name = "first"', 'name = "First!"', "its name is part of file names"),
        ('name = "first"', 'name = "first"\noptional = true', "its functions are in rdlab.first"),
        ('name = "first"', 'name = "first"\ncommands = [1]', "1 is no name of a command"),
        ("sweep_runs", "sweep_walks", "sweep_walks has no function: write test_sweep_walks"),
        ("sweep_runs = {", "sample_is_right = {", "already a check of task 1.1"),
        ('[task."1.1".checks]', '[task."1.1".tests]', "unknown key 'tests'"),
        ("[course]", "[course]]", "not valid TOML"),
        ('hint = "run it"', 'hints = "run it"', "unknown key 'hints'"),
        ("[[part]]\n", SECOND.format(1, "a") + "[[part]]\n", "two parts have the same number"),
        ("[[part]]\n", SECOND.format(2, "first") + "[[part]]\n", "two parts have the same name"),
        ('uses = ["1.1"]', 'function = "rdlab.gaussian:sample"', "belongs to another task"),
    ],
)
def test_a_mistake_in_course_toml(root, old, new, said):
    change(root, "course.toml", old, new)
    sentence = refusal(root)
    assert "course.toml" in sentence
    assert said in sentence


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("hidden", "test_sweep_runs", "test_sample_is_right", "already the name of a check"),
        ("hidden", '    """The sweep runs."""', "    pass", ":9: test_sweep_runs has no"),
        ("hidden", '@pytest.mark.task("1.2")\n', "", "needs one mark @pytest.mark.task"),
        ("hidden", 'mark.task("1.2")', "mark.task(2)", "needs one mark"),
        ("hidden", 'mark.task("1.2")', 'mark.task("1.1")', "is marked as of task 1.1"),
        ("public", "is_right(student", "is_right(:", "tests/public/test_gaussian.py:8:"),
    ],
)
def test_a_mistake_in_a_test_file(root, name, old, new, said):
    change(root, f"tests/{name}/test_gaussian.py", old, new)
    assert said in refusal(root)


def test_a_function_without_an_entry(root):
    more = '@pytest.mark.task("1.2")\ndef test_new():\n    """New."""\n'
    change(root, "tests/public/test_gaussian.py", "@pytest", more + "@pytest")
    said = "tests/public/test_gaussian.py:8: test_new has no entry in course.toml"
    assert said in refusal(root)


def test_no_course(root):
    (root / "course.toml").unlink()
    assert "course.toml cannot be read" in refusal(root)
    (root / "course.toml").write_bytes(b"\xff")
    assert "save it as UTF-8" in refusal(root)


def test_the_public_part_tells_no_secret(root):
    text = public_part(load_course(root / "course.toml"))
    assert tomllib.loads(text) == {
        "course": {"title": 'Rate–distortion, "in nats"', "points": 10},
        "task": {
            "1.1": {
                "title": "Sampling",
                "function": "rdlab.gaussian:sample",
                "points": 4,
                "checks": {"sample_is_right": {"points": 3.5}},
            },
            "1.2": {
                "title": "The sweep",
                "experiment": "beta_sweep",
                "points": 6,
                "checks": {},
            },
        },
        "submission": {"megabytes": 40},
        "experiment": {
            "beta_sweep": {
                "folder": "runs",
                "files": ["config.json", "metrics.csv", "weights.safetensors"],
                "runs": ["beta-0.1", "beta-0.5", "beta-1", "beta-2", "beta-5", "beta-10"],
                "top_files": [],
            }
        },
    }
    for secret in ("salt", "hidden", "hint", "sweep_runs", "elsewhere"):
        assert secret not in text


def test_the_real_course():
    course = load_course(ROOT / "course.toml")
    assert course.points == 100
    for task in course.tasks:
        assert task.checks


LATER = """
[[part]]
number = 2
name = "later"
title = "Later"
points = 3
optional = true

[task."2.1"]
title = "Later still"
function = "rdlab.later:go_on"
points = 3
uses = ["1.1"]
[task."2.1".checks]
goes_on = { points = 3, hint = "go" }
"""


@pytest.fixture
def two_parts(root):
    (root / "course.toml").write_text(COURSE + LATER)
    (root / "solution/rdlab/later.py").write_text("def go_on(): ...\n")
    check = '@pytest.mark.task("2.1")\ndef test_goes_on(student):\n    """It goes on."""\n'
    (root / "tests/hidden/test_later.py").write_text(f"import pytest\n\n{check}")
    return root


def test_only_parts_that_are_on_count(two_parts):
    course = load_course(two_parts / "course.toml")
    assert (course.points, [part.number for part in course.parts]) == (10, [1])
    assert [task.id for task in course.tasks] == ["1.1", "1.2"]
    assert [task.id for task in course.tasks_off] == ["2.1"]
    assert [task.id for task in course.all_tasks] == ["1.1", "1.2", "2.1"]


def test_parts_can_be_chosen_for_once(two_parts):
    path = two_parts / "course.toml"
    course = load_course(path, [2])
    assert (course.points, [task.id for task in course.tasks]) == (3, ["2.1"])
    assert load_course(path, every_part=True).points == 13
    with pytest.raises(CourseError, match="parts names 3"):
        load_course(path, [3])


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "course.toml",
            "points = 3\nuses",
            "points = 2\nuses",
            "the checks of task 2.1 add up to 3",
        ),
        ("course.toml", "rdlab.later:", "rdlab.other:", "there is no solution/rdlab/other.py"),
        ("course.toml", 'uses = ["1.1"]\n[task."2', 'uses = ["9.9"]\n[task."2', "no earlier task"),
        ("tests/hidden/test_later.py", "goes_on", "runs_on", "the check goes_on has no function"),
    ],
)
def test_a_part_that_is_off_is_validated(two_parts, name, old, new, said):
    change(two_parts, name, old, new)
    assert said in refusal(two_parts)


def test_a_module_belongs_to_one_part(two_parts):
    change(two_parts, "course.toml", "optional = true\n", "")
    change(two_parts, "course.toml", "rdlab.later:go_on", "rdlab.gaussian:go_on")
    assert "rdlab.gaussian holds tasks of part 1: a module belongs to one part" in refusal(
        two_parts
    )


def test_nothing_uses_an_optional_part(two_parts):
    text = (two_parts / "course.toml").read_text()
    later, first = text.index("[[part]]\nnumber = 2"), text.index("[[part]]\nnumber = 1")
    swapped = text[:first] + text[later:].replace('uses = ["1.1"]\n', "") + text[first:later]
    swapped = swapped.replace('uses = ["1.1"]', 'uses = ["2.1"]')
    (two_parts / "course.toml").write_text(swapped)
    assert "uses 2.1 of an optional part, which may be absent" in refusal(two_parts)
