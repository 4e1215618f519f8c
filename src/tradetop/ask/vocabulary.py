"""Words of questions that name nothing."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """The words of a list that is written as a text."""
    return frozenset(text.split())


FILLER = listed(
    "a about all also an and any are at been between bot bots by can count counted did do does during "
    "each ever every find for from generate generated generates get give given had happen happened "
    "happens has have having how i in is it its list made make makes many me most much my number occur "
    "occurred occurs of often on one our over pair pairs markets market per please produce produced same "
    "see show shown so strategy strategies tell that the their them there these they this those to top "
    "total us was we were what when where which who whose with you"
)
"""Words that make no difference to what is asked."""
NO_ASSET = listed(
    "specific certain particular various "
    "the a an all any every each which what their its these those and or with on of in per by for from my "
    "our show list trading different same that other most least some many worst best top bleeding losing "
    "winning profitable between to are is were"
)
"""What may stand before `pairs` without being one of its sides."""
COMMON = listed(
    "a about above after all also an and any are as at average be been before below between bot bots by "
    "can did do does each events event error errors every exactly for from get give had has have hour how "
    "i in is it its last least less list live long many me mode money more most much my no not number of "
    "often on one only or our over pair pairs paper per please rate risk show signal signals since so "
    "some strategy strategies than that the their them there these they this time to today top trade "
    "trades trading under up was we were what when where which who will win with within without yesterday "
    "you your"
)
"""English words that are no names unless they are called one."""
