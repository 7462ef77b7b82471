"""Where one begins: every surface with what it serves, what waits and what is tried out there."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from console.config import config
from console.mixing.access import VIEW, needs, page
from console.mixing.surfaces import open_proposals, surfaces
from retrieval.models import MixChange


@needs(VIEW)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    changes = MixChange.objects.select_related("before", "after").defer("before__body", "after__body")
    return page(
        request,
        "desk",
        "Mix editor",
        surfaces=surfaces(),
        proposals=open_proposals(),
        changes=changes[:12],
        second=config().second_approver,
        me=request.user.get_username(),
    )
