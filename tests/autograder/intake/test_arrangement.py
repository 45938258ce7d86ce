"""Deliveries as people make them: taken, with a sentence on what was taken for what, or named."""

import io
import zipfile

import pytest

from autograder.intake.reading import read_submission
from autograder.intake.submission import IntakeError, find_submissions, ignored_entries
from tests.autograder.intake.test_reading import LIMITS, copied, make_folder, make_tar, make_zip

CODE = {"gaussian.py": b"x = 1\n", "objective.py": b"y = 2\n"}
WANTED = {f"rdlab/{name}": content for name, content in CODE.items()}
RUN = "runs/beta-0.1/config.json"
MAKERS = {"ada": make_folder, "ada.zip": make_zip, "ada.tar.gz": make_tar}


def below(folder, files):
    return {f"{folder}/{name}": content for name, content in files.items()}


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def taken(tmp_path, path):
    """What is taken of a delivery: the files, and the sentence on them."""
    intake = read_submission(path, tmp_path / "out", LIMITS)
    assert intake.files == tuple(sorted(copied(tmp_path)))
    return copied(tmp_path), intake.arrangement


def refused(tmp_path, path):
    with pytest.raises(IntakeError) as caught:
        read_submission(path, tmp_path / "out", LIMITS)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    ("files", "said"),
    [
        (WANTED, ""),
        (below("homework", WANTED), ""),
        (below("home/ada/homework 3", WANTED), "home/ada/homework 3/rdlab/ was found"),
        (below("rdlab", WANTED), ""),
        (below("rdlab (1)", CODE), "rdlab (1)/ as rdlab/"),
        (below("hw/rdlab-main", CODE), "hw/rdlab-main/ as rdlab/"),
        (CODE, "what is at the top as rdlab/"),
        (below("hw", CODE), "hw/ as rdlab/"),
        ({f"rdlab\\{name}": content for name, content in CODE.items()}, ""),
        (
            {"rdlab/gaussian (1).py": CODE["gaussian.py"], "rdlab/objective-2.py": b"y = 2\n"},
            "rdlab/gaussian (1).py as rdlab/gaussian.py; rdlab/objective-2.py as "
            "rdlab/objective.py",
        ),
        (WANTED | below("backup/old", WANTED), "backup/old/rdlab/ was left out"),
    ],
)
def test_one_meaning_alone_is_taken(tmp_path, name, files, said):
    found, sentence = taken(tmp_path, MAKERS[name](tmp_path / name, files))
    assert found == WANTED
    if name != "ada" or "backup" not in said:  # in a folder that is not even looked at
        assert sentence == (f"Taken: {said}." if said else "")


@pytest.mark.parametrize("top", ["", "hw/"])
def test_report_and_runs_lie_in_a_flat_folder_or_beside_the_package(tmp_path, top):
    extra = {f"{top}report (2).ipynb": b"{}", f"{top}{RUN}": b"[]"}
    flat = {top + name: content for name, content in CODE.items()}
    beside = {f"{top}code/{name}": content for name, content in CODE.items()}
    for number, files in enumerate((flat, beside)):
        path = make_zip(tmp_path / f"{number}.zip", files | extra)
        intake = read_submission(path, tmp_path / f"out{number}", LIMITS)
        assert intake.files == (*sorted(WANTED), "report.ipynb", RUN)
        assert "report (2).ipynb as report.ipynb" in intake.arrangement


def test_an_archive_in_a_folder_in_an_archive(tmp_path):
    inner = zipped(below("rdlab (1)", CODE) | {"notes.txt": b""})
    outer = make_zip(tmp_path / "ada.zip", {"ada/final/work.zip": inner, "ada/cover.pdf": b""})
    found, said = taken(tmp_path, outer)
    assert found == WANTED
    assert said == "Taken: rdlab (1)/ as rdlab/. It was read from ada/final/work.zip."


def test_an_archive_that_was_not_unpacked(tmp_path):
    """As Gradescope leaves one that lies beside another file."""
    beside = {"report.md": b"", "__MACOSX/x.zip": b"", ".hidden.zip": b"no archive"}
    folder = make_folder(tmp_path / "submission", beside | {"work.ZIP": zipped(WANTED)})
    found, said = taken(tmp_path, folder)
    assert found == WANTED
    assert said == "It was read from work.ZIP."


def test_moodle_in_folders(tmp_path):
    folder = tmp_path / "class"
    ada = make_folder(
        folder / "Ada Lovelace_901_assignsubmission_file", {"rdlab.zip": zipped(WANTED)}
    )
    make_folder(folder / "Ada Lovelace_901_assignsubmission_onlinetext", {"onlinetext.html": b"hi"})
    bob = make_folder(
        folder / "Bob_902_assignsubmission_onlinetext", {"onlinetext.html": b"I am ill"}
    )
    assert find_submissions(folder) == [ada, bob]
    assert [each.parent for each in ignored_entries(folder)] == [folder]
    assert taken(tmp_path, ada) == (WANTED, "It was read from rdlab.zip.")
    assert "it holds onlinetext.html: submit" in refused(tmp_path, bob)


