"""Procedures as tables: one row, one legal step; what must hold first; who may; and what is still missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_type_hints

from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core import law
from core.access import NotPermitted, Permit
from rulebook.conditions import Fields, Read
from rulebook.model import Citation, Rule

if TYPE_CHECKING:
    from django.forms import Form

    from agency.models import Official

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class BindingRules:
    """All rules in force that make one guard binding on one file. One refusal cites them all."""

    rules: tuple[Rule, ...]
    citations: tuple[Citation, ...]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __bool__(self) -> bool:
        return bool(self.rules)

    @property
    def strictest_threshold(self) -> int:
        """The highest number any of the rules asks for; one where none names a number."""
        return max((rule.threshold for rule in self.rules if rule.threshold is not None), default=1)

    @property
    def items(self) -> tuple[Any, ...]:
        """The union of what the rules list, in order, each once."""
        return tuple({item.key: item for rule in self.rules for item in rule.items}.values())

    def listing(self, *keys: str) -> BindingRules:
        """Those of the rules that list an item with one of these keys."""
        named = [n for n, rule in enumerate(self.rules) if any(item.key in keys for item in rule.items)]
        return BindingRules(tuple(self.rules[n] for n in named), tuple(self.citations[n] for n in named))


@dataclass(frozen=True, slots=True)
class Unmet:
    """One demand that does not hold: what is missing, under which articles, and where it is put right."""

    rules: BindingRules
    text: str
    fix: str = ""
    fix_label: str = "去办理"

    @property
    def citations(self) -> tuple[Citation, ...]:
        return self.rules.citations


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries the step, at which legal moment, with which content (None while a page only lists next steps)."""

    by: Official
    happened_at: datetime
    content: Any = None


Guard = Callable[[Any, BindingRules, Attempt], "Unmet | list[Unmet] | None"]
_guards: dict[str, Guard] = {}
_read: dict[str, Read] = {}
_asked_besides: dict[str, Fields] = {}
_items: dict[str, frozenset[str]] = {}


def guard(
    key: str,
    *,
    numbers: tuple[str, ...] = (),
    sums: Mapping[str, str] | None = None,
    items: Iterable[str] = (),
    threshold: bool = False,
    besides: Fields | None = None,
) -> Callable[[Guard], Guard]:
    """Register a check under the key by which the rulebook's gates name it.

    `numbers` are those a rule that names it must give, `sums` those that single items want (item -> number), `items` all that it can look
    for, where that is not the rule's to say; with `threshold` it reads of how many. `besides`: the fields that the check itself
    adds to those of the matter (`LAW_FIELDS` of the model that it is asked about).
    """

    def register(function: Guard) -> Guard:
        if key in _guards:
            raise ValueError(f"two guards named {key}")
        _guards[key] = function
        _read[key] = Read(numbers, sums or {}, threshold)
        _asked_besides[key] = besides or {}
        if keys := frozenset(items):
            _items[key] = keys
        return function

    return register


def guard_keys() -> frozenset[str]:
    return frozenset(_guards)


def guard_reads() -> dict[str, Read]:
    """For every check what it reads from the rules that name it."""
    return dict(_read)


def guard_fields() -> dict[str, Fields]:
    """For every check what the conditions of rules that name it may ask: the fields of its matter and what each may hold."""
    found: dict[str, Fields] = {}
    for key, function in _guards.items():
        matter = next(iter(get_type_hints(function).values()))
        found[key] = {**matter.LAW_FIELDS, **_asked_besides[key]}
    return found


def guard_items() -> dict[str, frozenset[str]]:
    """For every check that looks for certain items only, their keys."""
    return dict(_items)


def guard_function(key: str) -> Guard:
    """The check registered under the key."""
    return _guards[key]


class StepRefused(Exception):
    """The law forbids the step now. Carries every unmet demand with its articles; nothing was written."""

    def __init__(self, step: Step, demands: tuple[Unmet, ...]) -> None:
        super().__init__("；".join(demand.text for demand in demands))
        self.step = step
        self.demands = demands


