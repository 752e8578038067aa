"""How far newcomers come: asked, offered, claimed, seen at work, finished, came back."""

from datetime import timedelta

from mentorbot import Reply, Request, Store, UserError, command, funnel
from mentorbot.text import count

DAYS = 90


@command("funnel [days]", access="organiser")
def show(request: Request, store: Store) -> Reply:
    """Count how far those came who asked for work in the last 90 (or other) days, per niche; nobody is named."""
    text = request.text.strip().removesuffix("days").removesuffix("d").strip() or str(DAYS)
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise UserError("Say a number of days, such as funnel 90.")
    found = funnel.since(request.now - timedelta(days=int(text)), store)
    if not found.asked:
        return Reply([f"In the last {count(int(text), 'day')} nobody asked for work."], private=True)
    lines = [
        f"In the last {count(int(text), 'day')} {count(found.asked, 'person', 'people')} asked for work;"
        f" {found.returned:,} came back on a later day within 90 days."
    ]
    lines += [
        f"{step.niche or 'All niches'}: {step.offered:,} offered, {step.claimed:,} claimed, {step.seen:,} seen at work,"
        f" {step.finished:,} finished"
        for step in found.steps
    ]
    if not found.steps:
        lines.append(
            f"Of fewer than {funnel.FEW} people I do not tell how far they came, so that nobody is recognised."
        )
    elif found.too_few:
        lines.append(
            f"{count(found.too_few, 'niche')} with fewer than {funnel.FEW} people"
            f" {'is' if found.too_few == 1 else 'are'} only in the sum, so that nobody is recognised."
        )
    return Reply(lines, private=True)
