"""Where the bot is: into a channel, out of one, and off the network."""

from mentorbot import Reply, Request, Store, command

UNTIL = "until I start again or read my configuration anew; what [irc] channels names lasts"


@command("join CHANNEL", access="admin")
def join(request: Request, store: Store) -> Reply:
    """Have me come into a channel, until I start again."""
    request.running.join(request.text)
    return Reply([f"I ask to be let into {request.text}, and stay {UNTIL}."], private=True)


@command("part CHANNEL", access="admin")
def part(request: Request, store: Store) -> Reply:
    """Have me leave a channel, until I start again."""
    was_there = request.running.part(request.text)
    said = f"I leave {request.text}" if was_there else f"I am not in {request.text}, and do not ask for it any more"
    return Reply([f"{said}, {UNTIL}."], private=True)


@command("quit [reason]", access="admin")
def quit(request: Request, store: Store) -> Reply:
    """Have me say what waits, leave the network and end; what runs me may start me again."""
    request.running.quit(request.text or f"{request.who.nick} had me leave.")
    return Reply(["I finish what I have begun, and leave."], private=True)
