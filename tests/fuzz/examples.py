"""What the readers read when all is well, and words that mean something to them beyond those."""

from __future__ import annotations

from handlers import REGISTRY

_BEGIN = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
_END = "END:VCALENDAR\r\n"
_EVENT = (
    "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260301T090000Z\r\n"
    "DTSTART;TZID=Europe/Berlin:20260304T090000\r\n{}END:VEVENT\r\n"
)
_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
_MAIL = (
    "From: Ana <ana@example.org>\nTo: bo@example.org\nSubject: =?utf-8?q?Caf=C3=A9?=\n"
    "Date: Tue, 3 Mar 2026 09:00:00 +0100\nMessage-ID: <a@b>\n"
)
_PARTS = (
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n'
    "--x\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    "<p>Caf=C3=A9</p>\n"
    "--x\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n"
    'Content-Disposition: attachment; filename="a.txt"\n\naGVsbG8=\n--x--\n'
)
_NOTE = (
    "---\ntags: a\ndate: 2026-03-03\n---\n# Meeting\n- [ ] Send the deck due: 2026-12-01 @ana #work\n"
    "  - [x] done\n"
    "| a | b |\n|---|---|\n| Ana | call |\n\nAction items:\n* Bo to call **Cy** by Friday\n```\ncode\n```\n"
)
_BORDER = "From a@b Tue Mar  3 09:00:00 2026\n"

