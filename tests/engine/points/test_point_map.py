"""What votes on points say: the same in whatever order they come, nothing where there is little to say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.groups.opinion_groups import SMALLEST_GROUP
from engine.groups.two_directions import two_directions
from engine.points.point_map import FEWEST_SEEN, TYPICAL, UNSEEN, map_of, read_map
from engine.types import PointMap, PointTally, Vote
from engine.welfare import shared_agreement

VOTES = st.tuples(st.integers(0, 25), st.integers(0, 9)).flatmap(
    lambda shape: arrays(np.int8, shape, elements=st.sampled_from([1, 0, -1, UNSEEN]))
)


def ids(letter, number):
    return [f"{letter}{at:03}" for at in range(number)]


def mapped(votes, seed=0):
    return read_map(votes, ids("m", votes.shape[0]), ids("p", votes.shape[1]), seed)


def camps(*sizes, points=15, seed=0, missing=0.1, firm=0.95):
    """Members of each camp in a row: all agree with the first third, camps differ on the others."""
    random = np.random.default_rng(seed)
    sides = random.choice([1, -1], (len(sizes), points))
    sides[:, : points // 3] = 1
    sides[0, points // 3 :] = 1
    sides[1:, points // 3 : points // 3 + 2] = -1
    rows = np.concatenate([np.tile(side, (size, 1)) for side, size in zip(sides, sizes, strict=True)])
    rows = np.where(random.random(rows.shape) < firm, rows, random.choice([1, 0, -1], rows.shape))
    return np.where(random.random(rows.shape) < missing, UNSEEN, rows).astype(np.int8)


@pytest.mark.parametrize("sizes", [(8, 6), (40, 25), (150, 100)])
def test_camps_are_found_with_what_they_share_and_what_divides_them(sizes):
    found = mapped(camps(*sizes))

    assert [group.size for group in found.groups] == list(sizes)
    assert [set(group.participants) for group in found.groups] == [
        set(ids("m", sum(sizes))[: sizes[0]]),
        set(ids("m", sum(sizes))[sizes[0] :]),
    ]
    assert set(found.consensus) >= {"p000", "p001", "p002", "p003", "p004"}
    assert {"p005", "p006"} <= set(found.divides)
    assert not set(found.consensus) & set(found.divides)
    assert all(0 < len(group.typical) <= TYPICAL for group in found.groups)
    assert not {"p000", "p001"} & set(found.groups[1].typical)


@settings(max_examples=60, deadline=None)
@given(VOTES, st.randoms(use_true_random=False))
def test_the_order_of_members_and_points_changes_nothing_but_the_order_of_tallies(votes, random):
    rows, columns = list(range(votes.shape[0])), list(range(votes.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    members, points = ids("m", len(rows)), ids("p", len(columns))

    straight = read_map(votes, members, points)
    shuffled = read_map(
        votes[np.ix_(rows, columns)], [members[at] for at in rows], [points[at] for at in columns]
    )

    assert shuffled.consensus == straight.consensus
    assert shuffled.divides == straight.divides
    assert [group.participants for group in shuffled.groups] == [
        group.participants for group in straight.groups
    ]
    assert [group.places for group in shuffled.groups] == [group.places for group in straight.groups]
    assert shuffled.tallies == tuple(straight.tallies[at] for at in columns)
    assert shuffled.agreement == tuple(straight.agreement[at] for at in columns)
    assert shuffled.extremity == tuple(straight.extremity[at] for at in columns)


@settings(max_examples=60, deadline=None)
@given(VOTES)
def test_every_map_adds_up(votes):
    found = mapped(votes)

    assert [tally.seen for tally in found.tallies] == (votes != UNSEEN).sum(axis=0).tolist()
    assert [tally.agree for tally in found.tallies] == (votes == 1).sum(axis=0).tolist()
    placed = [who for group in found.groups for who in group.participants]
    assert len(set(placed)) == len(placed)
    assert all(group.size >= SMALLEST_GROUP for group in found.groups)
    assert all(len(group.tallies) == len(found.tallies) for group in found.groups)
    assert all(0 < value < 1 for value in found.agreement)
    seen = {tally.point: tally.seen for tally in found.tallies}
    assert all(seen[point] >= FEWEST_SEEN for point in (*found.consensus, *found.divides))
    assert PointMap.model_validate_json(found.model_dump_json()) == found


@given(
    arrays(np.int64, st.tuples(st.just(1), st.integers(1, 8)), elements=st.integers(0, 20)),
    st.integers(20, 30),
    st.integers(2, 5),
)
def test_members_twice_change_no_ranking_where_all_have_voted(agree, members, times):
    once = shared_agreement(agree, np.full_like(agree, members))
    more = shared_agreement(agree * times, np.full_like(agree, members * times))

    assert (np.argsort(-once, kind="stable") == np.argsort(-more, kind="stable")).all()


def test_members_twice_are_in_the_same_groups_with_the_same_to_share():
    votes = camps(20, 12)
    members = ids("m", 32)

    once = read_map(votes, members, ids("p", 15))
    twice = read_map(np.tile(votes, (2, 1)), [*members, *(f"{who}'" for who in members)], ids("p", 15))

    assert [set(group.participants) for group in once.groups] == [
        {who for who in group.participants if not who.endswith("'")} for group in twice.groups
    ]
    assert set(once.consensus) <= set(twice.consensus)
    assert set(once.divides) <= set(twice.divides)


def test_a_point_nobody_has_seen_is_counted_and_says_nothing():
    votes = camps(12, 9)
    found = mapped(np.column_stack([votes, np.full(21, UNSEEN, dtype=np.int8)]))

    assert found.tallies[-1] == PointTally(point="p015")
    assert found.extremity[-1] == 0
    assert "p015" not in (*found.consensus, *found.divides)
    assert [group.participants for group in found.groups] == [
        group.participants for group in mapped(votes).groups
    ]


@pytest.mark.parametrize(("vote", "shared"), [(1, 6), (0, 0), (-1, 0)], ids=["agree", "pass", "disagree"])
def test_where_everybody_votes_alike_there_is_one_group_and_nothing_divides(vote, shared):
    found = mapped(np.full((12, 6), vote, dtype=np.int8))

    assert [group.size for group in found.groups] == [12]
    assert found.groups[0].typical == ()
    assert (len(found.consensus), found.divides) == (shared, ())


def test_a_few_members_are_in_no_group_and_agreement_is_everybody_s():
    found = mapped(camps(4, 3, missing=0))

    assert found.groups == ()
    assert found.agreement[0] == pytest.approx(
        (found.tallies[0].agree + 1) / (found.tallies[0].seen + 2), abs=1e-8
    )
    assert "p000" in found.consensus


def test_who_voted_on_few_points_is_in_no_group_and_counted_all_the_same():
    votes = camps(12, 9, missing=0)
    votes[0, 3:] = UNSEEN

    found = mapped(votes)

    assert "m000" not in {who for group in found.groups for who in group.participants}
    assert found.tallies[0].seen == 21


@pytest.mark.parametrize("seed", range(5))
def test_votes_by_chance_divide_nobody(seed):
    votes = np.random.default_rng(seed).choice([1, 0, -1], (300, 30)).astype(np.int8)

    assert len(mapped(votes).groups) == 1


def test_votes_by_member_give_the_same_map():
    votes = camps(8, 6)
    cast = {
        who: {point: Vote(vote) for point, vote in zip(ids("p", 15), row, strict=True) if vote != UNSEEN}
        for who, row in zip(ids("m", 14), votes.tolist(), strict=True)
    }
    cast["m000"]["withdrawn"] = Vote.AGREE

    assert map_of(cast, ids("p", 15)) == mapped(votes)
    assert map_of({}, ["p"]).tallies == (PointTally(point="p"),)


def test_nothing_at_all_is_an_empty_map():
    assert mapped(np.zeros((0, 0), dtype=np.int8)) == PointMap()


def test_one_vote_for_each_is_wanted():
    votes = np.zeros((2, 1), dtype=np.int8)

    with pytest.raises(ValueError, match="row for each"):
        read_map(votes, ["a"], ["p"])
    with pytest.raises(ValueError, match="twice"):
        read_map(votes, ["a", "a"], ["p"])


def test_who_is_forgotten_leaves_no_id_and_no_place():
    found = mapped(camps(8, 6)).without("m003")

    assert "m003" not in found.model_dump_json()
    assert [(group.size, len(group.participants), len(group.places)) for group in found.groups] == [
        (8, 7, 7),
        (6, 6, 6),
    ]


def test_a_share_of_few_votes_can_be_kept_back():
    votes = camps(8, 6, missing=0)
    votes[2:8, 0] = UNSEEN
    group = mapped(votes).groups[0]

    assert "p000" in group.agree()
    assert "p000" not in group.agree(fewest=3)
    assert all(0 <= share <= 1 for share in group.agree().values())


def test_the_directions_of_a_large_table_are_those_of_a_small_one():
    random = np.random.default_rng(3)
    few = random.normal(size=(40, 2)) @ (random.normal(size=(2, 700)) * [[3.0], [1.5]])
    table = few + random.normal(0, 0.05, few.shape)
    around = table - table.mean(axis=0)

    _, _, exact = np.linalg.svd(around, full_matrices=False)

    likeness = np.abs(two_directions(around).T @ exact[[1, 0]].T)
    assert np.allclose(np.diag(likeness), 1, atol=1e-6)
