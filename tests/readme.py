"""Writes README's tables, its recorded conversation and the example configuration: `python -m tests.readme`."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import click

from mentorbot import app, config, dispatch, hookspecs, identity, leases, loader, manners, niches, workers
from mentorbot.chat import pace
from mentorbot.chat.patience import Patience
from mentorbot.cli import main
from mentorbot.commands import TIMEOUT
from mentorbot.mirrors import AGAIN, LONGEST
from mentorbot.store import offers
from mentorbot.text import age
from tests import interviews
from tests.builders import NOW

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
EXAMPLE = ROOT / "data" / "mentorbot.example.toml"


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(headings), ["---"] * len(list(headings)), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def verbs() -> str:
    context = click.Context(main)
    return table(
        ("verb", "does"),
        ((f"`{name} {usage(verb, context)}`".replace(" `", "`"), help_of(verb)) for name, verb in every_verb()),
    )


def every_verb() -> Iterator[tuple[str, click.Command]]:
    for name, verb in sorted(main.commands.items()):
        parts = verb.commands.items() if isinstance(verb, click.Group) else [("", verb)]
        yield from ((f"{name} {part}".strip(), command) for part, command in parts)


def usage(verb: click.Command, context: click.Context) -> str:
    return " ".join(
        p.make_metavar(context)
        if isinstance(p, click.Argument)
        else f"[{p.opts[0]}{'' if isinstance(p, click.Option) and p.is_flag else ' ' + p.make_metavar(context)}]"
        for p in verb.params
    )


def help_of(verb: click.Command) -> str:
    return (verb.help or "").partition("\n")[0]


def commands() -> str:
    who = {"anyone": "anyone", "account": "logged in to services", "organiser": "organisers", "admin": "admins"}
    found = loader.load(config.Config()).commands.values()
    return table(
        ("say", "to", "who", "plugin"),
        ((f"`{c.usage}`", c.purpose, who[c.access], f"[{c.plugin}](plugins/{c.plugin}.py)") for c in found),
    )


def settings() -> str:
    return table(
        ("setting", "default", "meaning"),
        ((f"`[{section}] {name}`", f"`{default}`", meaning) for section, name, default, meaning in config.settings()),
    )


def hooks() -> str:
    rows = []
    for name, hook in vars(hookspecs).items():
        if hasattr(hook, f"{hookspecs.PROJECT}_spec"):
            arguments = ", ".join(inspect.signature(hook).parameters)
            rows.append((f"`{name}({arguments})`", (inspect.getdoc(hook) or "").partition("\n")[0]))
    return table(("hook", "is asked to"), rows)


def rooms() -> str:
    files = sorted(
        p for p in (ROOT / "mentorbot").rglob("*.py") if p.name != "__init__.py" or p.parent.name != "mentorbot"
    )
    return table(("file", "purpose"), ((f"[{p.relative_to(ROOT)}]({p.relative_to(ROOT)})", purpose(p)) for p in files))


def purpose(path: Path) -> str:
    """The first sentence of a file's docstring."""
    whole = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(whole.partition("\n\n")[0].split())


def known_niches() -> str:
    rows = ((f"`{n.name}`", n.what, n.time) for n in niches.shipped())
    return table(("niche", "what one does", "an item takes"), rows)


