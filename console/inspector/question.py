"""What the inspector is asked, from the query string and back into links."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from retrieval.types import Request

MAX_K = 2000
MERGED = "merged"
SIDE_BY_SIDE = "sources"


@dataclass(frozen=True, slots=True)
class Question:
    """One look at one user; every part of it is in the page's address."""

    user: str = ""
    k: int = 1000
    surface: str = "default"
    mix: int | None = None  # None: what is published or assigned
    model: int | None = None  # None: what is live or assigned
    fresh: bool = False  # past the cache
    show: str = MERGED  # or SIDE_BY_SIDE, or a source's name
    page: int = 1
    why: str = ""
    against: str = ""  # mix:12, model:3 or past:<request id>
    examples: bool = False  # of what was left out

    def beside(self, kind: str, number: int) -> "Question":
        """The same with another mix ("mix") or model version ("model"), past the cache."""
        changed = replace(self, fresh=True)
        return replace(changed, mix=number) if kind == "mix" else replace(changed, model=number)

    def to_request(self, now: datetime) -> Request:
        return Request(
            user=self.user,
            k=self.k,
            now=now,
            surface=self.surface,
            mix_revision=self.mix,
            model_version=self.model,
            use_cache=not self.fresh,
        )

    def link(self, **changes: Any) -> str:
        """The address of this question with changes; what is default is left out."""
        changed = replace(self, **changes)
        default = Question()
        parameters = {
            name: int(value) if isinstance(value, bool) else value
            for name in self.__slots__
            if (value := getattr(changed, name)) != getattr(default, name)
        }
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"{reverse('console:inspector')}{query}"


class QuestionForm(forms.Form):
    """Lenient where a link leaves something out, strict where it says something wrong."""

    user = forms.CharField(max_length=255, required=False)
    k = forms.IntegerField(min_value=1, max_value=MAX_K, required=False)
    surface = forms.SlugField(max_length=40, required=False)
    mix = forms.IntegerField(min_value=1, required=False)
    model = forms.IntegerField(min_value=1, required=False)
    fresh = forms.BooleanField(required=False)
    show = forms.SlugField(max_length=60, required=False)
    page = forms.IntegerField(min_value=1, max_value=MAX_K, required=False)
    why = forms.CharField(max_length=500, required=False)
    against = forms.RegexField(r"(?:mix|model):\d{1,9}|past:.{1,64}", required=False)
    examples = forms.BooleanField(required=False)

    def question(self) -> Question:
        """What was understood; fields with errors keep their defaults."""
        self.is_valid()
        return Question(
            **{name: value for name, value in self.cleaned_data.items() if value not in {None, ""}}
        )
