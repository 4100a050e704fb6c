"""Whether a message was thrown away: programs mark it in the message, or move it to a folder."""

from __future__ import annotations

import re
import unicodedata

from collectors.mail.headers import Headers, words

DELETED, SPAM = "deleted", "spam"

# What programs call these folders, and Gmail its labels, in the languages they come in.
_BIN = frozenset(
    {
        *("trash", "bin", "deleted", "deleted items", "deleted messages", "wastebasket", "trash can"),
        *("papierkorb", "gelöscht", "gelöschte elemente", "gelöschte objekte", "gelöschte nachrichten"),
        *("corbeille", "éléments supprimés", "messages supprimés", "papelera", "papelera de reciclaje"),
        *("elementos eliminados", "mensajes eliminados", "cestino", "posta eliminata", "elementi eliminati"),
        *("prullenbak", "verwijderde items", "verwijderde berichten", "papirkurv", "slettet post"),
        *("slettede elementer", "papperskorgen", "borttagna objekt", "borttaget", "roskakori", "poistetut"),
        *("kosz", "elementy usunięte", "koš", "odstraněná pošta", "kôš", "lomtár", "lixo", "lixeira"),
        *("itens excluídos", "itens eliminados", "корзина", "удаленные", "удалённые", "кошик", "çöp kutusu"),
        *(
            "çöp",
            "silinmiş öğeler",
            "已删除邮件",
            "已删除",
            "垃圾桶",
            "垃圾筒",
            "已刪除郵件",
            "刪除的郵件",
            "ゴミ箱",
        ),
        *(
            "削除済みアイテム",
            "휴지통",
            "지운 편지함",
            "אשפה",
            "פריטים שנמחקו",
            "المهملات",
            "العناصر المحذوفة",
        ),
        *(
            "κάδος απορριμμάτων",
            "διαγραμμένα στοιχεία",
            "coș de gunoi",
            "elemente șterse",
            "otpad",
            "смеће",
            "кошче",
        ),
        *("ถังขยะ", "thùng rác", "tempat sampah", "сметник", "prügikast", "miskaste", "šiukšliadėžė"),
    }
)
_JUNK = frozenset(
    {
        *("spam", "junk", "junk e-mail", "junk email", "junk mail", "junk-e-mail", "bulk mail"),
        *("spamverdacht", "unerwünscht", "unerwünschte werbung", "courrier indésirable", "indésirables"),
        *("pourriel", "correo no deseado", "no deseado", "posta indesiderata", "indesiderata"),
        *("ongewenste e-mail", "ongewenst", "skräppost", "søppelpost", "uønsket e-mail", "uønsket mail"),
        *("roskaposti", "wiadomości-śmieci", "niechciane", "nevyžádaná pošta", "nevyžiadaná pošta"),
        *("levélszemét", "lixo eletrônico", "lixo eletrónico", "спам", "нежелательная почта", "önemsiz"),
        *("ספאם", "דואר זבל", "البريد غير المرغوب فيه", "ανεπιθύμητα", "thư rác", "สแปม", "нежелана пошта"),
        *("gereksiz", "垃圾邮件", "垃圾郵件", "迷惑メール", "스팸", "스팸함", "정크 메일", "스팸 메일함"),
    }
)
_SUFFIX = re.compile(r"\.(?:mbox|mbx|sbd|mail|msf)$", re.IGNORECASE)


def why_gone(headers: Headers, flags: str, folder: str) -> str:
    """DELETED or SPAM if a person or a filter threw the message away; else ""."""
    if "T" in flags or _is_marked(headers):
        return DELETED
    labels = {label.strip(' "').casefold() for label in words(headers, "x-gmail-labels").split(",")}
    keywords = set(f"{words(headers, 'x-keywords')} {words(headers, 'x-mozilla-keys')}".casefold().split())
    if keywords & {"junk", "$junk"} or _bits(headers, "x-evolution") & 0x80:
        return SPAM
    return why_gone_from(labels, folder)


def why_gone_from(labels: set[str], folder: str) -> str:
    """The same by labels, in small letters, and by where it lies."""
    if labels & _JUNK:
        return SPAM
    return DELETED if labels & _BIN else _by_name(folder)


def _is_marked(headers: Headers) -> bool:
    """By its program: Thunderbird, mutt and pine, Evolution."""
    mozilla = _bits(headers, "x-mozilla-status") & 0x0008 or _bits(headers, "x-mozilla-status2") & 0x0020_0000
    return bool(mozilla or _bits(headers, "x-evolution") & 0x02 or "D" in headers.get("x-status", ""))


def _bits(headers: Headers, name: str) -> int:
    found = re.fullmatch(r"(?:[0-9a-f]+-)?([0-9a-f]{1,8})", headers.get(name, "").strip().lower())
    return int(found[1], 16) if found else 0


def _by_name(folder: str) -> str:
    """By what its folder is called, or one that this is in; `.Trash` and `INBOX.Trash` are of Maildirs."""
    for name in unicodedata.normalize("NFC", folder).casefold().split("/"):
        plain = _SUFFIX.sub("", name)
        names = {plain, *plain.split(".")} if plain.startswith((".", "inbox.", "[")) else {plain}
        if names & _BIN:
            return DELETED
        if names & _JUNK:
            return SPAM
    return ""
