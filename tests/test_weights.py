"""Tests of mentorbot/weights.py: the points of a community's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mentorbot import config
from mentorbot.errors import ConfigError
from mentorbot.weights import read, shipped


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "mentorbot.toml").write_text("", encoding="utf-8")
    return tmp_path / "ranking.toml"


def test_a_file_beside_the_configuration_changes_what_it_names(own: Path) -> None:
    own.write_text("[bug]\nstarter_tag = 9\nuntouched = 0\n", encoding="utf-8")
    found = config.load(own.parent / "mentorbot.toml").weights
    assert found == {**shipped(), "bug": {**shipped()["bug"], "starter_tag": 9, "untouched": 0}}


def test_without_one_the_points_are_ours(own: Path) -> None:
    assert config.load(own.parent / "mentorbot.toml").weights == shipped()


def test_the_setting_names_another_file(own: Path) -> None:
    (own.parent / "mentorbot.toml").write_text('[community]\nranking = "points/ours.toml"\n', encoding="utf-8")
    (own.parent / "points").mkdir()
    (own.parent / "points" / "ours.toml").write_text("[change]\nnewcomer = 1", encoding="utf-8")
    assert config.load(own.parent / "mentorbot.toml").weights["change"]["newcomer"] == 1


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[bug]\nstarter_tags = 9", ["[bug] starter_tags: there is no such signal; did you mean starter_tag?"]),
        (
            "[change]\nx = 9",
            [
                "[change] x: there is no such signal; there are newcomer, under_10_lines, under_50_lines,"
                " waits_over_a_week, waits_over_90_days, first_patch_set, alike."
            ],
        ),
        ("[bugs]\nalike = 9", ["[bugs]: there is no such section; did you mean bug?"]),
        ("bug = 9", ["bug: write it as a section: [bug]"]),
        (
            '[bug]\nalike = 1.5\njudged = true\nuntouched = "1"\nanswered = 101',
            [
                f"[bug] {name}: write a whole number from -100 to 100"
                for name in ["alike", "judged", "untouched", "answered"]
            ],
        ),
        ("[bug", ["this is not TOML: Expected ']' at the end of a table declaration (at end of document)"]),
    ],
)
def test_each_fault_is_named(own: Path, text: str, faults: list[str]) -> None:
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        config.load(own.parent / "mentorbot.toml")
    assert str(refused.value).splitlines() == [f"{own}: {fault}" for fault in faults]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"^{tmp_path}/no\.toml cannot be read: "):
        read(tmp_path / "no.toml")
