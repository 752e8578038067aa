"""The niches: kinds of work a person can find their place in, read from niches.toml, ours and the community's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mentorbot.errors import ConfigError
from mentorbot.faults import faults, no_such, text_beside, toml
from mentorbot.text import listed, meant

Skill = Literal[
    "writing", "testing", "programming", "operating", "people", "python", "compiled", "shell", "web", "languages"
]
"""What a niche asks for: the first five are what one likes to do, the others what one knows. Compiled are C++, C, Go,
Rust, Java; shell is with Ansible, containers and packaging; languages are people's, beside English."""

_IN_WORDS = {
    "operating": "running systems",
    "people": "helping people",
    "python": "Python",
    "compiled": "a compiled language",
    "shell": "the shell",
    "web": "web pages",
    "languages": "a language beside English",
}
"""The skills whose name alone says too little."""

LONGEST_GUIDE = 60
"""Lines."""


def _name(word: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", word):
        raise ValueError("a niche is called by one word of small letters, digits and -")
    return word


def _file(name: str) -> str:
    if not re.fullmatch(r"[\w-]+\.md", name):
        raise ValueError('write the name of a file in guides/, such as "poetry.md"')
    return name


def _word(word: str) -> str:
    if not re.fullmatch(r"\S+", word) or word != word.lower() or word[0].isdecimal():
        raise ValueError("another word for a niche is one word of small letters, and does not begin with a digit")
    return word


def _some(words: tuple[Any, ...]) -> tuple[Any, ...]:
    if not 1 <= len(words) <= 5:
        raise ValueError("write one to five")
    return words


Days = Annotated[int, Field(ge=0, le=36500)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BugQueue(_Table):
    """Which open, free bugs a niche has: all that is written must hold; of a list one is enough.

    `tags` may be patterns (`*-backport-potential`); `tags_of` names the setting of [launchpad] that has them. One of
    `words` is in the title or the description. What is Critical or about security is left to those who know the code,
    where the table does not ask for it. `talk`: "none" but the reporter has spoken, or the reporter "answered"
    last. `projects` are patterns. `fixed`: a change for it is merged, as it is for what waits for other branches.
    """

    status: tuple[str, ...] = ()
    importance: tuple[str, ...] = ("Unknown", "Undecided", "Wishlist", "Low", "Medium", "High")
    tags: tuple[str, ...] = ()
    tags_of: Literal["", "starter_tags", "docs_tags"] = ""
    without: tuple[str, ...] = ("security",)
    words: tuple[str, ...] = ()
    talk: Literal["", "none", "answered"] = ""
    older_days: Days = 0
    younger_days: Days = 0
    projects: tuple[str, ...] = ()
    fixed: bool = False


class ChangeQueue(_Table):
    """Which changes a niche has.

    `state`: "unreviewed" (CI passed, nobody looked), "failing" (CI failed, nobody said a word), "rechecked" (sent to CI
    again and again without a reason), "abandoned" (and its bug is still open and free). `files`: all it touches match
    one of these patterns; `touches`: one of its files does. `newcomer`: its author has had fewer than three before.
    """

    state: Literal["unreviewed", "failing", "rechecked", "abandoned"] = "unreviewed"
    most_lines: int = Field(0, ge=0)
    files: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    newcomer: bool = False
    older_days: Days = 0


class QuestionQueue(_Table):
    """Which questions a niche has; none that is assigned to somebody.

    `state`: "unanswered" (nobody but who asked has spoken), "replied" (they were answered, or asked for more, and have
    spoken since). `languages` are codes such as "pt".
    """

    state: Literal["unanswered", "replied"] = "unanswered"
    languages: tuple[str, ...] = ("en",)
    words: tuple[str, ...] = ()
    older_days: Days = 0
    younger_days: Days = 0
    projects: tuple[str, ...] = ()


class BlueprintQueue(_Table):
    """Which blueprints a niche has.

    `state`: "draft" (still being written or talked over: it waits for readers), "approved" (not begun, nobody's, no
    change is proposed: it waits for somebody to build it).
    """

    state: Literal["draft", "approved"] = "draft"
    words: tuple[str, ...] = ()
    older_days: Days = 0
    younger_days: Days = 0
    projects: tuple[str, ...] = ()


class Niche(_Table):
    """A kind of work: what it is and why it matters, how one begins, how long an item takes (minutes), where its items
    come from, and how one knows that one is done.

    Its items are those of all its `bugs`, `changes`, `questions` and `blueprints`, and of the `queue` that a plugin
    serves. `skills` begin with the one that matters most; `aliases` are other words for the niche. What is for
    `anybody` is proposed to who names no niche, and fills up where another has too few items. `seen` is how the mirrors
    show that a bug of it is done: a change for it is "merged"; who claimed it has "said" something on it; or worked on
    it, and it is "sorted": its status or importance was set.
    """

    name: Annotated[str, AfterValidator(_name)]
    title: str = Field(min_length=1)
    aliases: tuple[Annotated[str, AfterValidator(_word)], ...] = ()
    what: str = Field(min_length=1)
    why: str = Field(min_length=1)
    pitch: str = Field(min_length=1)
    steps: Annotated[tuple[str, ...], AfterValidator(_some)]
    skills: Annotated[tuple[Skill, ...], AfterValidator(_some)]
    minutes: int = Field(ge=5, le=2400)
    done: str = Field(min_length=1)
    seen: Literal["merged", "said", "sorted"] = "merged"
    guide: Annotated[str, AfterValidator(_file)]
    anybody: bool = False
    queue: str = ""
    bugs: tuple[BugQueue, ...] = ()
    changes: tuple[ChangeQueue, ...] = ()
    questions: tuple[QuestionQueue, ...] = ()
    blueprints: tuple[BlueprintQueue, ...] = ()

    @property
    def time(self) -> str:
        """How long an item takes, in words."""
        if self.minutes < 60:
            return f"{self.minutes} minutes"
        hours = self.minutes // 60
        return "an hour" if hours == 1 else "a day" if hours >= 8 else f"{hours} hours"

    def asks_for(self, of: Collection[str] | None = None) -> str:
        """What it asks for, in words: all its skills, or those that are among these."""
        return listed([_IN_WORDS.get(skill, skill) for skill in self.skills if of is None or skill in of])

    @property
    def has_items(self) -> bool:
        """Whether anything says where its items come from."""
        return bool(self.queue or self.bugs or self.changes or self.questions or self.blueprints)


@dataclass(frozen=True)
class Niches:
    """All niches of a community, in the order of the files, and the texts of their guides by file name."""

    all: tuple[Niche, ...]
    guides: Mapping[str, str]

    def __iter__(self) -> Iterator[Niche]:
        return iter(self.all)

    @property
    def names(self) -> list[str]:
        return [niche.name for niche in self.all]

    def called(self, name: str) -> Niche | None:
        """The niche of exactly this name."""
        return next((niche for niche in self.all if niche.name == name), None)

    def named(self, word: str) -> Niche | None:
        """The niche people mean by this word, singular or plural."""
        word = word.lower()
        for said in (word, word.rstrip("s"), f"{word}s"):
            for niche in self.all:
                if said in (niche.name, *niche.aliases):
                    return niche
        return None

    def by_name(self, text: str) -> str:
        """A text in which each title of several words ("code review"), which we say to people, is the niche's name."""
        names = {niche.title.lower(): niche.name for niche in self.all if " " in niche.title}
        titles = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        return re.sub(
            rf"(?<![\w-])(?:{titles})(?![\w-])", lambda m: names.get(m[0].lower(), ""), text, flags=re.IGNORECASE
        )

    def meant(self, word: str, others: Iterable[str] = ()) -> str:
        """A question after a niche, or one of the other words, that is spelt nearly so; nothing where none is."""
        known = [*(name for niche in self.all for name in (niche.name, *niche.aliases)), *others]
        return meant(word, known, 0.75)

    def guide(self, niche: Niche, links: Mapping[str, str]) -> list[str]:
        """The niche's guide as lines without markup and without its title.

        `links` are addresses by name: a line that names one that is empty is left out.
        """
        _, *lines = (line for line in self.guides[niche.guide].splitlines() if line.strip())
        said = (_LINK.sub(lambda m: links[m[1]], line) for line in lines if all(links[n] for n in _LINK.findall(line)))
        # A dash might start another bot's command.
        return [re.sub("^- ", "• ", re.sub("^#+ (.*)", r"\1:", line)) for line in said]


_LINK = re.compile(r"\{([a-z]+)\}")
_TABLES = TypeAdapter(dict[str, Niche])


@cache
def shipped() -> Niches:
    """Our own niches."""
    text = (files("mentorbot_data") / "niches.toml").read_text(encoding="utf-8")
    return _valid(tomllib.loads(text), text, "niches.toml")


def read(path: Path | None, links: Collection[str] = ()) -> Niches:
    """Our niches with those in the community's file, and the guides beside it; `links` are the names guides may use.

    A table of theirs adds a niche, or changes what it names of one of ours; `off = true` takes one of ours away.
    Raises ConfigError with one line for each fault.
    """
    if path is None:
        return shipped()
    text = text_beside(path)
    own = toml(text, str(path))
    if flat := [key for key, table in own.items() if not isinstance(table, dict)]:
        raise ConfigError(f"{path}: {flat[0]}: a niche is a section; write [{flat[0]}]")
    tables: dict[str, Any] = {niche.name: niche.model_dump(exclude_unset=True) for niche in shipped()}
    if new := [name for name, table in own.items() if name not in tables and "title" not in table]:
        raise ConfigError(f"{path}: [{new[0]}]: {no_such('niche', new[0], tables)} A new one needs a title.")
    for name, table in own.items():
        tables[name] = tables.get(name, {}) | table
    off = {name: table.pop("off", False) for name, table in tables.items()}
    if odd := [name for name, is_off in off.items() if not isinstance(is_off, bool)]:
        raise ConfigError(f"{path}: [{odd[0]}] off: write true or false")
    tables = {name: table for name, table in tables.items() if not off[name]}
    if not tables:
        raise ConfigError(f"{path}: all niches are off, and one at least is needed")
    return _valid(tables, text, str(path), path.parent / "guides", links)


def _valid(
    tables: dict[str, Any], text: str, name: str, theirs: Path | None = None, links: Collection[str] | None = None
) -> Niches:
    try:
        found = tuple(_TABLES.validate_python({key: table | {"name": key} for key, table in tables.items()}).values())
    except ValidationError as errors:
        raise ConfigError("\n".join(faults(errors, text, name, _no_such))) from None
    wrong: list[str] = []
    guides: dict[str, str] = {}
    meant: dict[str, str] = {}
    for niche in found:
        for word in (niche.name, *niche.aliases):
            if meant.setdefault(word, niche.name) != niche.name:
                wrong.append(f'{name}: [{niche.name}] aliases: "{word}" means {meant[word]} already')
        try:
            guides[niche.guide] = _guide(niche.guide, theirs, links)
        except ConfigError as error:
            wrong.append(f"{name}: [{niche.name}] guide: {error}")
    if wrong:
        raise ConfigError("\n".join(wrong))
    return Niches(found, guides)


def _guide(name: str, theirs: Path | None, links: Collection[str] | None) -> str:
    """The text of a guide: the community's own, or ours."""
    own = theirs and theirs / name
    ours = files("mentorbot_data") / "guides" / name
    if own and own.exists():
        file, text = str(own), text_beside(own)
    elif ours.is_file():
        file, text = str(ours), ours.read_text(encoding="utf-8")
    else:
        raise ConfigError(f"there is no {own or name}")
    lines = text.splitlines()
    if not lines or not lines[0].startswith("# "):
        raise ConfigError(f"{file} must begin with a title: # Title")
    if len(lines) > LONGEST_GUIDE:
        raise ConfigError(f"{file} has {len(lines)} lines; {LONGEST_GUIDE} at most, for it is read in a chat")
    if links is not None and (unknown := [link for link in _LINK.findall(text) if link not in links]):
        raise ConfigError(f"{file}: {no_such('link', unknown[0], links)}")
    return text


def _no_such(keys: list[str]) -> str:
    tables: dict[str, type[_Table]] = {
        "bugs": BugQueue, "changes": ChangeQueue, "questions": QuestionQueue, "blueprints": BlueprintQueue,
    }  # fmt: skip
    known = tables[keys[1]] if len(keys) > 2 else Niche
    return no_such("key", keys[-1], [field for field in known.model_fields if field != "name"])
