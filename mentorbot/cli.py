"""The front door: one function a verb, no logic of its own."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from mentorbot import clock as clocks
from mentorbot import logs
from mentorbot.config import Config
from mentorbot.errors import UserError
from mentorbot.text import count
from mentorbot.verbs import Call, Verbs, moment, opened

LEVELS = {"ask": logging.CRITICAL, "demo": logging.WARNING}
"""What is logged by verbs that are for a person at a terminal: a fault of `ask` is told in its one sentence."""


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "config_file", type=click.Path(path_type=Path), default="mentorbot.toml", show_default=True,
              help="The configuration file.")  # fmt: skip
@click.option("--now", metavar="TIME", callback=moment, help="Act as if it were this time.")
@click.option("--debug", is_flag=True, help="Log more, and show where a failure comes from.")
@click.option("--log-json", is_flag=True, help="Log as JSON, one object a line.")
@click.version_option(package_name="mentorbot")
@click.pass_context
def main(ctx: click.Context, config_file: Path, now: datetime | None, debug: bool, log_json: bool) -> None:
    """mentorbot helps newcomers of a project find their niche, and makes unsung work seen."""
    level = logging.DEBUG if debug else LEVELS.get(ctx.invoked_subcommand or "", logging.INFO)
    logs.begin(level, log_json)
    options = [*["--debug"] * debug, *["--log-json"] * log_json]
    ctx.obj = Call(config_file, clocks.starting_at(now) if now else clocks.system, now is not None, options)


@main.command()
@click.option("--script", is_flag=True, help="Play a newcomer's conversation, print it, and end.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The chat's port; any free one by default.")
def demo(script: bool, port: int) -> None:
    """Try the whole bot on an invented community, in this terminal or with an IRC client."""
    from mentorbot import demo as room

    # Ctrl-C is as good an end as any.
    with suppress(KeyboardInterrupt):
        room.play(port, click.echo) if script else room.chat(port, sys.stdin, click.echo)


@main.command()
@click.pass_obj
def check(call: Call) -> None:
    """Read the configuration and the plugins, and name every fault."""
    from mentorbot.chat.login import password
    from mentorbot.chat.wire import tls_context
    from mentorbot.loader import load as load_plugins

    config = call.config
    password(config.irc)
    tls_context(config.irc)
    loaded = load_plugins(config)
    on = sum(plugin.on for plugin in loaded.plugins)
    click.echo(f"{call.config_file} is fine: {on} plugins with {len(loaded.commands)} commands.")


@main.command()
@click.pass_obj
def doctor(call: Call) -> None:
    """Try the network, the sources and the store, and say of each how it is."""
    from mentorbot import doctor as room

    ill = False
    for finding in room.findings(call.config, call.clock):
        ill |= not finding.well
        click.echo(f"{'ok  ' if finding.well else 'FAIL'} {finding.what}: {finding.said}")
    sys.exit(1 if ill else 0)


@main.command()
@click.pass_obj
def run(call: Call) -> None:
    """Be on IRC until told to stop; the mirrors run beside it."""
    import signal

    from mentorbot.app import App
    from mentorbot.loader import load as load_plugins
    from mentorbot.mirrors import Mirrors

    config = call.config
    loaded = load_plugins(config)
    with opened(config) as store:
        mirrors = Mirrors(call.config_file, call.clock, call.shifted, call.log_options)
        app = App(config, loaded, store, call.clock, mirrors, reread=lambda: call.config)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.quit("Until soon."))
        signal.signal(signal.SIGHUP, lambda *_: app.reload())
        app.run()


@main.command()
@click.option("--once", is_flag=True, help="End when everything is read.")
@click.option("--source", help="Only this source: launchpad or gerrit.")
@click.option("--until-eof", is_flag=True, help="End when standard input does; a line there asks for news at once.")
@click.option("--verify", is_flag=True, help="Only compare counts and samples with the sources, and tell what differs.")
@click.pass_obj
def sync(call: Call, once: bool, source: str | None, until_eof: bool, verify: bool) -> None:
    """Copy what changed in Launchpad and Gerrit into the store."""
    import signal

    from mentorbot import rereading
    from mentorbot import sync as room
    from mentorbot.models import Page
    from mentorbot.progress import progress

    def stop(*_: object) -> None:
        # In the middle of a page or of a rest: what is not in the store yet is read again next time.
        raise room.Stopped

    def outlive_nobody() -> None:
        # Not through sys.stdin, whose lock this thread would hold while Python ends.
        while os.read(0, 4096):
            asked.set()
        os.kill(os.getpid(), signal.SIGTERM)

    asked, never = threading.Event(), threading.Event()

    def wait(seconds: float) -> None:
        never.wait(seconds)

    def wait_unless_asked(seconds: float) -> None:
        asked.wait(seconds)
        asked.clear()

    try:
        signal.signal(signal.SIGTERM, stop)
        if until_eof:
            threading.Thread(target=outlive_nobody, daemon=True).start()
        config = call.config
        with opened(config) as store, progress() as show:
            sources = room.chosen(room.sources(config, store, call.clock, wait), source)
            if verify:
                drift = [*room.verify(sources)]
                click.echo("\n".join(drift) or "The store is as the sources are, as far as was looked.")
                sys.exit(1 if drift else 0)
            # The bot's own lets one that was begun by hand come to its end.
            with store.mirroring(patient=until_eof), rereading.beside(sources, store, call.clock) as heed:

                def told(name: str, page: Page) -> None:
                    heed(name, page)
                    show(name, page)

                if not once:
                    room.forever(sources, store, call.clock, config.sync.every, wait_unless_asked, told)
                failures = room.once(sources, store, call.clock, told)
    except (room.Stopped, KeyboardInterrupt):
        return
    for failure in failures:
        click.echo(failure, err=True)
    sys.exit(1 if failures else 0)


@main.command()
@click.option("--account", help="The services account of who asks.")
@click.option("--nick", default="you", show_default=True, help="Their nick.")
@click.option("--channel", help="Ask in this channel instead of in private.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole reply as JSON.")
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def ask(call: Call, account: str | None, nick: str, channel: str | None, as_json: bool, text: tuple[str, ...]) -> None:
    """Run one command on the store as somebody, and print the reply."""
    from mentorbot.dispatch import Dispatch
    from mentorbot.loader import load as load_plugins
    from mentorbot.models import Heard, Who

    config = call.config
    loaded = load_plugins(config)
    with opened(config) as store:
        dispatch = Dispatch(config, loaded, store, call.clock)
        said = " ".join(text)
        if channel and not said.startswith(config.irc.prefix):
            said = config.irc.prefix + said
        answer = dispatch.answer(Heard(Who(nick, account), channel, said), config.irc.nick)
        dispatch.close()
    if as_json:
        reply = {"target": answer.target, "lines": answer.lines, "private": answer.target == nick} if answer else None
        click.echo(json.dumps(reply, ensure_ascii=False))
    elif answer:
        click.echo("\n".join(answer.lines), err=bool(answer.error))
    if answer and answer.error:
        sys.exit(1)


@main.group("import")
def import_() -> None:
    """Load recorded web-service JSON into the store."""


@import_.command("launchpad")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def import_launchpad(call: Call, files: tuple[Path, ...]) -> None:
    """Load bugs, tasks, comments and logs as Launchpad's web service writes them."""
    from mentorbot.sources import recorded

    with opened(call.config) as store:
        for path in files:
            click.echo(f"{path}: {recorded.launchpad(path, store)}")


