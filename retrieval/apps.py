from django.apps import AppConfig


class RetrievalConfig(AppConfig):
    name = "retrieval"

    def ready(self) -> None:
        # What the catalogue can import is for what is above it to say.
        from catalog.imports import KINDS  # noqa: PLC0415
        from retrieval.offline.content_vectors import VECTORS  # noqa: PLC0415

        KINDS["vectors"] = VECTORS
