"""The weekly shout-out, seen before it is said, or said at an organiser's word."""

from datetime import timedelta

from mentorbot import Reply, Request, Store, UserError, command, recognition
from mentorbot.text import count, listed

EARLY = timedelta(days=3)
"""It may be posted so long before its moment; sooner there would be little in it."""


@command("shoutout preview|post", access="organiser", timeout=30)
def shoutout(request: Request, store: Store) -> Reply:
    """Show in private what the next shout-out would say, or have it said now instead of at its time."""
    word, config = request.text.lower(), request.config
    if word not in ("preview", "post"):
        prefix = config.irc.prefix
        raise UserError(
            f"Say {prefix}shoutout preview to see what would be said, {prefix}shoutout post to have it said now."
        )
    week = recognition.shoutout.next_week(store, config, request.now)
    recognition.shoutout.gather(store, config, request.hooks, week)
    return _post(week, request, store) if word == "post" else _preview(week, request, store)


def _preview(week: recognition.weeks.Week, request: Request, store: Store) -> Reply:
    config = request.config
    seen = recognition.shoutout.build(store, config, week)
    if not seen.lines:
        return Reply(
            [f"Nothing would be said for {seen.week}: {recognition.shoutout.silence(seen, config)}"], private=True
        )
    where = listed(list(config.shoutout.channels)) or "no channel, for [shoutout] channels is empty"
    head = f"For {seen.week}, to be said on {recognition.weeks.spoken(config, week.end)} in {where}; {_unnamed(seen)}."
    return Reply([head, *seen.lines], private=True)


def _post(week: recognition.weeks.Week, request: Request, store: Store) -> Reply:
    config = request.config
    if week.end - request.now > EARLY:
        raise UserError(
            f"The next shout-out is for {week.name}, on {recognition.weeks.spoken(config, week.end)};"
            f" it can be posted from {recognition.weeks.spoken(config, week.end - EARLY)}."
        )
    said = recognition.shoutout.post(store, config, week, request.now)
    if said is None:
        raise UserError(f"The shout-out of {week.name} was said already.")
    if not said.lines:
        raise UserError(f"Nothing can be said for {said.week}: {recognition.shoutout.silence(said, config)}")
    return Reply(
        [f"The shout-out of {said.week} goes to {listed(list(config.shoutout.channels))} now; {_unnamed(said)}."],
        private=True,
    )


def _unnamed(seen: recognition.shoutout.Shoutout) -> str:
    if not seen.unnamed:
        return "all who did something have agreed to be named"
    return f"{count(seen.unnamed, 'contribution stays', 'contributions stay')} unnamed, for want of consent"
