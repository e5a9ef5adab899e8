"""Drawing ahead in a second process gives the same pictures as drawing here."""

from concurrent.futures import BrokenExecutor, Future

from portal.demo.art import picture
from portal.demo.content_files import pictures_wanted
from portal.demo.loading.drawings import Drawings


def test_picture_drawn_ahead_is_the_one_drawn_here():
    drawings = Drawings()
    drawings.begin([("ridge dawn", 3)])
    drawings._ahead["ridge dawn", 3].result(timeout=60)

    ahead = drawings.take("ridge dawn", 3)
    drawings.close()

    assert ahead == picture("ridge dawn", 3)


def test_picture_not_begun_elsewhere_is_drawn_here():
    drawings = Drawings()
    waiting: Future[bytes] = Future()
    drawings._ahead["ridge dawn", 3] = waiting

    assert drawings.take("ridge dawn", 3) == picture("ridge dawn", 3)
    assert waiting.cancelled()


def test_picture_is_drawn_here_when_the_other_process_died():
    drawings = Drawings()
    broken: Future[bytes] = Future()
    broken.set_running_or_notify_cancel()
    broken.set_exception(BrokenExecutor("killed"))
    drawings._ahead["ridge dawn", 3] = broken

    assert drawings.take("ridge dawn", 3) == picture("ridge dawn", 3)
    drawings.close()


def test_pictures_wanted_names_each_picture_once():
    wanted = pictures_wanted()

    assert len(wanted) == len(set(wanted)) == 30 + 2 + 3 + 6
