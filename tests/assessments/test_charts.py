from hypothesis import given
from hypothesis import strategies as st

from assessments.charts import build_radar

NAMES = ("Takthållare", "Synliggörare", "Brobyggare", "Balansmästare")


def test_build_radar_begins_at_the_top_and_goes_clockwise() -> None:
    radar = build_radar(names=NAMES, points=(100, 50, 0, 25), tiers=(40, 70))
    assert [(axis.x, axis.y) for axis in radar.axes] == [
        ("0.0", "-100.0"),
        ("100.0", "0.0"),
        ("0.0", "100.0"),
        ("-100.0", "0.0"),
    ]
    assert radar.shape == "0.0,-100.0 50.0,0.0 0.0,0.0 -25.0,0.0"


def test_build_radar_draws_a_ring_for_each_tier() -> None:
    radar = build_radar(names=NAMES, points=(1, 2, 3, 4), tiers=(40, 70))
    assert [ring.split()[0] for ring in radar.rings] == ["0.0,-40.0", "0.0,-70.0", "0.0,-100.0"]


def test_build_radar_draws_a_role_without_a_score_in_the_middle() -> None:
    radar = build_radar(names=NAMES, points=(None, 50, 50, 50), tiers=(40, 70))
    assert (radar.axes[0].points, radar.axes[0].dot_x, radar.axes[0].dot_y) == (None, "0.0", "0.0")


@given(st.lists(st.integers(0, 100), min_size=3, max_size=9))
def test_build_radar_never_leaves_its_square(points: list[int]) -> None:
    radar = build_radar(names=[str(each) for each in points], points=points, tiers=(40, 70))
    numbers = [float(each) for corner in radar.shape.split() for each in corner.split(",")]
    assert all(-100 <= number <= 100 for number in numbers)
    assert "-0.0" not in radar.shape.replace(",", " ").split()


def test_build_radar_is_whole_only_when_every_role_has_a_score() -> None:
    whole = build_radar(names=NAMES, points=(0, 50, 50, 50), tiers=(40, 70))
    broken = build_radar(names=NAMES, points=(None, 50, 50, 50), tiers=(40, 70))
    assert (whole.is_whole, broken.is_whole) == (True, False)
