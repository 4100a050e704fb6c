"""The report of one run: for people, for the shell, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from collectors.accounts import Account, Accounts
from collectors.texts import counted, shown
from collectors.types import Finding, Item, Kind
from models.batch import GivenItem

SHOWN_MAX = 20  # findings of a kind in a report: a screenful
SPARED_MAX = 200
"""If more things than this cannot be read, nothing is removed."""
_BOARD = ("added", "changed", "unchanged", "removed", "rejected")
_RECORDS = ("indexed", "unchanged", "rejected")


@dataclass
class Report:
    """The report of one run: grows while it runs, within bounds however much there is to report.

    `yielded` counts items by section, `nouns` is what one and several are called there, `board` what the
    server did with them; `left` says why a section stays as it was; `untaken` names sections that the server
    does not know; `found` counts the findings, `concerned` what they are about; `spared` has the ids of what
    was skipped, `unknown` counts skipped things without a known id; `accounts` have the fate of everything
    seen; `failed` says why the run ended early, `refused` and `away` why the server did not take it.
    """

    source: str
    yielded: Counter[str] = field(default_factory=Counter)
    nouns: dict[str, tuple[str, str]] = field(default_factory=dict)
    board: dict[str, Counter[str]] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    untaken: set[str] = field(default_factory=set)
    spared: set[str] = field(default_factory=set)
    findings: dict[Kind, list[Finding]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    found: Counter[Kind] = field(default_factory=Counter)
    concerned: Counter[Kind] = field(default_factory=Counter)
    accounts: Accounts = field(default_factory=Accounts)
    unknown: int = 0
    rejections: list[str] = field(default_factory=list)
    kept: int = 0
    away: str = ""
    failed: str = ""
    refused: str = ""
    fenced: bool = False

    @property
    def exit_status(self) -> int:
        """0 everything is on the board, 1 something is not, 3 the server could not be reached or refused."""
        if self.away or self.refused:
            return 3
        kinds = (Kind.NOT_WRITTEN, Kind.SKIPPED, Kind.LEFT_OUT)
        missing = any(self.found[kind] for kind in kinds) or self.rejections
        return 1 if missing or self.failed or self.left else 0

    @property
    def complete(self) -> bool:
        """Whether every old item on the board is known to be either still there or gone."""
        return not self.unknown and len(self.spared) <= SPARED_MAX

    @property
    def settled(self) -> bool:
        """Whether the next quick run may start from this one: everything was read, and nothing refused."""
        return not self.found[Kind.SKIPPED] and not self.untaken

    @property
    def all_taken(self) -> bool:
        """Whether the board has taken all that was sent."""
        beyond = any(counts["rejected"] or counts["left_out"] for counts in self.board.values())
        return not (beyond or self.untaken or self.kept)

    @property
    def error(self) -> str:
        """Why the run failed, for the board; empty if it did not."""
        if self.failed or self.refused:
            return self.failed or self.refused
        if not self.complete and not self.yielded:
            return _said(self.findings[Kind.SKIPPED][0])
        return "; ".join(f"{section}: {why}" for section, why in self.left.items())

    @property
    def message(self) -> str:
        """The board's message about a run that went well: what was not written, read or used."""
        said = [
            f"{counted(counts['left_out'], *self.nouns.get(section, ('item', 'items')))} left out:"
            " the board holds no more from one source"
            for section, counts in self.board.items()
            if counts["left_out"]
        ]
        for kind, begin in ((Kind.SKIPPED, "not everything could be read: "), (Kind.NOT_WRITTEN, "")):
            if more := self.found[kind]:
                first = f"{begin}{_said(self.findings[kind][0])}"
                said.insert(0, first + (f"; and {more - 1:,} more" if more > 1 else ""))
        return "; ".join(said)

    @property
    def counts(self) -> dict[str, int]:
        """For the board: counts of what was delivered, and what could not be."""
        beyond = sum(counts["left_out"] for counts in self.board.values())
        left_out = self.concerned[Kind.LEFT_OUT] + beyond
        faults = {"skipped": self.concerned[Kind.SKIPPED], "left_out": left_out}
        rejected = {"rejected": sum(counts["rejected"] for counts in self.board.values())}
        brought = {name: count for name, count in self.yielded.items() if name not in self.untaken}
        return brought | {name: count for name, count in (faults | rejected).items() if count}

    def read(self, section: str, kind: type[Item], count: int = 1) -> None:
        """Counts items that were found."""
        self.yielded[section] += count
        noun, nouns = (kind.noun, kind.nouns) if issubclass(kind, GivenItem) else ("record", "")
        self.nouns[section] = (noun, nouns or f"{noun}s")

    def remark(self, finding: Finding) -> None:
        """Adds a finding; if there are too many of a kind, only counts it."""
        self.found[finding.kind] += 1
        self.concerned[finding.kind] += finding.count
        if finding.kind is Kind.SKIPPED:
            self.unknown += not finding.spares
            if finding.spares and len(self.spared) <= SPARED_MAX:
                self.spared.add(finding.spares)
        if len(self.findings[finding.kind]) < SHOWN_MAX:
            self.findings[finding.kind].append(finding)

    def note(self, why: str) -> None:
        """Adds a remark about the whole run."""
        self.remark(Finding(Kind.NOTE, "", why))

    def check(self) -> None:
        """Reports things that were seen but neither used nor left out: the board may lack them."""
        for account in self.accounts:
            if account.open:
                seen, decided = account.seen, account.seen - account.open
                numbers = f"{counted(seen, account.unit)} seen, but {decided:,} accounted for"
                why = f"{numbers}: the collector has a fault, please report it"
                self.remark(Finding(Kind.SKIPPED, "", why, abs(account.open)))

    @property
    def unanswered(self) -> int:
        """How many items were sent, or were to be, without an answer for each of them."""
        answers = ("indexed", "added", "changed", "unchanged", "rejected", "dismissed", "left_out")
        answered = sum(counts[name] for counts in self.board.values() for name in answers)
        return self.yielded.total() - answered

    def answered(self, section: str, ack: dict[str, Any]) -> None:
        """Adds the server's counts for a batch."""
        counts = self.board.setdefault(section, Counter())
        counts.update({name: number for name, number in ack.items() if isinstance(number, int)})
        if "held" in ack:
            counts["held"] = ack["held"]  # the source's total: the newest answer counts
        rejected = ack.get("rejected")
        for one in rejected if isinstance(rejected, list) else []:
            counts["rejected"] += 1
            if isinstance(one, dict) and len(self.rejections) < SHOWN_MAX:
                self.rejections.append(shown(f"{one.get('id')}: {one.get('path')}: {one.get('message')}"))

    def lines(self) -> Iterator[str]:
        """The report, aligned; each fault on a line of its own."""
        for label, text in self._rows():
            yield f"{label:<11} {text}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "source": self.source,
            "exit_status": self.exit_status,
            "read": dict(self.yielded),
            "accounts": {
                one.unit: {"seen": one.seen, "taken": one.taken, "left": dict(one.left)}
                for one in self.accounts
            },
            "board": {section: dict(counts) for section, counts in self.board.items()},
            "left": self.left,
            "found": {kind.value: self.found[kind] for kind in Kind},
            "findings": [
                {"kind": one.kind.value, "where": one.where, "why": one.why}
                for some in self.findings.values()
                for one in some
            ],
            "rejected": self.rejections,
            "kept": self.kept,
            "away": self.away or None,
            "failed": self.failed or None,
            "refused": self.refused or None,
        }

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "source", self.source
        read = [counted(number, *self.nouns[section]) for section, number in self.yielded.items()]
        yield "read", ", ".join(read) or "nothing"
        for account in self.accounts:
            yield _plural(account.unit), _accounted(account)
        for section, counts in self.board.items():
            names = _RECORDS if section == "records" else _BOARD
            said = [f"{counts[name]:,} {name}" for name in names]
            dropped = [f"{counts['dismissed']:,} stay removed"] if counts["dismissed"] else []
            dropped += [f"{counts['left_out']:,} left out"] if counts["left_out"] else []
            dropped += [f"{counts['held']:,} in all"] if counts["held"] else []
            yield section, ", ".join(said + dropped)
        for section, why in self.left.items():
            yield section, f"not changed: {why}"
        if self.board and not self.complete:
            yield "", "nothing was removed because not everything could be read"
        elif self.board and self.spared:
            yield "", "the old items of what could not be read stay"
        for kind in Kind:
            yield from self._found(kind)
        yield from (("rejected", one) for one in self.rejections)
        if more := sum(counts["rejected"] for counts in self.board.values()) - len(self.rejections):
            yield "rejected", f"and {more:,} more"
        yield from (
            (label, why) for label, why in (("failed", self.failed), ("refused", self.refused)) if why
        )
        if self.away:
            yield "away", self.away
        if self.kept:
            yield "kept", f"{counted(self.kept, 'item')} in the spool, to be sent when the server is back"

    def _found(self, kind: Kind) -> Iterator[tuple[str, str]]:
        for one in self.findings[kind]:
            yield kind.value, _said(one)
        if more := self.found[kind] - len(self.findings[kind]):
            yield kind.value, f"and {more:,} more"


def _said(finding: Finding) -> str:
    return f"{shown(finding.where)}: {finding.why}" if finding.where else finding.why


def _accounted(account: Account) -> str:
    """`12 seen: 9 taken, 2 skipped, 1 hidden`."""
    left = [f"{count:,} {why}" for why, count in account.left.most_common() if count]
    return f"{account.seen:,} seen: " + ", ".join([f"{account.taken:,} taken", *left])


def _plural(word: str) -> str:
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("ch") else f"{word}s"
