"""The days that people name: in English, in some other languages, and in numbers.

dateparser knows the languages, and also reads what nobody meant: only the forms that are listed here reach
it, and what is not sure is no date.
"""

from __future__ import annotations

import re
from calendar import day_name, month_abbr, month_name, monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib import import_module

from dateparser.date import DateDataParser

from collectors.actions.eastern import eastern_days
from collectors.actions.numeric import DOTTED, FAR, NUMERIC, WEEKDAYS, Order, in_numbers
from collectors.actions.patterns import APOSTROPHE
from models.base import YEARS

_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|saturday|sunday)"
)
_BEFORE_NUMBER = rf"(?:(?:{_WEEKDAY}|sat|sun)\.?,? )?"
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
NUMBER = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_OF_YEAR = r"(?:,? \d{4})?"
_CALENDAR = (
    rf"(?:{_BEFORE_NUMBER}(?:the )?(?:{NUMBER} (?:of )?{MONTH}\b\.?{_OF_YEAR}|{MONTH}\.? {NUMBER}{_OF_YEAR}))"
)
_SPAN = r"(?:a|an|one|two|three|four|\d{1,2}) (?:day|week|month)s?"
_ENDS = (
    rf"(?:eod|cob|eow|eom|eoq|eoy|(?:week|month|year)(?:{APOSTROPHE}s |-)end"
    rf"|(?:early|mid|late)[- ]{MONTH}\b|(?:the )?(?:middle|beginning|start) of (?:next month|{MONTH}\b)"
    rf"|(?:the )?(?:close of business|end of (?:(?:the|this) )?"
    rf"(?:day|today|tomorrow|week|month|quarter|year|q[1-4]|next week|next month|{MONTH}\b)))"
)
_WEEKS = r"(?:(?:(?:early|mid|late) )?(?:this|next) week|(?:this|next) month)"
NEAR = rf"(?:today|tonight|tomorrow|tmrw|tmr|(?:(?:this|next|coming) )?{_WEEKDAY})"
_DAYS_NAMED = rf"(?:{_CALENDAR}|{_BEFORE_NUMBER}{NUMERIC}|{NEAR})(?: (?:eod|cob|morning|afternoon|evening))?"
ENGLISH = (
    rf"(?:(?:eod|cob) (?:on )?)?{_DAYS_NAMED}|{_ENDS}|{_WEEKS}|(?:with)?in {_SPAN}|the {NUMBER}|yesterday"
)
"""What a day is called, where something before it says that it is one."""
PLAIN = rf"(?:(?:eod|cob) (?:on )?)?{_DAYS_NAMED}|{_ENDS}|{_WEEKS}|(?:with)?in {_SPAN}"
"""What may stand at the end of a line without a word before it."""
ASIDE = rf"{_WEEKS}|today|tonight|tomorrow|(?-i:EOD|EOW|COB|EOM)"
"""What says a day wherever it stands."""


@dataclass(frozen=True)
class Language:
    """`lead` is what may stand before a day by which something is due."""

    code: str
    lead: str
    months: str
    day: str
    short: str
    numeric: str = NUMERIC

    def phrase(self) -> str:
        """The expression of a day with what leads to it, as a group of the language's name."""
        weekday = rf"(?:{self._weekday()})?"
        days = f"{self.day}|{_SHORT_DAY[self.code]}" if self.code in _SHORT_DAY else self.day
        return rf"(?:{self.lead}) ?(?P<{self.code}>{weekday}(?:{self._named()}|{self.numeric})|{days})"

    def bracketed(self) -> str:
        """That of a day that stands alone in brackets."""
        dated = rf"(?:{self._weekday()})?(?:{self._named()}|{DOTTED})"
        return rf"(?:{self.lead})?(?P<{self.code}>{dated}|{self.day})"

    def alone(self) -> str:
        """That of a day with its weekday: `Fr, 4.12.`."""
        return rf"(?P<{self.code}>(?:{self._weekday()})(?:{self._named()}|{DOTTED}))"

    def _weekday(self) -> str:
        return rf"(?:{self.day}|{self.short})\.?,? (?:den |dem )?"

    def _named(self) -> str:
        number = r"(?:0?[1-9]|[12]\d|3[01])(?:er|º|ª|°|\.)?"
        return rf"{number} (?:de |di )?(?:{self.months})(?: (?:de )?\d{{4}})?"


