"""The page `/`: what this is and where to go."""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console import facts
from console.attention import attention
from console.config import config


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    login_file = Path(config().login_file) if config().login_file else None
    context: dict[str, Any] = {
        "facts": facts.current_facts(),
        "sources": facts.sources(),
        # Only its name: what is in it is for the owner of the machine.
        "login_file": f"{login_file.parent.name}/{login_file.name}"
        if login_file and login_file.exists()
        else "",
    }
    # Only how many: what they are is for who may see metrics, in the admin.
    if request.user.has_perm("retrieval.view_daytotals"):
        context["waiting"] = len(attention(timezone.now()))
    return render(request, "console/home.html", context)
