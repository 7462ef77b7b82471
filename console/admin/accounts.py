"""Staff accounts, in the theme's clothes."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminTextareaWidget

from console.admin.confirm import Confirmation, ask
from console.second_factor.factors import note, reset

admin.site.unregister(User)
admin.site.unregister(Group)
# The library's own pages show secrets, and let somebody else set them.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)


class ReasonForm(forms.Form):
    why = forms.CharField(label="Why", max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2}))


@admin.register(User)
class StaffAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "is_staff", "is_active", "second_factor", "last_login"]
    actions_detail = ["reset_second_factor"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        own = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        queryset: QuerySet[User] = super().get_queryset(request).annotate(_factor=Exists(own))
        return queryset

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, user: Any) -> bool:
        return bool(user._factor)

    @action(
        description="Reset second factor",
        icon="phonelink_erase",
        url_path="reset-second-factor",
        permissions=["change"],
    )
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_object_or_404(User, pk=object_id)
        back = reverse("admin:auth_user_change", args=[user.pk])
        form = ReasonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            text = (
                f"The authenticator and the recovery codes of {user.username} open nothing any more, and whoever "
                "logs in next with the password sets up new ones. Make sure that the person asked for it, and not "
                "by mail alone; where the password may be known to somebody, change it first."
            )
            return ask(
                request,
                self.admin_site,
                Confirmation(f"Reset the second factor of {user.username}", text, "Reset", back, form),
            )
        there = reset(user)
        before = "an authenticator" if there else "no second factor"
        note(
            cast(User, request.user),
            user,
            f"Reset the second factor: before, {before}; after, none. Why: {form.cleaned_data['why']}",
        )
        self.message_user(request, f"{user.username} has no second factor now.", messages.SUCCESS)
        return redirect(back)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass
