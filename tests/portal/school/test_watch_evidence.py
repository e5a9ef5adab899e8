"""A unit is done when its video was watched: honest viewers always get there, forged traces never."""

from __future__ import annotations

import uuid

import pytest

from portal.ground.models import OutboxEntry
from portal.school.domain.completion import NotEnrolled, NotYetWatched, mark_unit_done, open_unit, record_watch
from portal.school.domain.enrolment import enrol_member
from portal.school.models import Progress
from portal.watching.domain.watching import (
    Beacon,
    BeaconChanged,
    ImplausibleClaim,
    WatchingElsewhere,
    WatchingRefused,
    watch_of,
)
from tests.factories import make_member
from tests.factories.learning import make_course, units_of, video_unit

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LENGTH = 2_700  # 45 minutes


class Viewer:
    """A member before one unit, with the token that the server gave last."""

    def __init__(self, member, unit, clock) -> None:
        self.member, self.unit, self.clock = member, unit, clock
        self.token = None

    def open(self) -> float:
        """Open the player; gives the saved position in seconds."""
        state = open_unit(self.member, self.unit)
        self.token = state.watch.token
        return state.watch.position_ms / 1000

    def make(self, *spans, token=None, uid=None, position=None) -> Beacon:
        """A beacon with seconds."""
        read = tuple((round(start * 1000), round(end * 1000)) for start, end in spans)
        at = position if position is not None else (spans[-1][1] if spans else 0)
        return Beacon(uid or uuid.uuid4(), token or self.token, read, round(at * 1000))

    def send(self, *spans, **how):
        """Send one beacon and keep the next token."""
        state = record_watch(self.member, self.unit, self.make(*spans, **how))
        self.token = state.watch.token
        return state

    def play(self, start: float, end: float, *, rate: float = 1, every: float = 30) -> bool:
        """Watch from `start` to `end` as a real player does; whether the unit is done then."""
        at, done = start, False
        while at < end:
            step = min(every * rate, end - at)
            self.clock.wait(step / rate)
            done = self.send((at, at + step)).is_done
            at += step
        return done

    @property
    def watched_seconds(self) -> float:
        return watch_of(self.member.user, self.unit.uid).watched_ms / 1000

    @property
    def is_done(self) -> bool:
        return Progress.objects.filter(member=self.member, unit_uid=self.unit.uid).exists()


@pytest.fixture
def viewer(clock):
    member = make_member()
    course = make_course([video_unit(LENGTH), video_unit(LENGTH, "第二讲")])
    enrol_member(member, course)
    made = Viewer(member, units_of(course)[0], clock)
    made.open()
    return made


def event_names() -> list[str]:
    return [e.name for e in OutboxEntry.objects.filter(name__startswith="school.").order_by("pk")]


# --- honest ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.75, 1, 1.5, 2])
def test_honest_viewer_at_any_allowed_rate_is_done(viewer, rate):
    assert viewer.play(0, LENGTH, rate=rate) is True


def test_honest_viewer_who_pauses_for_an_hour_is_done(viewer):
    viewer.play(0, 1_000)
    viewer.clock.wait(3_600)

    assert viewer.play(1_000, LENGTH) is True


def test_honest_viewer_who_reloads_again_and_again_goes_on_where_he_was(viewer):
    viewer.play(0, 900)

    positions = [viewer.open()]
    viewer.play(900, 1_800)
    positions.append(viewer.open())

    assert positions == [900, 1_800]
    assert viewer.play(1_800, LENGTH) is True


def test_honest_viewer_offline_for_a_minute_loses_nothing(viewer):
    viewer.play(0, 600)
    viewer.clock.wait(60)
    viewer.send((600, 640), (640, 660))

    assert viewer.play(660, LENGTH) is True


def test_honest_viewer_on_another_device_finds_the_position(viewer):
    viewer.play(0, 450)

    other = Viewer(viewer.member, viewer.unit, viewer.clock)

    assert other.open() == 450


def test_honest_viewer_who_skips_the_credits_is_done_at_ninety_five_per_cent(viewer):
    assert viewer.play(0, LENGTH * 0.95 - 1) is False
    assert viewer.play(LENGTH * 0.95 - 1, LENGTH * 0.95) is True


def test_honest_viewer_is_told_of_once(viewer):
    viewer.play(0, LENGTH)
    viewer.play(0, 90)

    assert event_names() == ["school.enrolled", "school.unit_completed"]


def test_lost_answer_is_given_again_with_the_same_token(viewer):
    viewer.clock.wait(30)
    beacon = viewer.make((0, 30))

    first = record_watch(viewer.member, viewer.unit, beacon)
    again = record_watch(viewer.member, viewer.unit, beacon)

    assert again == first
    assert viewer.watched_seconds == 30


# --- forged ------------------------------------------------------------------------------------------------------------


def test_forged_whole_video_in_one_request_earns_nothing(viewer):
    with pytest.raises(ImplausibleClaim):
        viewer.send((0, LENGTH))

    assert (viewer.watched_seconds, viewer.is_done) == (0, False)


def test_forged_seek_to_the_end_earns_nothing(viewer):
    viewer.clock.wait(10)
    with pytest.raises(ImplausibleClaim):
        viewer.send((0, 1), (LENGTH - 60, LENGTH))
    viewer.send(position=LENGTH)

    assert (viewer.watched_seconds, viewer.is_done) == (0, False)


