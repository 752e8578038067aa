"""What the bot can do, what it is, and the rest of a long answer."""

from mentorbot import Reply, Request, Store, UserError, command
from mentorbot.text import listed


@command("help [command]")
def help(request: Request, store: Store) -> Reply:
    """Show what you can say, or how one command is used."""
    prefix = request.config.irc.prefix
    if request.words:
        name = request.words[0].lower().removeprefix(prefix)
        found = request.commands.get(name)
        if found is None:
            raise UserError(f'I know no command "{name[:30]}". Say {prefix}help for those I know.')
        optional = " (what is in [ ] may be left out)" if "[" in found.usage else ""
        return Reply([f"{found.name}: {found.purpose} Say {prefix}{found.usage}{optional}"])
    allowed = [found for found in request.commands.values() if found.access in ("anyone", "account")]
    return Reply(
        [
            f"I help newcomers find something to do. Say {prefix}starter for work that fits you now,"
            f" {prefix}niches for the kinds of work there are.",
            f"My commands: {listed([found.name for found in allowed])}; {prefix}help starter tells how one is used."
            " In private no prefix is needed.",
        ]
    )


@command("about")
def about(request: Request, store: Store) -> list[str]:
    """Say what this bot is, what it reads and what it keeps."""
    name, pages, prefix = request.config.community.name, request.config.web.base_url, request.config.irc.prefix
    asks = request.config.shoutout.consent == "ask"
    nobody = f"who has not agreed ({prefix}optin)" if asks else f"who does not want it ({prefix}optout)"
    said = [
        f"I am mentorbot, for {name}: I point newcomers to real, free work and pass on thanks."
        " I read only what is public on Launchpad and in Gerrit, remember what I offered to whom and who helps whom,"
        f" and name nobody in public {nobody}."
    ]
    return [*said, f"More on the web: {pages}"] if pages else said


@command("more")
def more(request: Request, store: Store) -> Reply:
    """Go on with the last long answer."""
    lines = store.unsaid.of(request.who.key)
    if not lines:
        return Reply(["That was all."])
    return Reply(lines, private=True)