EXAMPLES: dict[str, tuple[str, ...]] = {
    "packets": (
        *('2["a",{"b":[1,2]}]', '0{"token":"x"}', '51-["a",{"_placeholder":true,"num":0}]', "1"),
        *('2/x,7["a"]', '37[{"ok":true}]', '2["a",NaN]'),
    ),
    "bodies": ('42["a",{}]\x1e2\x1e3', '40{"token":"x"}', "bAQID\x1ebAA=="),
    "web tokens": tuple(
        '{"alg":"HS256"}\n' + claims
        for claims in (
            '{"sub":"u","exp":9999999999,"role":"editor","source":"ics:work","email":"a@b.c","email_verified":true}',
            '{"sub":"u","exp":9999999999,"boards":{"cfo":"viewer"},"groups":["g"],"name":"Ana"}',
            '{"sub":"u","exp":9999999999,"nbf":1,"iat":1,"boards":["ceo","main"],"role":["viewer","admin"]}',
        )
    ),
    "models": tuple(f'2{n}["{event}",{{}}]' for n, event in enumerate(sorted(REGISTRY.requests))),
    "items": (
        '{"id":"a","title":"x","start":"2026-03-03T09:00:00Z","attendees":["Ana"],"url":"https://a.example"}',
        '{"id":"a","description":"x","direction":"owe","due":"2026-03-03"}',
        '{"id":"a","title":"x","urgency":"high","rank":1,"formerly":["b"]}',
    ),
    "lines": (
        *(
            "approve P7 | snooze P3 tomorrow 9am",
            'add owed Bo: the "numbers" by 2026-12-01',
            "update P4 a | b",
        ),
        *("brief C3 at 07:00", "due P7 before C4", "rank P2 up", "search from:ana -draft", "drop P1 P2"),
        *("takes P2 20", "assign P1 Ana", "brief weekly for all", "day tomorrow"),
    ),
    "times": (
        *("tomorrow 9am", "2026-12-01", "next friday at 17:30", "in 3 days", "1 dec", "noon", "monday"),
        *("2026-03-29 02:30", "9", "end of month"),
    ),
    "query": (
        *("budget from:ana since:2026-01-01", '"exact words" -draft', "kind:mail source:slack", "a OR b"),
        *("OPS-306", "before:yesterday", "(a b) NEAR c*"),
    ),
    "calendars": (
        f"{_BEGIN}{_EVENT.format('SUMMARY:Call')}{_END}".replace(
            "Call", "Call\r\nRRULE:FREQ=WEEKLY;COUNT=5;BYDAY=MO,TU\r\nEXDATE:20260311T080000Z\r\n"
        ),
        f"{_BEGIN}{_EVENT.format('DURATION:PT1H')}{_END}".replace(
            "PT1H", "PT1H\r\nATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:mailto:ana@example.org\r\nLOCATION:a\\, b\r\n"
        ),
        f"{_BEGIN}BEGIN:VTODO\r\nUID:t\r\nSUMMARY:Do\r\nDUE;VALUE=DATE:20260304\r\nEND:VTODO\r\n{_END}",
        f"{_BEGIN}{_ZONE}{_EVENT.format('')}{_END}".replace("Europe/Berlin", "X"),
    ),
    "mailboxes": (f"{_BORDER}{_MAIL}\nHello\n\n{_BORDER}{_MAIL}{_PARTS}",),
    "mails": (f"{_MAIL}\nHello Bo,\ncan you send the deck by Friday?\n", _MAIL + _PARTS),
    "html": (
        "<html><body><p>Hello <b>you</b><br><a href='https://a.example'>x</a><table><tr><td>1<td>2</table></body>",
    ),
    "slack texts": (
        "Hi <@U1>, see <https://a.example|b> in <#C1|c> &amp; <!date^1700000000^{date}|then> <!here>",
    ),
    "slack messages": (
        '{"ts":"1700000000.000100","user":"U1","text":"Hi <@U1>","blocks":[{"type":"rich_text","elements":'
        '[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]}]}]}',
        '{"ts":"1700000000.0","text":"x","attachments":[{"text":"a","fields":[{"title":"b","value":"c"}]}],'
        '"files":[{"name":"f"}],"edited":{"ts":"1"},"reactions":[{"name":"a","users":["U1"],"count":1}]}',
    ),
    "notes": (
        _NOTE,
        "Meeting 3 March\nAna: I will send the numbers by Friday.\n- Bo owes Cy the deck\nTODO call\n",
    ),
    "actions": (
        _NOTE,
        "Could you please review the contract by Friday?\nI'll do it tomorrow.\nAI: Ana to call Bo\n> pay\n",
    ),
    "archive": (
        '{"id":"a","text":"x","ts":"2026-03-03T09:00:00Z","from":{"name":"Ana"},"to":["bo@example.org"]}',
        '{"id":"e","title":"x","start":"2026-03-03T09:00:00+01:00","end":1772528400,"attendees":[{"email":"a@b"}],'
        '"status":"cancelled"}',
    ),
    "addresses": ("http://127.0.0.1:8000/board/", "https://user:pw@[::1]:8000/a?b#c", "board.example"),
    "paths": (
        *("/\nHost: localhost", '/js/main.js\nIf-None-Match: "x"', "/../serve.py", "/%2e%2e/serve.py"),
        "/socket.io/?EIO=4&transport=polling&sid=abc\nHost: localhost:8000\nOrigin: http://localhost:8000",
    ),
}
WORDS: dict[str, str] = {
    "packets": "NaN 1e9 \\u \\ud800 _placeholder -0 99-",
    "bodies": "\x1e\x1e b==== 42 \udcff \udce9 bQ",
    "web tokens": '1e400 null "crit":["exp"] "kid":"a" "b64":false none NaN "aud":"x" "exp":"9" \udcff "*"',
    "models": '"op":"x", "items":[ "id":"a", null "seen":1, 1e9 NaN "part":{"batch":"b","number":1}',
    "items": '"end":"2026-03-03", 2026-02-30 +23:59 https:// null',
    "lines": "“ ” \\ P7 by before approve add priority none for at quick due:",
    "times": "am pm week 00 31 2026 days of last fortnight easter",
    "query": "AND NOT NEAR( ^ with: after: until:",
    "calendars": "\r RRULE:FREQ=DAILY FREQ=SECONDLY UNTIL= RECURRENCE-ID: INTERVAL=0 BYSETPOS= 99999 \\n",
    "mailboxes": ">From Received:",
    "mails": "=?utf-8?b? ?= message/rfc822 multipart/alternative filename*0*=utf-8'' format=flowed > (",
    "html": "<div> </div> <!-- --> <script> &#x <![CDATA[ <svg> <template> <pre> <meta",
    "slack texts": "<!subteam^ &lt; ||| <>",
    "slack messages": '"elements":[ null 1e99 "message": "subtype":"bot_message"',
    "notes": "~~ [[ ]] ` <!-- 1. \t - [/] due::",
    "actions": "please I'll -> AI: @ ( owes",
    "archive": "1e308 -1 null +24:00 true",
    "addresses": "%2e .. xn-- localhost 99999",
    "paths": "..%2f %00 \\ // ? # & = \nHost: \nOrigin: null \nAccept-Encoding: gzip /health token",
}
