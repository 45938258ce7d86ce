"""Files are written whole or not at all."""

import zipfile

import pytest

from autograder.files import write_whole, write_zip


def test_a_file_is_replaced_and_no_part_is_left(tmp_path):
    path = tmp_path / "a.txt"
    write_whole(path, "one")
    write_whole(path, "two, with a name that is no text: \udcff")
    assert path.read_text() == "two, with a name that is no text: \\udcff"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OSError, match=r"a\.txt"):
        write_whole(tmp_path / "a.txt", "one")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]


def test_the_same_files_give_the_same_archive(tmp_path):
    files = {"run": b"#!/bin/sh\n", "b/data": bytes(1000)}
    one, two = (write_zip(tmp_path / name, files, executable=["run"]) for name in ("1", "2"))
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert [info.external_attr >> 16 & 0o111 for info in archive.infolist()] == [0o111, 0]