def limits() -> str:
    """The figures of the code, and what they mean for people."""
    patience, irc = Patience(), config.Irc()

    def lasting(seconds: float) -> str:
        return age(NOW, NOW + timedelta(seconds=seconds))

    def tries(first: float, last: float) -> tuple[str, str]:
        return f"after {lasting(first)}, doubled up to {lasting(last)}", "never the last"

    hook_times = ", ".join(f"{lasting(terms.seconds)} for `{name}`" for name, terms in hookspecs.TERMS.items())
    rows = [
        ("lines the bot says", f"{irc.flood_burst} at once, then {irc.flood_rate:g} a second",
         "they wait, each channel and each person in turn; a PONG never waits"),
        ("lines that wait", f"{pace.WAITING_FOR_ONE} for one target, {pace.WAITING_IN_ALL} in all",
         "the newest answer is kept for `more` instead"),
        ("a line that cannot be said", lasting(pace.STALE), "an answer is kept for `more`, other texts wait on"),
        ("questions of one person", f"{irc.ask_burst} at once, then {irc.ask_rate:g} a second",
         f"one line says so, no oftener than once in {lasting(manners.LATELY)}; what comes too fast is not answered"),
        ("the same words to one person",
         f"{manners.ANSWERED} answers or {manners.REFUSED} refusals in {lasting(manners.LATELY)}",
         "silence: two bots would else talk for ever"),
        ("refusals of one person", f"{manners.REFUSALS} in {lasting(manners.LATELY)}", "silence, too"),
        ("lines of an answer in a channel", str(dispatch.IN_CHANNEL),
         f"more go to private, {dispatch.PAGE} at a time, {dispatch.KEPT} in all"),
        ("a command", lasting(TIMEOUT), "its asker hears so, a late answer is dropped; it may declare another time"),
        ("a hook", hook_times, "the plugin is left out"),
        ("calls of one plugin", f"{workers.FEW} at a time, {workers.WAITING} may wait",
         "who comes then is asked to come back"),
        ("failures of a plugin",
         f"{loader.FAILURES} in {lasting(loader.WITHIN)}, or {loader.HUNG} calls that never come back",
         "it is switched off, admins are told"),
        ("silence of the server", f"{patience.silence + patience.answer:g} seconds", "the bot connects anew"),
        ("tries to connect", *tries(patience.first_retry, patience.last_retry)),
        ("coming back to a channel one is kicked from", *tries(patience.rejoin, patience.last_rejoin)),
        ("tries after a refused login", *tries(patience.first_login_retry, patience.last_login_retry)),
        ("tries to copy, after its process died", *tries(AGAIN.total_seconds(), LONGEST.total_seconds())),
        ("last words of a bot that must end", lasting(app.LAST_WORDS), "the rest is kept"),
        ("suggestions held for one person", f"the last {offers.MOST}, for {offers.HELD // timedelta(hours=1)} hours",
         "older ones are free for others, and may still be claimed while they are"),
        ("claims of one person", f"{leases.MOST}, for {leases.LASTS.days} days from the last sign of work",
         "one more is refused; who shows no sign is reminded once, then it is free for others"),
        ("claims that only words keep", f"{leases.WORDS.days} days from the last patch set, assignment or status",
         f"their holder is asked whether they go on, and has {leases.WEEK.days} days to say so; then it is free"),
        ("names still to be proved", f"{identity.MOST}, for {identity.LASTS.days} days each", "one more is refused"),
    ]  # fmt: skip
    return table(("what", "how much", "then"), rows)


def conversation() -> str:
    """What `mentorbot demo --script` prints."""
    played = subprocess.run(
        [sys.executable, "-m", "mentorbot", "demo", "--script"], capture_output=True, text=True, check=True, timeout=60
    )
    return f"```text\n{played.stdout.strip()}\n```"


def interview() -> str:
    """What five people and the running bot say to each other."""
    return f"```text\n{interviews.shown(interviews.all_talks())}\n```"


def example() -> str:
    """The example configuration: every setting with its meaning and its default, as a comment."""
    lines = ["# Every setting of mentorbot, with its default. Take out the # before those that you change.\n"]
    section = ""
    for name, key, default, meaning in config.settings():
        if name != section:
            lines.append(f"\n[{name}]")
            section = name
        lines.append(f"# {key} = {default}  # {meaning}")
    return "\n".join(lines) + "\n"


PARTS = {
    "verbs": verbs,
    "commands": commands,
    "settings": settings,
    "hooks": hooks,
    "rooms": rooms,
    "niches": known_niches,
    "limits": limits,
    "conversation": conversation,
    "interview": interview,
}


def part(text: str, name: str) -> str:
    """What stands between a part's marks."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
    if not found:
        raise SystemExit(f"README.md has no part between <!-- {name} --> and <!-- /{name} -->.")
    return found[1]


def rewrite() -> None:
    text = README.read_text(encoding="utf-8")
    for name, made in PARTS.items():
        text = text.replace(
            f"<!-- {name} -->\n{part(text, name)}\n<!-- /{name} -->", f"<!-- {name} -->\n{made()}\n<!-- /{name} -->"
        )
    README.write_text(text, encoding="utf-8")
    EXAMPLE.write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