class StepNotOpen(Exception):
    """The file is not in a state from which this step leads, usually because somebody else was faster."""

    def __init__(self, step: Step, state_label: str, noun: str = "案卷") -> None:
        super().__init__(f"{noun}现在处于“{state_label}”，不能再办理“{step.label}”")
        self.step = step
        self.state_label = state_label


class MomentRefused(ValueError):
    """The legal moment lies in the future or before the step it follows. The message belongs at `happened_at`."""


class ActRefused(ValueError):
    """An act that is not possible now, for another reason than a demand of the law. The message is Chinese and belongs at `field`, or above the form."""

    field: ClassVar[str | None] = None


@dataclass(frozen=True, slots=True)
class Step:
    """One legal act on a file.

    `from_` may be several states; a step with an empty `to` leaves the file in whichever of them it is. `demands` are guard keys; a guard is asked where a rule of the profile makes it binding, and always
    when its key stands here with a leading "!". `service` names the function of the app's services that takes the step. `primary` steps lead
    on; one that may be taken again says by `done` whether it stands already, and then it is no longer the one expected next.
    """

    key: str
    label: str
    from_: str | tuple[str, ...]
    to: str
    who: Callable[[Any, Any], Permit]
    demands: tuple[str, ...] = ()
    form: str = ""
    service: str = ""
    article: str = ""
    sends_back: bool = False
    primary: bool = True
    done: Callable[[Any], bool] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.from_,) if isinstance(self.from_, str) else tuple(self.from_)

    def leads_to(self, state: str) -> str:
        """The state of a file in `state` after the step."""
        return self.to or state

    @property
    def form_class(self) -> type[Form]:
        return import_string(self.form)  # type: ignore[no-any-return]

    def is_expected(self, obj: Any) -> bool:
        """Whether the step leads on and has not been taken already."""
        return self.primary and not (self.done is not None and self.done(obj))

    def take(self, **arguments: Any) -> Any:
        """Call the service that takes this step."""
        return import_string(self.service)(**arguments)


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step as an official sees it on the file's page, before trying. `url` is set where the step is taken on another app's page."""

    step: Step
    permit: Permit
    unmet: tuple[Unmet, ...]
    citation: Citation | None = None
    expected: bool = True
    url: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.permit) and not self.unmet


def in_order(steps: Iterable[NextStep]) -> list[NextStep]:
    """What is expected next first, then what leads on but stands already, then the side steps; else as the procedure lists them."""
    return sorted(steps, key=lambda each: (not each.expected, not each.step.primary))


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A procedure: its states and steps. A file starts in one of `initial`. The model has `unit_id`, a state field, `last_step_at` and `law_fields()`."""

    name: str
    title: str
    states: type[models.TextChoices]
    initial: tuple[str, ...]
    steps: tuple[Step, ...]
    state_field: str = "state"
    # What its pages call the file that goes through it.
    noun: str = "案卷"
    _by_key: dict[str, Step] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for step in self.steps:
            if step.key in self._by_key:
                raise ValueError(f"{self.name}: two steps named {step.key}")
            self._by_key[step.key] = step

    def __getitem__(self, key: str) -> Step:
        return self._by_key[key]

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def state_of(self, obj: models.Model) -> str:
        return str(getattr(obj, self.state_field))

    def edges(self) -> set[tuple[str, str]]:
        """Every change of state the procedure knows. The database trigger repeats exactly these."""
        found = {(source, step.leads_to(source)) for step in self.steps for source in step.sources}
        return {(source, to) for source, to in found if source != to}

    @transaction.atomic
    def move(
        self,
        obj: M,
        key: str,
        *,
        by: Official,
        happened_at: datetime,
        content: Any = None,
        changes: Mapping[str, Any] | None = None,
    ) -> M:
        """Take a step: lock the row, ask the permit, check the edge, ask the guards, save. Returns the locked, fresh row.

        `changes` are values saved together with the new state. Acts within one state may be entered in any order, so they are only held
        to the moment the state began, where the model keeps it (`state_since`). Raises NotPermitted, StepNotOpen, MomentRefused or StepRefused; nothing is written then.
        """
        step = self[key]
        locked = type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)
        permit = step.who(by, locked)
        if not permit:
            raise NotPermitted(permit)
        state = self.state_of(locked)
        if state not in step.sources:
            raise StepNotOpen(step, self.states(state).label, self.noun)
        if happened_at > timezone.now():
            raise MomentRefused("发生时间不能晚于现在")
        to = step.leads_to(state)
        stays = to == state
        last = getattr(locked, "last_step_at", None)
        floor = getattr(locked, "state_since", last) if stays else last
        if floor is not None and happened_at < floor:
            raise MomentRefused(f"发生时间不能早于上一步（{timezone.localtime(floor):%Y年%-m月%-d日%H:%M}）")
        unmet = self.unmet(step, locked, Attempt(by=by, happened_at=happened_at, content=content))
        if unmet:
            raise StepRefused(step, unmet)
        setattr(locked, self.state_field, to)
        if last is not None:
            locked.last_step_at = max(last, happened_at)  # type: ignore[attr-defined]
        if not stays and hasattr(locked, "state_since"):
            locked.state_since = happened_at
        for name, value in (changes or {}).items():
            setattr(locked, name, value)
        locked.save()
        return locked

    def unmet(self, step: Step, obj: Any, attempt: Attempt) -> tuple[Unmet, ...]:
        """Every demand of the step that does not hold for this file at that moment."""
        found: list[Unmet] = []
        for demand in step.demands:
            always = demand.startswith("!")
            key = demand.removeprefix("!")
            rules = self.binding(key, obj, attempt.happened_at)
            if not rules and not always:
                continue
            answer = _guards[key](obj, rules, attempt)
            if answer is not None:
                found.extend(answer if isinstance(answer, list) else [answer])
        return tuple(found)

    def binding(self, key: str, obj: Any, at: datetime) -> BindingRules:
        rules = law.gates(key, unit_id=obj.unit_id, on=timezone.localdate(at), fields=obj.law_fields())
        return BindingRules(rules, tuple(law.cite(rule.id, obj.unit_id) for rule in rules))

    def next_steps(self, obj: Any, official: Official, at: datetime | None = None) -> list[NextStep]:
        """Every step that leads on from here, the expected ones first: open ones, and those that are not yet, with what is missing."""
        attempt = Attempt(by=official, happened_at=at or timezone.now())
        state = self.state_of(obj)
        return in_order(
            NextStep(
                step=step,
                permit=step.who(official, obj),
                unmet=self.unmet(step, obj, attempt),
                citation=law.cite_act(step.article, obj.unit_id) if step.article else None,
                expected=step.is_expected(obj),
            )
            for step in self.steps
            if state in step.sources
        )

    def waiting_for(self, objects: Iterable[Any], official: Official) -> list[tuple[Any, Step]]:
        """The step expected next of the official on each of these files, by permit and state only (guards are asked on the file's page)."""
        found = []
        for obj in objects:
            state = self.state_of(obj)
            expected = (step for step in self.steps if step.primary and state in step.sources)
            following = next((step for step in expected if step.who(official, obj) and step.is_expected(obj)), None)
            if following is not None:
                found.append((obj, following))
        return found

    def edge_trigger_sql(self, table: str) -> str:
        """A trigger that repeats the procedure's edges in the database, for whoever writes around the services."""
        column = self.state_field
        pairs = ", ".join(f"('{a}', '{b}')" for a, b in sorted(self.edges()))
        starts = ", ".join(f"'{state}'" for state in self.initial)
        return f"""
CREATE OR REPLACE FUNCTION {table}_{column}_edges() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.{column} NOT IN ({starts}) THEN
            RAISE EXCEPTION '{self.title}不能从“%”开始', NEW.{column} USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.{column} IS DISTINCT FROM OLD.{column} AND (OLD.{column}::text, NEW.{column}::text) NOT IN ({pairs}) THEN
        RAISE EXCEPTION '{self.title}不能从“%”到“%”', OLD.{column}, NEW.{column} USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS {table}_{column}_edges ON {table};
CREATE TRIGGER {table}_{column}_edges BEFORE INSERT OR UPDATE OF {column} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{column}_edges();
"""
