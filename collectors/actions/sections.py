"""What a heading says about the lines below it."""

from __future__ import annotations

import re
from enum import StrEnum


class Section(StrEnum):
    """The sections of notes and minutes that matter here."""

    ACTIONS = "actions"
    REVIEW = "review"  # of what was to be done since the last time
    DONE = "done"
    PEOPLE = "people"
    AGENDA = "agenda"
    OTHER = "other"


_ITEMS = (
    r"actions?(?:[ -](?:items?|points?|list|steps?|log|register))?|ais?|ars?|to[ -]?dos?(?: list)?|tasks?(?: list)?"
    r"|next steps?|follow[ -]?ups?(?: (?:items?|actions?|tasks?))?|homework|assignments?|deliverables|commitments"
    r"|things to do|what['\u2019]?s next|who does what"
    r"|aufgaben(?:liste)?|to-?do-?liste|aktionspunkte|ma(?:ß|ss)nahmen|n(?:ä|ae)chste schritte|offene punkte"
    r"|actions? à (?:mener|faire)|à faire|prochaines étapes|tâches|suivi"
    r"|acciones|tareas|próximos pasos|pendientes|azioni|attività|prossimi passi|da fare|compiti"
    r"|ações|tarefas|próximos passos|actiepunten|acties|actielijst|vervolgstappen|taken"
)
_BEFORE = (
    r"(?:(?:the|our|my|new|next|open|current|pending|outstanding|specific|key|main|list of|summary of|all|immediate|agreed"
    r"|resulting|proposed|sprint|team|meeting|weekly|decisions?,?|minutes,?|outcomes?,?) (?:(?:and|&|/) )?){0,3}"
)
_AFTER = (
    r"(?:\(s\)|,? ?\(?(?:(?:and|&|/|,) (?:decisions?|owners?|due dates?|next steps?|follow[ -]?ups?|action items?|deadlines"
    r"|outcomes?|assignments?|help wanted)|/ ?help wanted|taken|required|needed|arising|agreed|assigned|to take"
    r"|for (?:the )?(?:next|this|coming|today|me|us|everyone|all|week|\w+)(?: (?:week|meeting|time|call))?"
    r"|from (?:this|today['\u2019]?s?|the)(?: (?:meeting|call|session|discussion))?|as a result of this meeting"
    r"|by person|by owner|until next (?:time|meeting))\)?)*"
)
_ACTIONS = re.compile(rf"{_BEFORE}(?:{_ITEMS}){_AFTER}", re.IGNORECASE)
_REVIEW = re.compile(
    r"(?=.*\b(?:previous|last|past|prior|older?|earlier|carried|outstanding from|review|status|update|followed|recap)\b)"
    r".*\b(?:actions?|ais?|action items?|to-?dos?|tasks?|next steps|follow[ -]?ups?)\b.*"
    r"|actions? (?:items?|points?) (?:follow[ -]?up|review|status|updates?)",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"(?:completed|done|finished|closed|resolved|archived?)(?: (?:actions?|action items?|tasks?|items?|to-?dos?))?"
    r"|(?:actions?|action items?|tasks?|items?) (?:completed|done|closed)|what (?:was|we) did|accomplish(?:ed|ments)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:(?:meeting|also|members?|staff|people|in) )*(?:attendees?|attendance|present|participants?|participating"
    r"|attending|roll ?call|who was (?:there|here)|invited|regrets|absent(?:ees)?|apologies|guests?|in attendance|invitees"
    r"|members present|attendee list|teilnehmer(?:innen|\*innen)?|anwesend|participants|présents|asistentes"
    r"|partecipanti|presenti|participantes|aanwezig(?:en)?)(?: \(.*\))?",
    re.IGNORECASE,
)
_AGENDA = re.compile(
    r"(?:(?:proposed|draft|today['\u2019]?s|meeting|standing|recurring|tentative|standard) )*"
    r"(?:agenda|topics?|schedule|programme?|running order|tagesordnung|ordre du jour|orden del día|ordine del giorno)"
    r"(?: (?:items?|points?|topics?))?(?: \(.*\))?",
    re.IGNORECASE,
)
_TAIL = " *_:.-\u2013\u2014#"
_WORDS_MAX = 80


def section_of(heading: str) -> Section:
    """What stands below a heading of these words."""
    words = re.sub(r"^[\W\d_]+", "", heading[: _WORDS_MAX * 2]).strip(_TAIL)
    words = re.sub(r"&amp;", "&", words)
    if not words or len(words) > _WORDS_MAX:
        return Section.OTHER
    for section, form in (
        (Section.REVIEW, _REVIEW),
        (Section.PEOPLE, _PEOPLE),
        (Section.ACTIONS, _ACTIONS),
        (Section.DONE, _DONE),
        (Section.AGENDA, _AGENDA),
    ):
        if form.fullmatch(words):
            return section
    return Section.OTHER
