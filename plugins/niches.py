"""The niches one can find one's place in, and how to begin in each."""

from mentorbot import Niche, Reply, Request, Store, UserError, command, suggest
from mentorbot.text import count

GROUPS = {
    "writing": "like to write",
    "testing": "like to try things out",
    "programming": "like to program",
    "operating": "run systems",
    "people": "like to help people",
}
"""The first skill of a niche, as people would say it of themselves."""
MANY = 50
"""A queue gives so many of each project at least, if it has them; what it does not give is not counted."""


@command("niches [niche]")
def niches(request: Request, store: Store) -> Reply:
    """List the niches by what one likes to do, or tell of one what people do there and how much waits."""
    prefix, known = request.config.irc.prefix, request.config.niches
    if request.words:
        return Reply([_one(request, store)])
    groups = {
        said: [niche.name for niche in known if next((s for s in niche.skills if s in GROUPS), "") == skill]
        for skill, said in GROUPS.items()
    }
    lines = [f"If you {said}: {', '.join(names)}." for said, names in groups.items() if names]
    lines.append(
        f"Say {prefix}niches NAME for what one does there, {prefix}starter NAME for something to do in it now;"
        f" {prefix}niche helps you to choose."
    )
    return Reply(lines, private=True)


@command("howto [niche]")
def howto(request: Request, store: Store) -> Reply:
    """Tell how to begin in a niche, step by step."""
    known, prefix = request.config.niches, request.config.irc.prefix
    if not request.words:
        return Reply([f"Say which niche: {', '.join(known.names)}. For example: {prefix}howto {known.names[0]}"])
    niche = _named(request)
    steps = [f"{number}. {step}" for number, step in enumerate(niche.steps, 1)]
    lines = [f"{niche.title.capitalize()}: {niche.why}", *steps, f"Done when: {niche.done}"]
    return Reply(lines, rest=known.guide(niche, request.config.links.model_dump()), private=True)


def _named(request: Request) -> Niche:
    known = request.config.niches
    word = known.by_name(request.text).split()[0]
    if niche := known.named(word):
        return niche
    meant = known.meant(word)
    raise UserError(f'I know no niche "{word[:30]}".{meant} There are {", ".join(known.names)}.')


def _one(request: Request, store: Store) -> str:
    niche, prefix = _named(request), request.config.irc.prefix
    free = len({(item.kind, item.number) for item in suggest.queue(niche, request.config.projects, request, store)})
    waits = f"{count(free, 'item') if free < MANY else f'{MANY} items or more'} waiting now"
    if not niche.has_items:
        waits = "I know of no list of items for it yet"
    return (
        f"{niche.title.capitalize()} ({niche.name}): {niche.what} {niche.why} About {niche.time} an item;"
        f" it asks for {niche.asks_for()}; {waits}."
        f" {prefix}howto {niche.name} tells how to begin, {prefix}starter {niche.name} gives you something to do."
    )
