"""Numbers and dates as people write them."""

import datetime as dt

import pytest

from portal.members.domain.identity import (
    UnreadableValue,
    check_character,
    masked,
    read_date,
    read_id_number,
    read_phone,
)


def test_check_character_is_that_of_the_standard():
    """The example of GB 11643-1999 itself."""
    assert check_character("11010519491231002") == "X"


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_read_id_number_takes_what_people_type(typed):
    found = read_id_number(typed)

    assert (found.number, found.born_on, found.gender) == ("11010519491231002X", dt.date(1949, 12, 31), "female")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("110105194912310021", "校验位"),
        ("11010519491301002X", "出生日期"),
        ("11010529491231002X", "出生日期"),
        ("1101051949123100", "18 位"),
        ("110105491231002", "15 位"),
        ("1.10105194912310E+17", "当成了数字"),
        ("四一〇一", "18 位"),
    ],
)
def test_read_id_number_says_what_is_wrong(typed, said):
    with pytest.raises(UnreadableValue, match=said):
        read_id_number(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13912345678", "13912345678"),
        ("139 1234 5678", "13912345678"),
        ("139-1234-5678", "13912345678"),
        ("+86 13912345678", "13912345678"),
        ("13912345678.0", "13912345678"),
        ("010-82345678", "010-82345678"),
        ("0571—87654321", "0571-87654321"),
    ],
)
def test_read_phone_takes_usual_forms(typed, stored):
    assert read_phone(typed) == stored


@pytest.mark.parametrize("typed", ["1391234567", "12912345678", "82345678", "abc", "139123456789"])
def test_read_phone_refuses_others(typed):
    with pytest.raises(UnreadableValue, match="11 位手机号"):
        read_phone(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2015-07-01",
        "2015/7/1",
        "2015.7.1",
        "20150701",
        "2015年7月1日",
        "２０１５－０７－０１",
        "42186",
        "42186.0",
        "2015-07-01 00:00:00",
    ],
)
def test_read_date_takes_several_forms(typed):
    assert read_date(typed) == dt.date(2015, 7, 1)


def test_read_date_counts_from_1904_where_the_file_says_so():
    assert read_date("40724", since_1904=True) == dt.date(2015, 7, 1)


@pytest.mark.parametrize("typed", ["2015-07", "2015-02-30", "七月一日", "2015", "99999-01-01", "01/07/2015"])
def test_read_date_refuses_what_is_no_whole_date(typed):
    with pytest.raises(UnreadableValue):
        read_date(typed)


def test_masked_never_shows_most_of_a_value():
    assert masked("11010519491231002X", head=3, tail=2) == "110*************2X"
    assert masked("13912345678", head=3, tail=4) == "139****5678"
    assert masked("汉族", head=0, tail=0) == "**"
    assert masked("12345", head=3, tail=4) == "*****"