def test_loose_files_of_canvas_are_one_submission_of_their_student(tmp_path):
    folder = make_folder(
        tmp_path / "class",
        {
            "lovelaceada_901_7001_gaussian.py": b"old",
            "lovelaceada_901_7003_gaussian-1.py": CODE["gaussian.py"],
            "lovelaceada_901_7002_objective.py": CODE["objective.py"],
            "pascalblaise_902_7004_work.zip": zipped(WANTED),
            "pascalblaise_902_7005_report.ipynb": b"{}",
            "turingalan_903_7006_report.ipynb": b"{}",
            "make_groups.py": b"",
        },
    )
    found = find_submissions(folder)
    assert [path.name[:9] for path in found] == ["lovelacea", "pascalbla", "turingala"]
    assert [path.name for path in ignored_entries(folder)] == [
        "make_groups.py",
        "pascalblaise_902_7005_report.ipynb",
    ]
    assert taken(tmp_path, found[0]) == (WANTED, "Taken: what is at the top as rdlab/.")
    assert "it holds report.ipynb: submit" in refused(tmp_path, found[2])


def test_a_flat_folder_is_a_submission_and_no_class(tmp_path):
    three = CODE | {"probe.py": b"", "notes.txt": b""}
    flat = make_folder(tmp_path / "ada", three)
    assert find_submissions(flat) == [flat]
    assert ignored_entries(flat) == []


@pytest.mark.parametrize("kind", ["rar", "7z", "tar.xz"])
def test_archives_that_are_not_opened_are_named(tmp_path, kind):
    alone = make_folder(tmp_path, {f"ada.{kind}": b"?"}) / f"ada.{kind}"
    assert f"ada.{kind} is a" in refused(tmp_path, alone)
    within = make_folder(tmp_path / "bob", {f"work.{kind}": b"?"})
    assert f"holds work.{kind}: such an archive is not opened" in refused(tmp_path, within)


def test_what_an_archive_is_its_first_bytes_say(tmp_path):
    path = make_tar(tmp_path / "ada.zip", WANTED)
    assert taken(tmp_path, path) == (WANTED, "")
    path.write_bytes(b"Rar!\x1a\x07\x01\x00")
    assert "ada.zip is a .rar archive" in refused(tmp_path, path)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (below("one", WANTED) | below("two", WANTED), "(one/rdlab/, two/rdlab/): submit one"),
        (below("a", CODE) | below("b", CODE), "in more than one folder (a/, b/): submit one"),
        ({"a.zip": zipped(WANTED), "b.zip": b""}, "2 archives (a.zip, b.zip) and no rdlab/"),
        (CODE | {"rdlab.zip": zipped(WANTED)}, "beside them rdlab.zip: submit one of the two"),
        ({"essay.docx": b"", "pictures/a.png": b""}, "it holds essay.docx, pictures/: submit"),
        ({f"{n}.txt": b"" for n in range(9)}, "1.txt, 2.txt, 3.txt, 5 more: submit"),
        (
            {"Ada_1_assignsubmission_file/a.zip": b"", "Bob_2_assignsubmission_file/b.zip": b""},
            "is a download of 2 students' submissions (Ada_1, Bob_2): unpack it",
        ),
        (
            {"lovelaceada_901_7001_a.zip": b"", "pascalblaise_902_7002_a.zip": b""},
            "is a download of 2 students' submissions (lovelaceada, pascalblaise): unpack it",
        ),
    ],
)
@pytest.mark.parametrize("name", MAKERS)
def test_what_is_ambiguous_is_named(tmp_path, name, files, named):
    assert named in refused(tmp_path, MAKERS[name](tmp_path / name, files))


def test_archives_in_each_other_have_an_end_and_a_size(tmp_path):
    content = zipped(WANTED)
    for _ in range(4):
        content = zipped({"again.zip": content})
    path = tmp_path / "ada.zip"
    path.write_bytes(content)
    assert "it holds again.zip: submit" in refused(tmp_path, path)
    make_zip(path, {"a.zip": zipped({"b.zip": bytes(2**22)})})
    assert "1 MB unpacked" in refused(tmp_path, path)


def test_an_archive_within_cannot_lead_out(tmp_path):
    path = make_zip(tmp_path / "ada.zip", {"a.zip": zipped(WANTED | {"../x.py": b""})})
    assert "ada.zip/a.zip: '../x.py' leads out of the folder" in refused(tmp_path, path)
