"""Addresses and search keys from Chinese names."""

import pytest

from portal.shared.slugs import pinyin_key


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (["检修07班"], "jianxiu07ban jx07b"),
        (["重庆银行党支部", "银行支部"], "chongqingyinhangdangzhibu cqyhdzb yinhangzhibu yhzb"),
        (["一班", "一班"], "yiban yb"),
        (["ABC Ｄ组"], "abcdzu abcdz"),
        (["", "——"], ""),
    ],
)
def test_pinyin_key_holds_syllables_and_initials(names, key):
    assert pinyin_key(*names) == key
