"""The niches one can find one's place in, and how to begin in each."""

from mentorbot import Reply, Request, Store, UserError, command
from mentorbot import niches as known


@command("niches")
def niches(request: Request, store: Store) -> list[str]:
    """List the niches: what people do there and how long one item takes."""
    said = [f"{niche.name}: {niche.what} About {niche.time}." for niche in known.niches()]
    return [*said, f"Say {request.config.irc.prefix}starter and a niche for something to do in it now."]


@command("howto [niche]")
def howto(request: Request, store: Store) -> Reply:
    """Tell how to begin in a niche, step by step."""
    names = ", ".join(niche.name for niche in known.niches())
    if not request.words:
        return Reply([f"Say which niche: {names}. For example: {request.config.irc.prefix}howto triage"])
    niche = known.named(request.words[0])
    if niche is None:
        raise UserError(f'I have no guide for "{request.words[0][:30]}"; there are {names}.')
    steps = [f"{number}. {step}" for number, step in enumerate(niche.steps, 1)]
    lines = [f"{niche.title.capitalize()}: {niche.why}", *steps, f"Done when: {niche.done}"]
    return Reply(lines, rest=known.guide(niche), private=True)
