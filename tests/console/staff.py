"""People who may use the admin."""

from django.contrib.auth.models import Permission, User
from django.test import Client

PASSWORD = "correct horse battery"


def superuser() -> User:
    return User.objects.create_superuser("ada", "ada@example.com", PASSWORD)


def logged_in(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or superuser())
    return client


def staff_who_may(*permissions: str) -> User:
    """Someone of the staff with permissions given as app.codename."""
    user = User.objects.create_user("sam", password=PASSWORD, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user
