"""Publications that wait: for their time, for a second person, or for both."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from retrieval.mixes.changes import note
from retrieval.mixes.mix import InvalidMix
from retrieval.mixes.store import publish
from retrieval.models import MixChange, MixProposal, MixRevision, PublishedMix
from retrieval.types import RetrievalError

_What, _State = MixChange.What, MixProposal.State
OPEN = (_State.WAITING, _State.PLANNED)


class NotPossible(RetrievalError):
    """The step can't be taken; the message says why, and what to do."""


def propose(
    revision: MixRevision, *, surface: str, by: str, why: str, publish_at: datetime | None, waits: bool
) -> MixProposal:
    """A publication for later. waits: for another person than `by` and the revision's author. Raises NotPossible."""
    if publish_at is not None and publish_at <= timezone.now():
        raise NotPossible("That time is past: choose a later one, or publish now.")
    with transaction.atomic():
        proposal = MixProposal.objects.create(
            surface=surface,
            revision=revision,
            publish_at=publish_at,
            state=_State.WAITING if waits else _State.PLANNED,
            by=by,
            why=why,
            created_at=timezone.now(),
        )
        _note(_What.ASKED if waits else _What.SCHEDULED, proposal, by=by, why=why)
    return proposal


def approve(proposal_id: int, *, by: str, why: str) -> MixProposal:
    """Publishes what waited for a second person, or leaves it to its time. Raises NotPossible, InvalidMix."""
    with transaction.atomic():
        proposal = _locked(proposal_id, (_State.WAITING,))
        if by in {proposal.by, proposal.revision.author}:
            raise NotPossible("Another person has to approve than who wrote it or asked for it.")
        _note(_What.APPROVED, proposal, by=by, why=why)
        if proposal.publish_at is not None and proposal.publish_at > timezone.now():
            proposal.state = _State.PLANNED
            proposal.save()
        else:
            _carry_out(proposal)
    return proposal


def cancel(proposal_id: int, *, by: str, why: str) -> MixProposal:
    """It will not be published. Raises NotPossible where it was already, or was cancelled."""
    with transaction.atomic():
        proposal = _locked(proposal_id, OPEN)
        _close(proposal, _State.CANCELLED)
        _note(_What.CANCELLED, proposal, by=by, why=why)
    return proposal


def publish_due(now: datetime) -> list[MixProposal]:
    """Publishes what was planned for now or earlier, in that order; each once, whoever else does the same."""
    due = MixProposal.objects.filter(state=_State.PLANNED, publish_at__lte=now)
    found = []
    for proposal_id in list(due.order_by("publish_at", "id").values_list("id", flat=True)):
        with transaction.atomic():
            rows = MixProposal.objects.select_for_update(skip_locked=True).select_related("revision")
            proposal = rows.filter(id=proposal_id, state=_State.PLANNED).first()
            if proposal is None:
                continue
            try:
                _carry_out(proposal)
            except InvalidMix as error:
                _close(proposal, _State.FAILED)
                _note(_What.FAILED, proposal, by="schedule", why=str(error))
            found.append(proposal)
    return found


def _carry_out(proposal: MixProposal) -> None:
    publish(proposal.revision_id, surface=proposal.surface, by=proposal.by, why=proposal.why)
    _close(proposal, _State.DONE)


def _close(proposal: MixProposal, state: MixProposal.State) -> None:
    proposal.state, proposal.closed_at = state, timezone.now()
    proposal.save()


def _locked(proposal_id: int, states: tuple[MixProposal.State, ...]) -> MixProposal:
    rows = MixProposal.objects.select_for_update(of=("self",)).select_related("revision")
    proposal = rows.filter(id=proposal_id).first()
    if proposal is None or proposal.state not in states:
        state = proposal.get_state_display() if proposal else "unknown"
        raise NotPossible(f"Nothing to be done with it: {state}.")
    return proposal


def _note(what: MixChange.What, proposal: MixProposal, *, by: str, why: str) -> None:
    served = PublishedMix.objects.filter(surface=proposal.surface).first()
    before = served.revision_id if served else None
    note(what, proposal.revision, surface=proposal.surface, before=before, by=by, why=why)
