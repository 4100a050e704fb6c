"""Folders of notes for the tests, and what they are read as."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from collectors.actions.mine import Me
from collectors.identity import Names
from collectors.notes.items import Likely, Unnamed
from collectors.notes.note import OddBox, Reading
from collectors.notes.vault import Folder, Vault
from collectors.types import Ask, Finding, Found, Kind, NoneLeft, Progress
from models.commitments import GivenCommitment
from models.priorities import GivenPriority
from models.proposals import GivenProposal
from models.records import GivenRecord

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""A Monday."""


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Puts the files into the folder, each last changed at NOW."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return folder


@dataclass
class Sorted:
    """What a run yields, by kind."""

    tasks: list[GivenPriority] = field(default_factory=list)
    promises: list[GivenCommitment] = field(default_factory=list)
    records: list[GivenRecord] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    none_left: list[str] = field(default_factory=list)
    likely: list[GivenProposal] = field(default_factory=list)

    def take(self, one: Found) -> None:
        match one:
            case GivenPriority():
                self.tasks.append(one)
            case GivenCommitment():
                self.promises.append(one)
            case GivenProposal():
                self.likely.append(one)
            case GivenRecord():
                self.records.append(one)
            case Finding():
                self.findings.append(one)
            case Progress():
                self.progress.append(one)
            case NoneLeft():
                self.none_left.append(one.section)

    def titles(self) -> list[str]:
        return [task.title for task in self.tasks]

    def of(self, kind: Kind) -> dict[str, str]:
        """Where, and why."""
        return {finding.where: finding.why for finding in self.findings if finding.kind is kind}


def read(
    text: str, file: str = "2026-11-23.md", zone: tzinfo = UTC, saved: datetime = NOW, me: Sequence[str] = ()
) -> Sorted:
    """What is in one note."""
    found, names = Sorted(), Names()
    told = list(Reading(zone, Me(me), NOW).read(file, text, saved.timestamp()))
    for one in told:
        if isinstance(one, Unnamed):
            names.meet(one.names)
    for one in told:
        if isinstance(one, Unnamed):
            id = names.id(one.names)
            if one.item is not None:
                found.take(one.item.model_copy(update={"id": id}))
        elif isinstance(one, Likely):
            found.likely.append(one.proposal)
        elif not isinstance(one, OddBox):
            found.take(one)
    return found


def collected(*folders: Path, ask: Ask | None = None, exclude: Sequence[str] = ()) -> Sorted:
    """What is in all the notes of folders."""
    labelled = [Folder(path, f"{path.name}/" if len(folders) > 1 else "") for path in folders]
    found = Sorted()
    for one in Vault(labelled, UTC, exclude).collect(ask or Ask()):
        found.take(one)
    return found
