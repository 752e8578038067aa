"""Who one is elsewhere, so that what one does there can be told apart and thanked."""

from datetime import timedelta

from mentorbot import Reply, Request, Store, UserError, command, identity
from mentorbot.text import age, listed


@command("iam [[not] lp:NAME|gerrit:NAME]", access="account")
def iam(request: Request, store: Store) -> Reply:
    """Tell who you are on Launchpad or in Gerrit, and how to prove it; alone it lists your names."""
    if not request.words:
        return Reply([_known(request, store)], private=True)
    if request.words[0].lower() == "not":
        return Reply([_end(*identity.named("".join(request.words[1:])), request, store)], private=True)
    return Reply([_begin(*identity.named("".join(request.words)), request, store)], private=True)


def _known(request: Request, store: Store) -> str:
    me, prefix = request.who.key, request.config.irc.prefix
    names = (key.partition(":") for key in store.people.same(me)[1:])
    proved = [f"{name} {identity.SOURCES.get(kind, 'here')}" for kind, _, name in names]
    said = f"I know you as {listed([f'{request.who.account} here', *proved])}."
    if waiting := store.proofs.of(me, request.now):
        left = [f"{p.name} {identity.SOURCES[p.kind]} (for {age(request.now, p.until)} more)" for p in waiting]
        said += f" Not proved yet, and without any effect until then: {listed(left)}."
    return f"{said} {prefix}iam lp:NAME or {prefix}iam gerrit:NAME adds a name, {prefix}iam not lp:NAME ends one."


def _begin(kind: str, name: str, request: Request, store: Store) -> str:
    config = request.config
    if not {"launchpad": config.launchpad.projects, "gerrit": config.gerrit.projects}[kind]:
        raise UserError(f"I read nothing {identity.SOURCES[kind]}, so I could not see the proof.")
    word = identity.claim(request, store, kind, name)
    every = age(request.now, request.now + timedelta(seconds=config.sync.every))
    if kind == "launchpad":
        where = f'anywhere in the description ("Change details") of https://launchpad.net/~{name}'
    else:
        where = (
            f"in the status of your account ({config.gerrit.url}/settings/), or in a comment on any change of"
            f" {listed(list(config.gerrit.projects), 'or')}, on a line of its own"
        )
    return (
        f"To prove that you are {name} {identity.SOURCES[kind]}, put {word} {where}. I look about every {every}, for"
        f" {identity.LASTS.days} days, and tell you when I have seen it; then you may take it away. A word I gave you"
        " for this name before counts no more."
    )


def _end(kind: str, name: str, request: Request, store: Store) -> str:
    me, called = request.who.key, f"{name} {identity.SOURCES[kind]}"
    if store.proofs.drop(me, kind, name) | store.people.part(me, kind, name, request.now):
        return f"From now on you are not {called} for me. What is recorded under that name stays under that name."
    raise UserError(f"I did not take you for {called}.")
