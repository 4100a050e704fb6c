"""All notes of some folders, read together: an item is called by what no other one of them says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import Path

from collectors.accounts import Account
from collectors.actions.mine import Me
from collectors.actions.recent import Best
from collectors.folders import Unreadable, called, place, read_text, walk
from collectors.identity import Names
from collectors.notes.items import FILE_MAX, Likely, Unnamed
from collectors.notes.note import SUFFIXES, OddBox, Reading, Told
from collectors.remarks import why_not
from collectors.texts import counted, shown
from collectors.types import Ask, Finding, Found, Gone, Kind, Mode, NoneLeft, Progress
from collectors.unsaid import Unsaid
from models.priorities import GivenPriority
from models.proposals import GivenProposal

NOTE_MAX_BYTES = 10 << 20  # notes have kilobytes: a larger file is something else
SECTIONS = ("priorities", "commitments", "proposals")

Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Folder:
    """`label` goes before the names of its files, where several folders are read."""

    path: Path
    label: str = ""

    def name_of(self, path: Path) -> str:
        return self.label + place(path, self.path)


@dataclass
class Vault:
    """The notes of `folders`, but for those whose name or path, or that of a folder of theirs, fits one of
    the patterns in `exclude`."""

    folders: Sequence[Folder]
    zone: tzinfo
    exclude: Sequence[str] = ()
    me: Sequence[str] = ()
    known: dict[Path, tuple[Stamp, list[Unnamed]]] = field(default_factory=dict)

    def collect(self, ask: Ask) -> Iterator[Found]:
        """All that the notes tell; a quick run yields of what was changed since the last one."""
        run = _Run(self, ask, Me((*self.me, *ask.me)))
        paths: list[tuple[str, Path]] = []
        for one in self._listed(run.files):
            if isinstance(one, Finding):
                yield run.remarked(one)
            else:
                paths.append(one)
        for number, (file, path) in enumerate(paths):
            yield Progress(number, len(paths), file)
            yield from run.read(file, path)
        yield Progress(len(paths), len(paths))
        yield from run.named()
        yield from run.proposed()
        yield from run.unsaid()
        yield from run.left_aside()
        if run.whole and paths:
            yield from (NoneLeft(section) for section in SECTIONS if section not in run.told)
        elif run.whole:
            names = ", ".join(called(folder.path) for folder in self.folders)
            yield Finding(Kind.LEFT_OUT, names, f"there is no note in it ({', '.join(SUFFIXES)})")
        yield from (run.files, run.tasks)

    def _listed(self, files: Account) -> Iterator[tuple[str, Path] | Finding]:
        fitted = Counter(dict.fromkeys(self.exclude, 0))
        for folder in self.folders:
            try:
                for one in walk(folder.path, SUFFIXES, files):
                    if isinstance(one, Finding):
                        yield Finding(one.kind, folder.label + one.where, one.why)
                    elif pattern := self._excluded(place(one, folder.path)):
                        fitted[pattern] += 1
                        files.leave("excluded")
                    else:
                        yield folder.name_of(one), one
            except Unreadable as error:
                yield error.finding(called(folder.path))
        for pattern, notes in fitted.items():
            yield Finding(Kind.NOTE, "", f"--exclude {shown(pattern)} leaves out {counted(notes, 'note')}")

    def _excluded(self, path: str) -> str | None:
        names = path.split("/")
        parts = {*names, *accumulate(names, "{}/{}".format)}
        fits = (one for one in self.exclude if any(fnmatchcase(part, one.strip("/")) for part in parts))
        return next(fits, None)


class _Run:
    """What one run has read; `whole` as long as nothing is missing, `told` are the sections of its items."""

    def __init__(self, vault: Vault, ask: Ask, me: Me) -> None:
        self._vault = vault
        self._since_s = ask.since.timestamp() if ask.mode is Mode.QUICK and ask.since else None
        self._full = ask.mode is Mode.FULL
        self._before, vault.known = vault.known, {}
        self._reading = Reading(vault.zone, me, datetime.now(UTC))
        self._names = Names()
        self._best, self._likely = Best(), 0
        self._unnamed: list[Unnamed] = []
        self._unsaid, self._unchanged = Unsaid(ask.held), set[str]()
        self._odd_boxes: Counter[str] = Counter()
        self.whole = True
        self.told: set[str] = set()
        self.files, self.tasks = Account("file"), Account("task")

    def remarked(self, finding: Finding) -> Finding:
        self.whole = self.whole and finding.kind is not Kind.SKIPPED
        return finding

    def read(self, file: str, path: Path) -> Iterator[Found]:
        """What a note tells but for its items, which have no names before all are read."""
        try:
            yield from self._read(file, path)
        except Unreadable as error:
            self.files.leave(error.kind)
            yield self.remarked(error.finding(file))

    def named(self) -> Iterator[Found]:
        """The items, in the order of the notes; what several were called is the oldest's former name."""
        order = sorted(range(len(self._unnamed)), key=lambda index: self._unnamed[index].day)
        ids: dict[int, dict[str, object]] = {}
        for index in order:
            one = self._unnamed[index]
            id = self._names.id(one.names)
            former = self._names.former(id, one.names, oldest_first=self._full)
            ids[index] = {"id": id, "formerly": (*former, *one.legacy)}
        for index, one in enumerate(self._unnamed):
            self.tasks.see()
            if one.item is None:
                self.tasks.leave("done or cancelled")
                yield from self._done(one, ids[index])
            else:
                self.tasks.take()
                self.told.add("priorities" if isinstance(one.item, GivenPriority) else "commitments")
                item = one.item.model_copy(update=ids[index])
                self._unsaid.stated(item)
                yield item

    def _done(self, one: Unnamed, known: dict[str, object]) -> Iterator[Gone]:
        """What a quick run finds to be done goes from the board by all its names."""
        if self._since_s is not None:
            former = known["formerly"]
            assert isinstance(former, tuple)
            names = (str(known["id"]), *former)
            yield from (Gone(section, names) for section in ("priorities", "commitments"))

    def proposed(self) -> Iterator[Found]:
        """What is only likely, the best of it."""
        sent = 0
        for one in self._best.proposals():
            if isinstance(one, GivenProposal):
                sent += 1
                self.told.add("proposals")
                yield one
        self.tasks.see(self._likely)
        self.tasks.take(sent)
        self.tasks.leave("likely, but over the limit", self._likely - sent)

    def unsaid(self) -> Iterator[Gone]:
        """What the notes that changed, or are gone, do not say any more."""
        if not self._full and self.files.seen:
            yield from self._unsaid.gone(lambda note: note not in self._unchanged)

    def left_aside(self) -> Iterator[Finding]:
        """What was read, and is no item."""
        self.tasks.see(self._odd_boxes.total())
        self.tasks.leave("with a mark that is not a task's", self._odd_boxes.total())
        if self._odd_boxes:
            said = ", ".join(f"{count:,} of [{mark}]" for mark, count in self._odd_boxes.most_common(5))
            yield Finding(Kind.NOTE, "", f"boxes with other marks are not tasks: {said}")

    def _read(self, file: str, path: Path) -> Iterator[Found]:
        try:
            status = path.stat()
            # What is copied or moved here keeps the time at which it was saved.
            changed_s = max(status.st_mtime, status.st_ctime)
            passed = self._since_s is not None and changed_s < self._since_s
            stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size)
            if passed and path in self._before and self._before[path][0] == stamp:
                found: list[Told] = [*self._before[path][1]]
            else:
                text, remark = read_text(path, NOTE_MAX_BYTES)
                found = list(self._reading.read(file, text, status.st_mtime))
                found = [Finding(remark.kind, file, remark.why), *found] if remark else found
        except FileNotFoundError:
            raise Unreadable("it no longer exists") from None
        except Unreadable:
            raise
        except Exception as error:  # whatever is wrong with a note costs that note
            raise Unreadable(why_not(error)) from error
        unnamed = [one for one in found if isinstance(one, Unnamed)]
        self._vault.known[path] = stamp, unnamed
        for one in unnamed:
            self._names.meet(one.names)
        if passed:
            self.files.leave("not changed since the last run")
            self._unchanged.add(shown(file, FILE_MAX))
        else:
            self.files.take()
            self._unsaid.read(shown(file, FILE_MAX))
            self._unnamed += unnamed
            for told in found:
                if isinstance(told, OddBox):
                    self._odd_boxes[told.mark] += told.count
                elif isinstance(told, Likely):
                    self._likely += 1
                    self._unsaid.stated(told.proposal)
                    self._best.add(told.proposal, told.day)
                elif not isinstance(told, Unnamed):
                    yield told
