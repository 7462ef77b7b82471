from tests.pooled import pool_of_two

__all__ = ["pool_of_two"]
