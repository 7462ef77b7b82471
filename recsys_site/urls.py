"""All URLs."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # Before the admin's, which takes whatever else is below its address.
    path("", include("console.urls")),
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
    path("", include("welcome.urls")),
]
handler400 = "recsys_site.errors.bad_request"
handler403 = "recsys_site.errors.forbidden"
handler404 = "recsys_site.errors.not_found"
handler500 = "recsys_site.errors.server_error"