_LEADS = {
    "de": (
        r"bis (?:sp(?:ä|ae)testens )?(?:zum |am )?|sp(?:ä|ae)testens (?:bis |am |zum )?"
        r"|(?:f(?:ä|ae)llig|termin|frist)\s?:? (?:am |bis )?|am "
    ),
    "fr": rf"d{APOSTROPHE}ici (?:le |à |au )?|avant (?:le )?|pour (?:le )?|au plus tard (?:le )?"
    r"|(?:échéance|délai)\s?: (?:le )?",
    "es": r"antes del? |para (?:el )?|hasta (?:el )?|a más tardar (?:el )?"
    r"|(?:plazo|fecha límite)\s?: (?:el )?",
    "it": rf"entro (?:il |la |l{APOSTROPHE})?|prima di |per (?:il )?",
    "pt": r"até (?:o |a |à )?|antes d[eoa] |para (?:o |a )?",
    "nl": r"v(?:óó|oo)r |uiterlijk (?:op )?|tegen |tot ",
    "pl": r"do (?:dnia )?|przed |najpóźniej (?:do )?",
    "sv": r"senast (?:den |på )?|före (?:den )?|innan |till (?:den |på )?",
    "da": r"senest (?:den |på )?|inden (?:den )?|før (?:den )?",
    "cs": r"do |nejpozději (?:do )?",
    "ru": r"до |не позднее |к ",
    "uk": r"до |не пізніше ",
    "he": r"עד (?:ל(?=\d))?|לא יאוחר מ",
}
_BY = {
    "de": "bis ", "fr": "avant ", "es": "antes de ", "it": "entro ", "pt": "até ", "nl": "tegen ",
    "pl": "do ", "sv": "senast ", "da": "senest ", "cs": "do ", "ru": "до ", "uk": "до ", "he": "עד ",
}  # fmt: skip
"""The plainest of the leads."""
_SHORT_DAYS = {
    "de": ["mo", "di", "mi", "do", "fr", "sa", "so"],
    "fr": ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"],
}
_SHORT_DAY = {
    "de": rf"(?-i:{'|'.join(map(str.title, _SHORT_DAYS['de']))})\b\.?",
    "fr": rf"(?:{'|'.join(_SHORT_DAYS['fr'])})\.",
}
"""Weekdays as they are shortened; only behind a lead, since most are other words, too."""
_SHORT_LEADS = frozenset(("pl", "sv", "da", "cs", "ru", "uk", "he"))
"""Here a lead is a word of other uses, too ("do 3/4 of it"): only numbers with dots follow it."""
_SAID_ALSO = {
    "de": {"ende der woche": "eow", "ende dieser woche": "eow", "ende nächster woche": "end of next week"}
    | dict.fromkeys(("monatsende", "ende des monats"), "eom")
    | {"jahresende": "eoy", "heute abend": "today", "morgen früh": "tomorrow"},
    "fr": dict.fromkeys(("la fin de la semaine", "fin de semaine"), "eow")
    | dict.fromkeys(("la fin du mois", "fin du mois"), "eom")
    | {"ce soir": "today"},
    "es": dict.fromkeys(("final de la semana", "finales de semana"), "eow")
    | dict.fromkeys(("fin de mes", "final de mes", "finales de mes"), "eom"),
    "it": {"fine della settimana": "eow", "stasera": "today"}
    | dict.fromkeys(("fine mese", "fine del mese"), "eom"),
    "pt": dict.fromkeys(("fim da semana", "final da semana"), "eow")
    | dict.fromkeys(("fim do mês", "final do mês"), "eom"),
    "nl": dict.fromkeys(("het einde van de week", "eind van de week", "einde van de week"), "eow")
    | dict.fromkeys(("het einde van de maand", "eind van de maand", "einde van de maand"), "eom"),
    "pl": {"jutra": "tomorrow", "końca tygodnia": "eow", "końca miesiąca": "eom", "końca roku": "eoy"},
    "cs": {"dneška": "today", "konce týdne": "eow", "konce měsíce": "eom", "konce roku": "eoy"},
    "sv": {"slutet av veckan": "eow", "slutet av månaden": "eom"},
    "da": {"slutningen af ugen": "eow", "slutningen af måneden": "eom", "udgangen af måneden": "eom"},
    "ru": {"конца дня": "eod", "конца недели": "eow", "конца месяца": "eom", "конца года": "eoy"},
    "uk": {"кінця дня": "eod", "кінця тижня": "eow", "кінця місяця": "eom", "кінця року": "eoy"},
    "he": {"סוף היום": "eod", "סוף השבוע": "eow", "סוף החודש": "eom"},
}
"""What dateparser does not know, or not in this case, and how it is said in English."""
_GENITIVES = {
    "pl": "poniedziałku wtorku środy czwartku piątku soboty niedzieli",
    "cs": "pondělka úterka středy čtvrtka pátku soboty neděle",
    "ru": "понедельника вторника среды четверга пятницы субботы воскресенья",
    "uk": "понеділка вівторка середи четверга п'ятниці суботи неділі",
}
"""The days from Monday on as they follow "by": dateparser knows most of them only by the other forms."""
_DAYS = tuple(name.lower() for name in day_name)  # English: no program here sets a locale
_MONTHS = tuple(name.lower() for name in month_name[1:])


