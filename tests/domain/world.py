"""A shift told a second time: no interval, no sweep, only a dictionary from each millisecond to what it was.

Written from the rules alone (precedence, standstills, pieces, ratios), so that it can be held against the program. Slow
and plain on purpose; whole numbers and fractions only.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, field

from desktop.domain import kpi
from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.intervals import Category, Interval, Label, Window, derive
from desktop.domain.kpi import Making, Sums
from desktop.domain.plant import Reason
from desktop.domain.rules import RuleSet
from desktop.domain.spans import Span

LENGTH = 40  # the window is [0, LENGTH)
EARLY, LATE = -15, 50  # facts lie in between

REASONS = (
    Reason(1, "R1", "jam", "unplanned", failure=True),
    Reason(2, "R2", "no material", "external", failure=False),
    Reason(3, "R3", "changeover", "unplanned", failure=False, loss="setup"),
    Reason(4, "R4", "no order", "planned", failure=False, loss="no_order"),
    Reason(5, "R5", "maintenance", "planned", failure=False),
)


class World(Struct):
    """Everything that is known of one machine around one shift. `kind`: states, counts or people."""

    kind: str = "states"
    threshold: int = 10
    stroke: int | None = 4
    changes: list[StateChange] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    silences: list[Span] = field(default_factory=list)
    pauses: list[Span] = field(default_factory=list)
    scheduled: list[Span] | None = None
    setups: list[Window] = field(default_factory=list)
    reworks: list[Span] = field(default_factory=list)
    orders: list[Span] | None = None
    labels: list[Label] = field(default_factory=list)
    confirmed: list[Span] | None = None
    late_approvals: bool = False
    makings: list[Making] = field(default_factory=list)
    busy: list[Span] = field(default_factory=list)
    rules: RuleSet = field(default_factory=RuleSet)

    @property
    def counters(self) -> frozenset[Role]:
        """The counters that the machine has."""
        return frozenset(count.role for count in self.counts)

    def intervals(self, window: Span = Span(0, LENGTH)) -> tuple[Interval, ...]:  # noqa: B008
        """What the program makes of it."""
        return derive(
            1,
            window,
            threshold_ms=self.threshold,
            changes=self.changes,
            counts=self.counts,
            silences=self.silences,
            pauses=self.pauses,
            stroke_ms=self.stroke,
            by_count=self.kind == "counts",
            known_until_ms=LENGTH,
            scheduled=self.scheduled,
            setups=self.setups,
            reworks=self.reworks,
            orders=self.orders,
            labels=self.labels,
            confirmed=self.confirmed if self.kind == "people" else None,
            late_approvals=self.late_approvals,
            rules=self.rules,
        )

    def sums(self, window: Span = Span(0, LENGTH)) -> Sums:  # noqa: B008
        """What the program adds up."""
        return kpi.tally(
            window,
            self.intervals(window),
            self.counts,
            self.makings,
            busy_spans=self.busy,
            counters=self.counters,
        )


def within(spans: list[Span], at: int) -> bool:
    return any(span.start_ms <= at < span.end_ms for span in spans)


# -- time --

WAITING = (State.STARVED, State.BLOCKED, State.IDLE)
BROKEN = (State.FAULT, State.MAINTENANCE)
STANDING = (State.STOP, *BROKEN, *WAITING, State.SETUP)


def _states(world: World) -> dict[int, tuple[State, int]]:
    """ms -> state and the fact that began this kind of standing."""
    facts = sorted(world.changes, key=lambda c: (c.at_ms, c.id))
    meant: list[State] = []
    for place, fact in enumerate(facts):
        state = fact.state
        if state is State.ENTERING:  # counts as what it leads into
            later = [f.state for f in facts[place:] if f.state is not State.ENTERING]
            state = later[0] if later and later[0] in STANDING else State.STOP
        elif state is State.LEAVING:  # counts as what it comes out of
            state = meant[-1] if meant and meant[-1] in STANDING else State.STOP
        meant.append(state)
    told: dict[int, tuple[State, int]] = {}
    for fact, state in zip(facts, meant, strict=True):  # the later one writes over the earlier one
        for at in range(fact.at_ms, LATE):
            told[at] = (state, fact.id)
    begun: dict[int, tuple[State, int]] = {}
    for at, (state, fact) in told.items():
        same = at - 1 in begun and _kind(begun[at - 1][0]) == _kind(state)
        begun[at] = (state, begun[at - 1][1] if same else fact)
    return begun


def _kind(state: State) -> str:
    if state in WAITING:
        return "wait"
    return "stop" if state in (State.STOP, *BROKEN) else state.value


def _strokes(world: World) -> dict[int, tuple[State, int]]:
    """ms -> running or standing, and the last piece before it stood."""
    stroke = world.stroke or 0
    reads: dict[int, list[Count]] = {}
    for count in world.counts:
        if count.pieces:
            reads.setdefault(count.at_ms, []).append(count)
    running: set[int] = set()
    before: int | None = None
    for at in sorted(reads):
        role = dict.fromkeys(Role, 0)
        for count in reads[at]:
            role[count.role] += count.pieces
        pieces = max(role[Role.TOTAL], role[Role.GOOD] + role[Role.REJECT])
        if any(count.flag is CountFlag.GAP for count in reads[at]):
            pieces = 1  # when the others were made nobody knows
        for number in range(pieces):
            made = at - number * stroke
            if before is not None and made < before:
                break
            running.update(range(made, made + stroke))
        if before is None:  # nothing is known of the time before: the first piece took its stroke too
            running.update(range(at - pieces * stroke, at))
        before = at
    last = dict.fromkeys(range(EARLY, LATE), 0)
    for at in sorted(reads):
        for later in range(at, LATE):
            last[later] = max(count.id for count in reads[at])
    return {at: (State.RUN, 0) if at in running else (State.STOP, fact) for at, fact in last.items()}


def categories(world: World) -> dict[int, Category]:
    """ms -> category, for the window."""
    # Now is the end of the window; what came later is known as far as there are facts.
    told_until = [c.at_ms for c in world.changes if world.kind == "states"]
    told_until += [c.at_ms for c in world.counts if world.kind == "counts" and c.pieces]
    everywhere = range(EARLY, max(LENGTH, *told_until, 0))
    base: dict[int, tuple[State, int]] = {}
    if world.kind == "states":
        base = _states(world)
    elif world.kind == "counts":
        base = _strokes(world)
    on_shift = {at for at in everywhere if world.scheduled is None or within(world.scheduled, at)}
    paused = {at for at in everywhere if within(world.pauses, at)}
    ordered = {at for at in everywhere if world.orders is None or within(world.orders, at)}
    set_up = {at for at in everywhere if any(within([setup.span], at) for setup in world.setups)}

    # What the machine did, in the words of the time model; nothing where its device was silent.
    did: dict[int, Category] = {}
    stands: dict[int, int] = {}  # ms of a standstill that the threshold judges -> its fact
    for at in everywhere:
        state, fact = base.get(at, (State.UNKNOWN, 0))
        if at in set_up:
            did[at] = Category.SETUP
        elif within(world.silences, at) or state in (State.UNKNOWN, State.NO_SIGNAL):
            did[at] = Category.NO_DATA
        elif state is State.RUN:
            did[at] = Category.REWORK if within(world.reworks, at) else Category.RUN
        elif state is State.SETUP:
            did[at] = Category.SETUP
        elif at not in ordered and state not in BROKEN:
            did[at] = Category.NO_ORDER
        else:
            did[at] = Category.WAIT if state in WAITING else Category.STOP
            stands[at] = fact

    # One standstill: touching time (of a machine that tells its states), and what one fact began.
    groups: dict[int, set[int]] = {at: {at} for at in stands}

    def join(one: int, other: int) -> None:
        if groups[one] is not groups[other]:
            groups[one] |= groups[other]
            for at in groups[other]:
                groups[at] = groups[one]

    first_of: dict[int, int] = {}
    for at, fact in stands.items():
        if world.kind == "states" and at - 1 in stands:
            join(at - 1, at)
        if fact or at - 1 in stands:
            join(first_of.setdefault(fact, at), at)
    dragging: set[int] = set()  # a slow cycle: it is no proof that the machine ran through a break
    for at in stands:
        group = groups[at]
        length = sum(ms in on_shift and ms not in paused for ms in group)
        if any(stands[ms] == 0 for ms in group):
            continue  # nobody knows since when
        slow = (world.threshold if world.stroke is None else world.stroke // 2) if world.kind == "counts" else 0
        if length < min(slow, world.threshold):
            did[at] = Category.RUN
            dragging.add(at)
        elif length < world.threshold:
            did[at] = Category.SHORT_STOP

    # What persons said: the last word on a moment holds, never over run.
    found: dict[int, Category] = {}
    said: dict[int, Label] = {}
    for at in everywhere:
        words = [label for label in world.labels if within([label.span], at)]
        found[at] = did[at]
        if words and did[at] not in (Category.RUN, Category.REWORK):
            said[at] = max(words, key=lambda label: label.id)
            if did[at] is not Category.SHORT_STOP:
                found[at] = _meaning(said[at].reason)
    for label in world.labels:
        left = label.approved_ms + (label.late_ms if world.late_approvals else 0)
        for at in everywhere:
            mine = said.get(at) is label and at in on_shift and at not in paused
            if mine and left > 0 and label.reason.loss != "setup":
                found[at] = Category.PLANNED
                left -= 1
    for at in everywhere:
        if world.kind == "people" and found[at] is Category.NO_DATA and within(world.confirmed or [], at):
            found[at] = Category.RUN
        runs = found[at] in (Category.RUN, Category.REWORK) and world.kind != "people" and at not in dragging
        if at in paused and not (runs and world.rules.break_run_is_busy):
            found[at] = Category.PLANNED
        if at not in on_shift:
            found[at] = Category.UNSCHEDULED
    return {at: found[at] for at in range(LENGTH)}


def _meaning(reason: Reason) -> Category:
    if reason.loss == "setup":
        return Category.SETUP
    if reason.loss == "no_order":
        return Category.NO_ORDER
    return Category.WAIT if reason.kind == "external" else Category.STOP


# -- pieces --


class Made(Struct):
    """Pieces of one product with one cycle: first passes, of which `untimed`; and what lies outside them."""

    good: int = 0
    reject: int = 0
    untimed: int = 0
    beside: dict[str, list[int]] = field(default_factory=dict)


def made_by(world: World, told: dict[int, Category]) -> dict[tuple[int | None, float | None], Made]:
    """Product and cycle -> pieces."""
    beside = {Category.SETUP: "trial", Category.REWORK: "rework", Category.UNSCHEDULED: "extra"}
    books: dict[tuple[int | None, float | None], dict[str, dict[Role, int]]] = {}

    def maker(at: int) -> tuple[int | None, float | None]:
        making = next((m for m in world.makings if within([m.span], at)), None)
        return (making.product, making.ideal_cycle_ms) if making else (None, None)

    for at in range(LENGTH):
        books.setdefault(maker(at), {})
    for count in world.counts:
        if count.flag is CountFlag.GAP:
            for at, pieces in _shared(count, world.busy).items():
                _book(books.setdefault(maker(at), {}), "gap", count.role, pieces)
        elif 0 <= count.at_ms - 1 < LENGTH:
            at = count.at_ms - 1
            _book(books[maker(at)], beside.get(told[at], "first"), count.role, count.pieces)
    found = {}
    for key, book in books.items():
        first, gap = (_parts(book.get(name, {}), world.counters) for name in ("first", "gap"))
        made = Made(first[0] + gap[0], first[1] + gap[1], sum(gap))
        made.beside = {name: _parts(book.get(name, {}), world.counters) for name in beside.values()}
        found[key] = made
    return found


def _book(book: dict[str, dict[Role, int]], name: str, role: Role, pieces: int) -> None:
    roles = book.setdefault(name, {})
    roles[role] = roles.get(role, 0) + pieces


def _parts(roles: dict[Role, int], counters: frozenset[Role]) -> list[int]:
    good, reject, total = (roles.get(role, 0) for role in (Role.GOOD, Role.REJECT, Role.TOTAL))
    if Role.TOTAL not in counters:
        return [good, reject]
    return [good, total - good] if Role.GOOD in counters else [total - reject, reject]


def _shared(count: Count, busy: list[Span]) -> dict[int, int]:
    """ms of the window -> pieces of a gap that fall to it, by the busy time passed and rounded once on the whole."""
    whole = range(min(count.from_ms, count.at_ms), count.at_ms)
    working = [at for at in whole if within(busy, at)] or list(whole)
    if not working:
        return {count.at_ms - 1: count.pieces} if 0 <= count.at_ms - 1 < LENGTH else {}
    shares, before = {}, 0
    for passed, at in enumerate(working, 1):
        now = round(Fraction(count.pieces * passed, len(working)))
        shares[at] = now - before
        before = now
    return {at: pieces for at, pieces in shares.items() if 0 <= at < LENGTH and pieces}


# -- ratios --

UP = (Category.RUN, Category.SHORT_STOP, Category.REWORK)
LOST = (Category.STOP, Category.SETUP, Category.WAIT, Category.NO_ORDER)


def ratios(world: World) -> dict[str, Fraction | None]:
    """The figures as the formulas have them."""
    told = categories(world)
    made = made_by(world, told)
    time = {category: sum(told[at] is category for at in told) for category in Category}
    up = sum(time[category] for category in UP)
    lost = sum(time[category] for category in LOST)
    silent = time[Category.NO_DATA]
    observed, busy = up + lost, up + lost + silent

    def share(part: Fraction | int | None, whole: int | None) -> Fraction | None:
        return None if part is None or not whole else Fraction(part) / whole

    contradiction = any(m.good < 0 or m.reject < 0 for m in made.values())
    rated = {key: m for key, m in made.items() if key[1]}
    alien = any(m.good + m.reject for key, m in made.items() if not key[1])  # pieces of which no cycle is known

    def rates(at: int) -> bool:
        return any(m.ideal_cycle_ms for m in world.makings if within([m.span], at))

    foreign = [at for at in told if told[at] in (*UP, *LOST) and not rates(at)] if alien else []
    foreign_up = [at for at in foreign if told[at] in UP]
    ideal: Fraction | None = None
    ideal_good = ideal_timed = Fraction(0)
    if (rated or not alien) and not contradiction:
        ideal = sum((Fraction(key[1] or 0) * (m.good + m.reject) for key, m in rated.items()), Fraction(0))
        ideal_good = sum((Fraction(key[1] or 0) * m.good for key, m in rated.items()), Fraction(0))
        ideal_timed = ideal - sum((Fraction(key[1] or 0) * m.untimed for key, m in rated.items()), Fraction(0))
    good = sum(m.good for m in made.values())
    total = sum(m.good + m.reject for m in made.values())
    performance = None if ideal is None or (total and not rated) else share(ideal_timed, up - len(foreign_up))
    quality = None
    if busy and not contradiction:
        quality = ideal_good / ideal if ideal and not alien else share(good, total)
    gaps: dict[Role, set[int]] = {}
    for count in world.counts:
        if count.flag is CountFlag.GAP:
            gaps.setdefault(count.role, set()).update(range(min(count.from_ms, count.at_ms), count.at_ms))
    bridged = sum(
        told[at] is Category.NO_DATA and bool(gaps) and all(at in known for known in gaps.values()) for at in told
    )
    judged = busy - (silent - bridged) - len(foreign)
    enough = busy and Fraction(judged, busy) >= Fraction(str(world.rules.least_coverage_ratio))
    oee = share(ideal_good, judged) if ideal is not None and enough and judged > 0 else None
    running = share(up - time[Category.SHORT_STOP], up)
    own = share(observed - time[Category.STOP] - time[Category.SETUP], observed)
    processing = share(up + time[Category.SETUP], observed)
    nee = None if None in (processing, performance, quality) else processing * performance * quality  # type: ignore[operator]
    return {
        "coverage": share(observed, busy),
        "availability": share(up, observed),
        "availability_low": share(up, busy),
        "availability_high": share(up + silent, busy),
        "own_availability": own,
        "performance": performance,
        "quality": quality,
        "oee": oee,
        "net_operating_rate": running,
        "speed_rate": performance / running if performance is not None and running else None,
        "nee": nee,
        "teep": None if oee is None else oee * busy / LENGTH,
        "ooe": None if oee is None else share(oee * busy, busy + time[Category.PLANNED]),
    }


# -- any shift --


def _span(chance: Random, longest: int = 24) -> Span:
    start = chance.randrange(EARLY, LATE)
    return Span(start, min(start + chance.randint(0, longest), LATE))


def _spans(chance: Random, most: int = 2, longest: int = 24) -> list[Span]:
    return [_span(chance, longest) for _ in range(chance.randint(0, most))]


def _apart(chance: Random) -> list[Span]:
    edges = sorted(chance.sample(range(EARLY, LATE), 2 * chance.randint(0, 3)))
    return [Span(low, high) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def any_world(seed: int, kinds: tuple[str, ...] = ("states", "counts", "people")) -> World:
    """A shift of any kind, with everything that can happen to it. The same seed makes the same shift."""
    chance = Random(seed)
    kind = chance.choice(kinds)

    def maybe(one: object, other: object) -> Any:
        return chance.choice((one, other))

    moments = [chance.randrange(EARLY, LATE) for _ in range(chance.randint(0, 9))]
    changes = [StateChange(100 + n, 1, at, chance.choice([*State])) for n, at in enumerate(moments)]
    good, reject, total = Role.GOOD, Role.REJECT, Role.TOTAL
    counters = chance.choice([(good,), (good, reject), (good, reject), (total,), (total, good), (total, reject)])
    counts = []
    for number in range(chance.randint(0, 9)):
        at = chance.randint(EARLY, LENGTH)
        flag = chance.choice([CountFlag.PLAIN] * 4 + [CountFlag.GAP])
        since = at - chance.randint(0, 25) if flag is CountFlag.GAP else at
        counts.append(Count(200 + number, 1, at, chance.choice(counters), chance.randint(0, 4), since, flag))
    cycles = [(1, 3.0), (2, 5.0), (2, 2.5), (3, None), (None, None)]
    several = [Making(span, *chance.choice(cycles)) for span in _apart(chance)]
    words = [
        Label(400 + n, 1, span, chance.choice(REASONS), chance.choice((0, 3, 12)), chance.choice((0, 4)))
        for n, span in enumerate(_spans(chance, 3))
    ]
    return World(
        kind,
        threshold=chance.randint(0, 20),
        stroke=chance.choice((None, 1, 3, 4, 7)),
        changes=changes if kind == "states" else [],
        counts=counts,
        silences=_spans(chance),
        pauses=_spans(chance),
        scheduled=maybe(None, [_span(chance, 60), _span(chance)]),
        setups=maybe([], [Window(span, 300 + n) for n, span in enumerate(_spans(chance))]),
        reworks=maybe([], _spans(chance)),
        orders=maybe(None, _spans(chance, longest=60)),
        labels=words,
        confirmed=_spans(chance, longest=60) if kind == "people" else None,
        late_approvals=maybe(False, True),
        makings=maybe([Making(Span(EARLY, LATE), 1, 3.0)], several),
        busy=maybe([Span(EARLY, LATE)], _apart(chance)),
        rules=RuleSet(break_run_is_busy=maybe(True, False), least_coverage_ratio=chance.choice((0.9, 0.5, 0.0))),
    )


def worlds(*kinds: str) -> st.SearchStrategy[World]:
    """Any shift of the kinds."""
    return st.integers(0, 2**40).map(lambda seed: any_world(seed, kinds or ("states", "counts", "people")))