def test_forged_sixteenfold_speed_earns_nothing(viewer):
    for start in range(0, LENGTH, 480):
        viewer.clock.wait(30)
        with pytest.raises(ImplausibleClaim):
            viewer.send((start, min(start + 480, LENGTH)))

    assert (viewer.watched_seconds, viewer.is_done) == (0, False)


def test_forged_replay_of_an_old_beacon_earns_nothing(viewer):
    viewer.clock.wait(30)
    old = viewer.make((0, 30))
    viewer.token = record_watch(viewer.member, viewer.unit, old).watch.token
    viewer.clock.wait(30)
    viewer.send((30, 60))

    with pytest.raises(WatchingElsewhere):
        record_watch(viewer.member, viewer.unit, old)

    assert viewer.watched_seconds == 60


def test_forged_old_token_with_a_new_id_earns_nothing(viewer):
    first = viewer.token
    viewer.clock.wait(30)
    viewer.send((0, 30))
    viewer.clock.wait(30)

    with pytest.raises(WatchingElsewhere):
        viewer.send((30, 60), token=first)

    assert viewer.watched_seconds == 30


def test_forged_second_content_under_one_id_is_refused(viewer):
    token, uid = viewer.token, uuid.uuid4()
    viewer.clock.wait(30)
    viewer.send((0, 30), uid=uid)

    with pytest.raises(BeaconChanged):
        viewer.send((30, 60), uid=uid, token=token)

    assert viewer.watched_seconds == 30


def test_forged_two_tabs_share_one_clock(viewer):
    other = Viewer(viewer.member, viewer.unit, viewer.clock)
    earned, start = 0, 0
    for _ in range(20):
        viewer.open()
        other.open()
        viewer.clock.wait(30)
        for tab, span in ((viewer, (start, start + 60)), (other, (start + 60, start + 120))):
            try:
                tab.send(span)
                earned += 60
            except WatchingRefused:
                pass
        start += 120

    assert earned <= 20 * 60 + 3
    assert (viewer.watched_seconds, viewer.is_done) == (earned, False)


def test_forged_two_videos_at_once_share_one_clock(viewer):
    second = Viewer(viewer.member, units_of(viewer.unit.chapter.course)[1], viewer.clock)
    second.open()
    viewer.clock.wait(30)

    with pytest.raises(WatchingElsewhere):
        viewer.send((0, 30))
    second.send((0, 30))

    assert (viewer.watched_seconds, second.watched_seconds) == (0, 30)


def test_forged_opening_again_and_again_collects_no_slack(viewer):
    at = 0.0
    for _ in range(200):
        viewer.open()
        try:
            viewer.send((at, at + 3))
            at += 3
        except ImplausibleClaim:
            pass

    assert viewer.watched_seconds == 3


def test_forged_rewatching_of_the_same_seconds_counts_once(viewer):
    for _ in range(60):
        viewer.clock.wait(60)
        viewer.send((0, 60))

    assert (viewer.watched_seconds, viewer.is_done) == (60, False)


@pytest.mark.parametrize("span", [(LENGTH - 5, LENGTH + 20), (LENGTH + 2, LENGTH + 4)])
def test_forged_seconds_after_the_end_earn_nothing(viewer, span):
    viewer.clock.wait(120)

    with pytest.raises(ImplausibleClaim):
        viewer.send(span)

    assert viewer.watched_seconds == 0


def test_forged_long_silence_cannot_be_claimed_as_watched(viewer):
    viewer.clock.wait(LENGTH)

    with pytest.raises(ImplausibleClaim):
        viewer.send((0, LENGTH))

    assert (viewer.watched_seconds, viewer.is_done) == (0, False)


def test_forged_clock_set_back_gives_no_credit(viewer):
    viewer.play(0, 30)
    viewer.clock.wait(-3_600)

    with pytest.raises(ImplausibleClaim):
        viewer.send((30, 90 + 4))

    assert viewer.watched_seconds == 30


def test_forged_done_without_watching_is_refused(viewer):
    viewer.play(0, 300)

    with pytest.raises(NotYetWatched) as refusal:
        mark_unit_done(viewer.member, viewer.unit)

    assert refusal.value.share == 11
    assert viewer.is_done is False


def test_forged_watch_of_a_video_without_known_length_is_never_done(clock):
    member = make_member()
    course = make_course([video_unit(None)])
    enrol_member(member, course)
    viewer = Viewer(member, units_of(course)[0], clock)
    viewer.open()
    clock.wait(30)

    with pytest.raises(ImplausibleClaim):
        viewer.send((0, 30))

    assert viewer.is_done is False


def test_beacon_of_somebody_else_has_no_session(viewer):
    stranger = make_member()
    enrol_member(stranger, viewer.unit.chapter.course)
    viewer.clock.wait(30)

    with pytest.raises(WatchingElsewhere):
        record_watch(stranger, viewer.unit, viewer.make((0, 30)))

    assert watch_of(stranger.user, viewer.unit.uid).watched_ms == 0


def test_open_without_enrolment_is_refused(viewer):
    with pytest.raises(NotEnrolled, match="第一讲"):
        open_unit(make_member(), viewer.unit)
