"""How much may be uploaded, and by whom: decided before the first byte is stored."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from console.config import config

_FORM_BYTES = 1024 * 1024  # of a form without a file that anybody may send


class StaffUploads(TemporaryFileUploadHandler):
    """Files go to a temporary file that only this account can read, never under the name the browser gave. A body
    that is larger than its sender may send is refused unread."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  the parent's signature
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        user = getattr(self.request, "user", None)
        is_staff = user is not None and user.is_active and user.is_staff
        limit = config().import_max_bytes + _FORM_BYTES if is_staff else _FORM_BYTES
        if content_length > limit:
            raise RequestDataTooBig(f"The body is larger than {limit // 1024**2} MB.")