@import_.command("gerrit")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def import_gerrit(call: Call, files: tuple[Path, ...]) -> None:
    """Load changes (ChangeInfo) as Gerrit's REST API writes them."""
    from mentorbot import waits
    from mentorbot.sources import recorded

    config = call.config
    with opened(config) as store:
        for path in files:
            click.echo(f"{path}: {recorded.gerrit(path, store, config.gerrit)}")
        waits.compute(store, config.robots, call.clock())


@main.command()
@click.option("--week", help="A week such as 2026-W07; this week by default.")
@click.option("--format", "form", type=click.Choice(["irc", "markdown", "json"]), default="irc", show_default=True)
@click.option("--post", is_flag=True, help="Have the running bot say it, once.")
@click.pass_obj
def shoutout(call: Call, week: str | None, form: Literal["irc", "markdown", "json"], post: bool) -> None:
    """Build the week's shout-out; print it, or post it through the running bot."""
    from mentorbot.loader import load as load_plugins
    from mentorbot.recognition import shoutout as room
    from mentorbot.recognition import weeks

    config = call.config
    loaded = load_plugins(config)
    with opened(config) as store:
        now = call.clock()
        try:
            chosen = weeks.named(config, week) if week else room.next_week(store, config, now)
        except UserError as error:
            raise click.BadParameter(str(error), param_hint="--week") from None
        room.gather(store, config, loaded.hooks, chosen)
        made = room.post(store, config, chosen, now) if post else room.build(store, config, chosen)
    if made is None:
        raise UserError(f"The shout-out of {chosen.name} was said already.")
    if made.credits or form == "json":
        click.echo(room.render(made, form))
    else:
        click.echo(f"Nothing to say for {made.week}: {room.silence(made, config)}", err=True)
    if post and made.lines:
        click.echo(
            f"The bot says it in {', '.join(config.shoutout.channels) or 'no channel'} as soon as it is there.",
            err=True,
        )


@main.command()
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def score(call: Call, file: Path) -> None:
    """Write the points of every open bug as bug_id,score: the ranking, for judging from outside."""
    from mentorbot import scorecard

    config = call.config
    with opened(config) as store:
        scores = scorecard.scores(store, config, call.clock())
    lines = [f"{bug},{points:.9f}\n" for bug, points in sorted(scores.items())]
    try:
        file.write_text("".join(["bug_id,score\n", *lines]), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error}") from None
    click.echo(f"{file}: {count(len(scores), 'open bug')}")


@main.group()
def ranking() -> None:
    """What the points of the ranking should be."""


@ranking.command()
@click.pass_obj
def suggest(call: Call) -> None:
    """Propose other points from past answers, with their effect; nothing changes by itself."""
    from mentorbot import reweighing

    config = call.config
    with opened(config) as store:
        click.echo(reweighing.rendered(reweighing.proposals(store, config.weights)))


@main.command()
@click.pass_obj
def plugins(call: Call) -> None:
    """List the plugins, where each came from, and whether it is on."""
    from rich.console import Console
    from rich.table import Table

    from mentorbot.loader import load as load_plugins

    config = call.config if call.config_file.exists() else Config()
    table = Table(box=None, header_style="bold")
    for heading in ("plugin", "on", "from", "commands", "purpose"):
        table.add_column(heading)
    loaded = load_plugins(config)
    off: Mapping[str, str] = loaded.off
    if Path(config.store.path).exists():
        # A running bot may have switched some off, or on, since it began.
        with opened(config) as store:
            off = store.health.off(call.clock(), off)
    for plugin in loaded.plugins:
        names = ", ".join(name for name, found in loaded.commands.items() if found.plugin == plugin.name)
        why = off.get(plugin.name, "")
        table.add_row(plugin.name, "off" if why else "on", plugin.origin, names, why or plugin.purpose)
    # A pipe has no width of its own: 80 columns would break words that a script wants to find.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
