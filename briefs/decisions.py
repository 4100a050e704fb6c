"""Which priorities are decisions, and which have to do with a meeting."""

from __future__ import annotations

import re

from models.calendar import CalendarItem
from models.priorities import Priority
from sio_server.language.words import have_to_do, is_about, stems

_DECIDES = re.compile(
    r"\b(?:decide|decision|approve|approval|sign|choose|pick|select|confirm|go/no-go|agree|accept|reject"
    r"|settle|nominate"
    r"|appoint|hire|entscheid\w*|freigeben|freigabe|genehmig\w*|unterschreib\w*|unterzeichn\w*|auswähl\w*"
    r"|beschließ\w*"
    r"|décid\w*|approuv\w*|valid\w*|sign\w*|chois\w*|tranch\w*|decidir|aprobar|firmar|elegir|confirmar)\b"
    r"|決定|承認|決裁|判断|選定",
    re.IGNORECASE,
)


def is_decided(item: Priority) -> bool:
    """Whether its title says that something is to be decided; else it is to be done."""
    return bool(_DECIDES.search(item.title))


def concerns(item: Priority, event: CalendarItem) -> bool:
    """Whether it is about what the meeting is about; of a decision on one thing, the thing is enough."""
    if not have_to_do(item.title, event.title):  # most have not, and a full brief asks 25,000 times
        return False
    if is_about(item.title, event.title):
        return True
    thing = _DECIDES.sub(" ", item.title)
    return is_decided(item) and len(stems(thing)) == 1 and have_to_do(thing, event.title)
