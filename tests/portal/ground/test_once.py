from __future__ import annotations

from portal.ground.once import forget, once, reading_once


def test_once_while_something_is_answered_a_value_is_read_once_and_anew_after_a_change():
    read: list[int] = []

    def count() -> int:
        read.append(1)
        return len(read)

    assert (once("n", count), once("n", count)) == (1, 2)
    with reading_once():
        assert (once("n", count), once("n", count), once("m", count)) == (3, 3, 4)
        forget("n")
        assert once("n", count) == 5
    with reading_once():
        assert once("n", count) == 6
