"""How one found what one did or gave back."""

from mentorbot import Reply, Request, Store, command, feedback


@command("feedback WORD", access="account")
def answer(request: Request, store: Store) -> Reply:
    """Tell how your last item was: right, easy, hard, unclear, obsolete or dull."""
    if feedback.declined(request, store):
        return Reply(["As you like."], private=True)
    lease = feedback.take(request, store)
    return Reply([f"Thank you; I keep that with {lease.item.ref}, and not with your name in any count."], private=True)