def _language(code: str) -> Language:
    """Built from what dateparser knows of it: whole names, as their short forms are words of other kinds."""
    known = import_module(f"dateparser.data.date_translation_data.{code}").info
    relative = known["relative-type"]
    days = [name for day in _DAYS for name in known[day] if len(name) > 3]
    shorts = {name.lower() for day in _DAYS for name in known[day] if 1 < len(name) <= 5 and name.isalpha()}
    days += _GENITIVES.get(code, "").split()
    near = [*relative["0 day ago"], *relative["in 1 day"], *relative["in 1 week"], *_SAID_ALSO.get(code, ())]
    months = [name for month in _MONTHS for name in known[month] if len(name) > 2]
    names = {name.lower() for name in (*near, *(day for day in days if len(day) > 3))}
    longest_first = sorted(names, key=len, reverse=True)
    return Language(
        code,
        _LEADS[code],
        "|".join(map(re.escape, sorted({month.lower() for month in months}, key=len, reverse=True))),
        "|".join(map(re.escape, longest_first)),
        "|".join(map(re.escape, sorted(shorts, key=len, reverse=True))),
        DOTTED if code in _SHORT_LEADS else NUMERIC,
    )


LANGUAGES = {code: _language(code) for code in _LEADS}


_PHRASES = {code: re.compile(language.phrase(), re.IGNORECASE) for code, language in LANGUAGES.items()}


def led(words: str) -> str:
    """The words of a field for days, as they stand in a sentence: `by 1 December`, `до 1 декабря`."""
    if any(day["after"] == words for day in eastern_days(f"期限: {words}")):
        return f"期限: {words}"
    found = (f"{lead}{words}" for code, lead in _BY.items() if _PHRASES[code].fullmatch(f"{lead}{words}"))
    return f"by {words}" if re.fullmatch(ENGLISH, words, re.IGNORECASE) else next(found, f"by {words}")


def _months_abroad() -> dict[str, int]:
    """The numbers of the months by their whole names, in small letters, in all these languages."""
    known = [import_module(f"dateparser.data.date_translation_data.{code}").info for code in _LEADS]
    return {
        name.lower(): number
        for info in known
        for number, month in enumerate(_MONTHS, 1)
        for name in info[month]
        if len(name) > 3 and name.isalpha()
    }


MONTHS_ABROAD = _months_abroad()

MONTHS = tuple(name.lower() for name in month_abbr[1:])
_ON_WEEKDAY = re.compile(rf"(?:(?P<which>next|this) )?(?P<name>{_WEEKDAY})")
_IN_MONTH = re.compile(
    rf"(?:(?P<day1>\d{{1,2}}) (?P<month1>{MONTH})|(?P<month2>{MONTH}) (?P<day2>\d{{1,2}}))"
    r"(?: (?P<year>\d{4}))?$"
)
_PARTS_OF_MONTHS = {"early": 10, "beginning": 10, "start": 10, "mid": 15, "middle": 15, "late": 0}
"""The last day that is meant; 0 for that of the month."""
_IN_NUMBERS = re.compile(NUMERIC)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_PART = re.compile(r"\b(?:eod|cob|morning|afternoon|evening|on|of|the|coming)\b|[.,]")


@lru_cache(maxsize=4_096)
def spoken(said: str, day: date, order: Order | None = None, language: str = "en") -> date | None:
    """The day that `said` (in lower case) names, if it was said on `day`; None when that is not sure."""
    try:
        found = in_numbers(said, day, order) if _IN_NUMBERS.search(said) else _named(said, day, language)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and found.year in YEARS else None


def _named(said: str, day: date, language: str) -> date | None:
    if language == "en":
        return _end(said, day) or _english(" ".join(_PART.sub(" ", _ORDINAL.sub("", said)).split()), day)
    if english := _SAID_ALSO.get(language, {}).get(said):
        return _end(english, day) or _english(english, day)
    if said in (genitives := _GENITIVES.get(language, "").split()):
        return _english(WEEKDAYS[genitives.index(said)], day)
    if (short := said.rstrip(".")) in (shorts := _SHORT_DAYS.get(language, [])):
        return _english(_DAYS[shorts.index(short)], day)
    number = re.search(r"\d", said)
    found = _parsed(said[number.start() :] if number else said, day, language)
    if found is None:
        return None
    if not re.search(r"\d{4}", said) and found - day > FAR:
        # dateparser takes the day itself for that of the next year
        return day if (found.month, found.day) == (day.month, day.day) else None
    if number or found != day + timedelta(days=7):
        return found
    return _week_end(found) if " " in said else None  # next week; or the day's own name, which may be either


