"""What `make run` says once the product answers."""

from coldstart.links import welcome_path
from recsys_site.running.entrance import Entrance

# Whom the link lets try the onboarding pages.
_NEW_PERSON = "new-person"
_WITHOUT_ENTRANCE = """
Headwater answers at {url}/

  Its database and cache are yours, so no account was made:
    .venv/bin/python manage.py createsuperuser
"""
_WITH_ENTRANCE = """
Headwater is ready.

  Page         {url}/
  Inspector    {url}/inspector/
  API docs     {url}/api/docs/
  Welcome      {url}{welcome_path}
  Admin        {admin_url}   user {admin_user}, password {admin_password}

{audience}  A thousand candidates for one user:
    curl -H "Authorization: Api-Key {api_key}" "{url}/api/v1/users/196/candidates?k=1000"

  The same for programs: var/demo.json
"""


_AUDIENCE = """  A simulated audience asks and clicks, so that the pages are alive. Off:
    .venv/bin/python manage.py audience off

"""


def announcement(url: str, entrance: Entrance | None, *, audience: bool = False) -> str:
    if entrance is None:
        return _WITHOUT_ENTRANCE.format(url=url)
    return _WITH_ENTRANCE.format(
        url=url,
        welcome_path=welcome_path(_NEW_PERSON),
        admin_url=entrance.admin_url,
        admin_user=entrance.admin_user,
        admin_password=entrance.admin_password,
        api_key=entrance.api_key,
        audience=_AUDIENCE if audience else "",
    )
