"""Small dense clusters of rows with one label amid rows with another: a hint at poisoned data.

Who plants a back door labels rows of one kind as another class. Such rows lie close to each other, in the
midst of rows whose label is the other one. Rows of a rare kind, and rows that one person labelled by a rule
of their own, look the same: what is found here is a hint to look, and no proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import hypergeom

from apps.compute.faults.duplicates import Rows
from apps.compute.faults.space import Neighbourhood, holm
from apps.compute.labels import Codes
from apps.compute.uncertainty import Floats

LEVEL = 0.05
#: The rows right around a row, among its neighbours.
NEAR = 10
FEWEST = 5  # rows of a cluster
#: A cluster with a larger share of its class is where the class lives.
LARGEST_SHARE = 0.25
#: Around a planted cluster nearly all labels are others; less is where classes meet.
LEAST_DISAGREEMENT = 0.9
MOST = 20


@dataclass(frozen=True, slots=True)
class Cluster:
    """Positions of rows that are labelled ``given`` amid rows that mostly are ``around``. ``disagreement`` is
    the mean share of other labels among the neighbours outside the cluster, ``p`` the smallest p-value of a
    row, corrected for all rows.
    """

    rows: Rows
    given: int
    around: int
    disagreement: float
    p: float


def clusters(space: Neighbourhood, truth: Codes) -> list[Cluster]:
    """Clusters among the rows of ``space``, the largest first and at most `MOST`. ``truth`` (n,) of all rows.

    A row is suspicious where its label is rare among its neighbours (less than half, another one leads) and
    yet crowds among the nearest `NEAR`. If the label depended on the place smoothly, the nearest would be a
    random draw from all neighbours: the p-value is hypergeometric, one-sided, corrected by Holm's method for
    all rows whose label does not lead around them. Suspicious rows of one label that are among each other's
    nearest are a cluster, together with the rows of that label right around them. It counts from `FEWEST`
    rows up to `LARGEST_SHARE` of its class, where at least `LEAST_DISAGREEMENT` of its neighbours have other
    labels.
    """
    labels = truth[space.rows]
    around = labels[space.nearest]
    own = around == labels[:, None]
    everywhere, near = own.sum(axis=1), own[:, :NEAR].sum(axis=1)
    wide = own.shape[1]
    leader = _leaders(around, int(labels.max()) + 1)
    tested = np.flatnonzero((leader != labels) & (2 * everywhere < wide))
    if not len(tested) or wide <= 2 * NEAR:
        return []
    p = hypergeom.sf(near[tested] - 1, wide, everywhere[tested], NEAR)
    adjusted = np.ones(len(labels))
    adjusted[tested] = np.minimum(p * len(tested), 1.0)
    suspicious = np.zeros(len(labels), bool)
    suspicious[tested[holm(p, LEVEL)]] = True
    sizes = np.bincount(labels)
    found = []
    for members in _connected(space.nearest[:, :NEAR], suspicious, labels, leader):
        given = int(labels[members[0]])
        if len(members) < FEWEST or len(members) > LARGEST_SHARE * sizes[given]:
            continue
        cluster = _described(members, space, labels, leader, adjusted)
        if cluster.disagreement >= LEAST_DISAGREEMENT:
            found.append(cluster)
    return sorted(found, key=lambda cluster: (-len(cluster.rows), cluster.p))[:MOST]


def _leaders(around: Codes, classes: int) -> Codes:
    """The most frequent label among the neighbours of each row."""
    counts = np.zeros((len(around), classes), np.int32)
    np.add.at(counts, (np.arange(len(around))[:, None], around), 1)
    return np.asarray(counts.argmax(axis=1), np.int32)


def _connected(
    near: Rows, suspicious: NDArray[np.bool_], labels: Codes, leader: Codes
) -> list[NDArray[np.intp]]:
    """Suspicious rows and the rows of their label right around them, in connected parts."""
    starts = np.flatnonzero(suspicious)
    if not len(starts):
        return []
    one, other = np.repeat(starts, near.shape[1]), near[starts].ravel()
    same = (labels[one] == labels[other]) & (leader[other] != labels[other])
    one, other = one[same], other[same]
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(labels), len(labels)))
    part = connected_components(graph, directed=False)[1]
    return [np.flatnonzero(part == number) for number in np.unique(part[starts])]


def _described(
    members: NDArray[np.intp], space: Neighbourhood, labels: Codes, leader: Codes, adjusted: Floats
) -> Cluster:
    given = int(labels[members[0]])
    outside = space.nearest[members]
    outside = outside[~np.isin(outside, members)]
    return Cluster(
        rows=space.rows[members],
        given=given,
        around=int(np.bincount(leader[members]).argmax()),
        disagreement=float(np.mean(labels[outside] != given)) if len(outside) else 0.0,
        p=float(adjusted[members].min()),
    )
