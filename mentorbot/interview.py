"""The interview that leads a person to a niche: its questions, what the answers mean, and how niches are scored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from mentorbot import suggest
from mentorbot.commands import Request
from mentorbot.niches import Niche
from mentorbot.store import History

Answers = dict[str, Any]
"""What was said so far: "likes" and "knows" are lists of skills, "minutes" a number, "project" a name; None where the
person does not know or mind. What was not asked yet is absent."""

LIKES = {
    "writing": r"1|writ\w*(?! (?:code|programs?|scripts?|software|tests?)\b)|words|texts?|doc(?:s|umentation)?|english"
    r"|author|editor",
    "testing": r"2|test\w*|try\w*|triag\w*|qa|find\w* bugs|break\w*",
    "programming": r"3|program\w*|cod(?:e|ing|er)|develop\w*|hack\w*|fix\w*|review\w*",
    "operating": r"4|operat\w*|ops|sys-?admin\w*|admin\w*|run\w*|devops|sre|servers?|deploy\w*",
    "people": r"5|people|help\w*|talk\w*|answer\w*|teach\w*|mentor\w*|support\w*|organi[sz]\w*",
}
KNOWS = {
    "python": r"1|python\d?|django|flask",
    "compiled": r"2|compiled|c|c\+\+|cpp|cxx|rust|go|golang|java|kotlin|c#|fortran|swift"
    r"|haskell|scala|zig",
    "shell": r"3|shell|bash|ansible|docker|podman|containers?|kubernetes|k8s|helm|puppet|packag\w*|linux|terraform",
    "web": r"4|web|html|css|javascript|js|php|typescript|ts|react|angular|vue|design\w*",
    "languages": r"5|languages?|translat\w*|french|german|spanish|portuguese|japanese|chinese|korean|italian|russian"
    r"|polish|arabic|hindi|turkish|dutch|ukrainian|czech|swedish|indonesian|vietnamese"
    r"|greek|danish|norwegian|finnish|hebrew|persian|farsi|bengali|urdu|thai|romanian|hungarian",
}
_NOTHING = r"6|none|nothing|no|nope|neither|beginner|not (?:yet|much)|no code|english"
_COUNT = re.compile(r"\d+\s*(?:m|min\w*|h|hours?|d|days?|weeks?|years?)\b|(?<=python )[23]\b")
"""A number that is none of an answer: "2 hours", "python 3"."""
_TIMES = {"1": 30, "2": 120, "3": 480}
_TIME_WORDS = {
    r"half an hour|short\w*|little|a bit|few minutes|hardly any|no time"
    r"|(?:not|\w+n['’]t|dont)\b(?!.*\bknow).*\b(?:long|much|lots?)": 30,
    r"(?:some|two|couple(?: of)?|few) hours|morning|afternoon|evenings?|tonight": 120,
    r"days|week\w*|months?|lots?|(?<!how )long|full[- ]time": 480,
}
_SPELT = {
    word: str(number)
    for number, words in enumerate(
        ("one first", "two second", "three third", "four fourth", "five fifth", "six sixth"), 1
    )
    for word in words.split()
}
_UNKNOWN = re.compile(
    r"\W*(?:i )?(?:really |still )?(?:do ?n['’]?t|do not) (?:really |yet )?(?:know|mind|care)\b.*"
    r"|\W*(?:i )?(?:dunno|idk)\b.*|\W*(?:i(?: have|['’]ve)(?: got)? )?no (?:idea|clue|preference)\b.*"
    r"|\W*(?:i(?:['’]m| am) )?(?:not sure|unsure)\b.*|\W*(?:it |that )?(?:does ?n['’]?t|does not) matter\b.*"
    r"|\W*you (?:choose|decide|pick)\b.*|\W*(?:any|anything|both|all|what ?ever|when ?ever|which ?ever|everything|0"
    r"|skip|either|none|nothing|surprise me|hard to say|(?:it |that )?depends)(?: of (?:these|them|those|it))?"
    r"(?: really| is fine| will do)?\W*|\?+",
    re.IGNORECASE,
)
_KINDS = {
    "writing": ("*.rst", "*.md", "*.adoc", "doc/*", "docs/*"),
    "python": ("*.py",),
    "compiled": ("*.c", "*.cc", "*.cpp", "*.cxx", "*.h", "*.hpp", "*.go", "*.rs", "*.java"),
    "shell": ("*.sh", "*.yaml", "*.yml", "*.j2", "*Dockerfile*", "*.spec"),
    "web": ("*.js", "*.ts", "*.css", "*.scss", "*.html", "*.vue"),
    "languages": ("*.po", "*.pot"),
    "testing": ("tests/*", "*/tests/*", "*test_*.py"),
}
_NO = re.compile(
    r"(?:\b(?:no|not|nothing|never|hate|without|cannot|cant|dont|(?:anything|everything|all) but|except|non(?=-))"
    r"|n['’]t)[\s-]+"
    r"(?:(?:like|love|want|wish|enjoy|know|know of|how|to|any|do|did|doing|experience|with|about|in|much|really|very"
    r"|good|at|into|of|an?|the|fan|used|wrote|written|programming(?= lang)|(?:talk|work|deal)(?:ing)?(?= (?:to|with))"
    r"|writ(?:e|ing)(?= (?:code|programs?|scripts?|software|tests?)\b))\s+)*([\w+#-]+)"
)
"""A word that somebody says no to: "anything but docs", "I don't like to write", "I never wrote any C"."""
MOST_PROJECTS = 9


@dataclass(frozen=True)
class Question:
    """One line to ask; `about` is what its answer is kept under."""

    about: str
    words: str


def questions(projects: list[str]) -> list[Question]:
    """All questions, in their order; with one project there is nothing to choose."""
    asked = [
        Question(
            "likes",
            "What do you like to do? 1 write, 2 try things out, 3 program, 4 run systems, 5 answer people.",
        ),
        Question("minutes", "How much time have you got for a start? 1 half an hour, 2 two hours, 3 a day or more."),
        Question(
            "knows",
            "What do you know well? 1 Python, 2 C++ or another compiled language, 3 shell, Ansible or containers,"
            " 4 web pages, 5 a language beside English, 6 none of these.",
        ),
    ]
    if len(projects) > 1:
        some = ", ".join(f"{n} {project}" for n, project in enumerate(projects[:MOST_PROJECTS], 1))
        more = ", or the name of another" if len(projects) > MOST_PROJECTS else ""
        asked.append(Question("project", f"Which project? {some}{more}; or any."))
    return asked


def understood(about: str, text: str, projects: list[str]) -> Any:
    """What an answer means: a value of Answers, None for "I don't know"; KeyError where it is none."""
    said = text.strip().lower().lstrip("#(").rstrip(".!,;)")
    said = _SPELT.get(said.removeprefix("the "), said)
    if found := mentioned(about, said, projects, numbers=True):
        return found
    if about == "knows" and re.search(rf"(?<![\w+])(?:{_NOTHING})(?![\w+])", said):
        return []
    if _UNKNOWN.fullmatch(said):
        return None
    raise KeyError(text)


def told(asked: list[Question], text: str, projects: list[str], begun: bool) -> Answers:
    """What a text says: where the interview has begun, an answer to the first of these questions; if it is none, or
    before that, whatever it mentions of any of them."""
    if begun:
        with suppress(KeyError):
            return {asked[0].about: understood(asked[0].about, text, projects)}
    found = {question.about: mentioned(question.about, text, projects) for question in asked}
    return {about: answer for about, answer in found.items() if answer is not None}


def mentioned(about: str, text: str, projects: list[str], numbers: bool = False) -> Any:
    """What a text says about one question, by its words and, where asked for, its numbers; None if nothing.

    What they say no to they do not like; if that is all they say, they like the rest.
    """
    said = text.lower()
    if about == "minutes":
        if numbers and said.isdecimal():
            return _TIMES.get(said) or (int(said) if 10 <= int(said) < 1000 else None)
        return suggest.minutes_in(said) or _first(_TIME_WORDS, said)
    said = (_COUNT if numbers else re.compile(r"(?<![\w+])\d(?![\w+])")).sub(" ", said)
    no, said = " ".join(_NO.findall(said)), _NO.sub(" ", said)
    match about:
        case "project":
            known = {project.lower(): project for project in projects}
            if numbers and said.isdecimal() and 0 < int(said) <= min(len(projects), MOST_PROJECTS):
                return projects[int(said) - 1]
            return next((known[word] for word in re.split(r"[\s,]+", said) if word in known), None)
        case "likes":
            refused = _all(LIKES, no)
            rest = [skill for skill in LIKES if skill not in refused] if refused else []
            return _all(LIKES, said) or rest or None
        case _:
            return _all(KNOWS, said) or None


def _all(words: Mapping[str, str], said: str) -> list[str]:
    return [meaning for meaning, pattern in words.items() if re.search(rf"(?<![\w+])(?:{pattern})(?![\w+])", said)]


def _first(words: Mapping[str, int], said: str) -> int | None:
    return next((meaning for pattern, meaning in words.items() if re.search(rf"\b(?:{pattern})\b", said)), None)


def score(niche: Niche, answers: Answers) -> int:
    """How well a niche fits: 5 if what matters most there is liked or known, 2 for each other skill, less where code is
    asked of who likes or knows none, and whether an item fits the time."""
    likes, knows, minutes = answers.get("likes"), answers.get("knows"), answers.get("minutes")
    mine = {*(likes or ()), *(knows or ())}
    points = sum(5 if skill == niche.skills[0] else 2 for skill in niche.skills if skill in mine)
    if "programming" in niche.skills:
        points -= 2 * bool(likes and "programming" not in likes) + (knows == [])
    if minutes:
        times = niche.minutes / minutes
        points += -3 if times > 4 else -1 if times > 1 else 1 if times >= 1 / 4 else 0
    return points


def best(known: Iterable[Niche], answers: Answers) -> list[Niche]:
    """The niches, the best first; among equals the one whose time is nearest, then one for anybody, then as in the
    file."""
    minutes = answers.get("minutes")

    def place(niche: Niche) -> tuple[int, int, bool]:
        return -score(niche, answers), abs(niche.minutes - minutes) if minutes else 0, not niche.anybody

    return sorted((niche for niche in known if niche.has_items), key=place)


def inferred(done: History) -> tuple[Answers, list[str]]:
    """What somebody's history tells of them, and what of it in words; nothing where it is empty."""
    kinds = Counter({kind: sum(n for path, n in done.files.items() if _is(path, kind)) for kind in _KINDS})
    code = sum(kinds[kind] for kind in ("python", "compiled", "shell", "web"))
    weights = Counter(
        writing=3 * kinds["writing"],
        testing=2 * done.reports + done.triage + kinds["testing"],
        programming=3 * code,
        people=2 * done.comments + 2 * done.reviews,
    )
    [(_, most)] = weights.most_common(1)
    if not most:
        return {}, []
    answers: Answers = {"likes": [skill for skill, weight in weights.items() if weight * 2 > most]}
    answers["knows"] = [kind for kind in KNOWS if kinds[kind] * 3 > done.files.total() > 0] or None
    told = {
        "report": done.reports, "comment on others' bugs": done.comments, "change": done.changes,
        "word on others' changes": done.reviews,
    }  # fmt: skip
    return answers, [_counted(number, what) for what, number in told.items() if number]


def _counted(number: int, what: str) -> str:
    head, _, tail = what.partition(" ")
    return f"{number:,} {head}{'' if number == 1 else 's'} {tail}".rstrip()


def _is(path: str, kind: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in _KINDS[kind])


def left(answers: Answers, request: Request) -> list[Question]:
    """The questions that were not answered yet."""
    return [question for question in questions(request.config.projects) if question.about not in answers]
