"""Moving an item within a ranked list, with as few new ranks as possible."""

from __future__ import annotations

from collections.abc import Mapping

UP, DOWN = "up", "down"
RANK_MAX = 1_000_000  # as models.priorities.Rank


def ranks_for(listed: Mapping[str, int | None], id: str, to: int | str) -> dict[str, int]:
    """The ranks to set, by id, to move the item to that place, counted from 1, or one up or down.

    `listed` are all items in order of rank; those without a rank come last and stay so, except
    those that must come before the item.
    """
    order = [*listed]
    here = order.index(id)
    place = {UP: here - 1, DOWN: here + 1}.get(str(to), to - 1 if isinstance(to, int) else here)
    if place < 0 or (to == DOWN and place == len(order)):
        return {}
    order.remove(id)
    order.insert(place, id)
    ranks = _from(listed, order, id)
    if max(ranks.values(), default=0) <= RANK_MAX:
        return ranks
    last = max(index for index, each in enumerate(order) if each in ranks or listed[each] is not None)
    return {each: rank for rank, each in enumerate(order[: last + 1])}


def _from(listed: Mapping[str, int | None], order: list[str], id: str) -> dict[str, int]:
    new: dict[str, int] = {}
    last, reached = -1, False
    for each in order:
        rank = listed[each]
        fits = rank is not None and (rank > last if each == id or reached else True)
        if each == id:
            rank = last + 1
            new[each] = rank
        elif reached and (rank is None or fits):
            break  # those after it keep their places
        elif not fits:
            rank = last + 1
            new[each] = rank
        last, reached = rank if rank is not None else last, reached or each == id
    return {id: new[id]} | new