def _english(said: str, day: date) -> date | None:
    """By hand: dateparser makes anew what it knows of a language for each day that it counts from."""
    if said in ("today", "tonight"):
        return day
    if said == "yesterday":
        return day - timedelta(days=1)
    if said in ("tomorrow", "tmrw", "tmr"):
        return day + timedelta(days=1)
    if said.isdigit():
        return _of_month(int(said), day)
    if weekday := _ON_WEEKDAY.fullmatch(said):
        if not weekday["which"] and weekday["name"][:3] == f"{day:%a}".lower():
            return None  # "Friday", said on a Friday, may be either
        return _weekday(day, weekday["name"][:3], next_week=weekday["which"] == "next")
    found = _IN_MONTH.search(said)
    return _in_month(found, day) if found else None


def _in_month(found: re.Match[str], day: date) -> date | None:
    month = MONTHS.index((found["month1"] or found["month2"])[:3]) + 1
    number = int(found["day1"] or found["day2"])
    if found["year"]:
        return date(int(found["year"]), month, number)
    this = date(day.year, month, number)
    coming = this if this >= day else this.replace(year=day.year + 1)
    return coming if coming - day <= FAR else None


def _end(said: str, day: date) -> date | None:
    """The last working day, or the last day, of what is to be over by then."""
    said = re.sub(
        r"^(?:the )?(?:end of|close of)\s+(?:(?:the|this) )?", "end of ", said.removeprefix("this ")
    )
    if named := re.fullmatch(
        rf"(?:the )?({'|'.join(_PARTS_OF_MONTHS)})(?:[- ]| of )({MONTH}|next month)", said
    ):
        first = (
            _month_end(day) + timedelta(days=1) if named[2] == "next month" else _month_named(named[2], day)
        )
        last = _PARTS_OF_MONTHS[named[1]]
        found = first.replace(day=last) if last else _month_end(first)
        return found if found >= day else None
    said = re.sub(r"^(?:early|mid|late) (?:this )?", "", said)
    said = re.sub(rf"^(week|month|year)(?:{APOSTROPHE}s |-)end$", r"end of \1", said)
    match said:
        case "eod" | "cob" | "end of day" | "end of today" | "end of business" | "tonight":
            return day
        case "end of tomorrow":
            return day + timedelta(days=1)
        case "eow" | "week" | "end of week":
            return _week_end(day)
        case "next week" | "end of next week":
            return _week_end(day + timedelta(days=7))
        case "eom" | "month" | "end of month":
            return _month_end(day)
        case "next month" | "end of next month":
            return _month_end(_month_end(day) + timedelta(days=1))
        case "eoq" | "end of quarter":
            return _month_end(date(day.year, (day.month + 2) // 3 * 3, 1))
        case "eoy" | "end of year":
            return date(day.year, 12, 31)
    if span := re.fullmatch(r"(?:with)?in (\w+) (day|week|month)s?", said):
        return _later(day, span[1], span[2])
    if quarter := re.fullmatch(r"end of q([1-4])", said):
        month = int(quarter[1]) * 3
        return _month_end(date(day.year + (month < day.month), month, 1))
    if named := re.fullmatch(rf"end of ({MONTH})", said):
        return _month_end(_month_named(named[1], day))
    return None


def _month_named(name: str, day: date) -> date:
    """The first day of the coming month of this name; of this month if it is that."""
    month = MONTHS.index(name[:3]) + 1
    return date(day.year + (month < day.month), month, 1)


def _later(day: date, number: str, unit: str) -> date | None:
    words = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4}
    count = words.get(number) or int(number)
    if unit == "month":
        month = day.month - 1 + count
        year, month = day.year + month // 12, month % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    return day + timedelta(days=count * (7 if unit == "week" else 1))


def _week_end(day: date) -> date:
    """That week's Friday, or its Sunday when the day is later."""
    monday = day - timedelta(days=day.weekday())
    friday = monday + timedelta(days=4)
    return friday if day <= friday else monday + timedelta(days=6)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _weekday(day: date, name: str, *, next_week: bool) -> date:
    wanted = WEEKDAYS.index(name)
    if next_week:
        return day - timedelta(days=day.weekday()) + timedelta(days=7 + wanted)
    return day + timedelta(days=(wanted - day.weekday()) % 7)


def _of_month(number: int, day: date) -> date | None:
    """The next day of this number."""
    for month in (day, _month_end(day) + timedelta(days=1)):
        if number <= monthrange(month.year, month.month)[1] and month.replace(day=number) >= day:
            return month.replace(day=number)
    return None


def _parsed(said: str, day: date, language: str) -> date | None:
    settings = {
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": datetime.combine(day, time()),
        "DATE_ORDER": "DMY",
    }
    found = DateDataParser(languages=[language], settings=settings).get_date_data(said).date_obj
    return found.date() if isinstance(found, datetime) else None
