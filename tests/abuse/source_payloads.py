"""What is no good about a source, a collection or a part: the table that `test_payloads` goes through."""

from __future__ import annotations

from tests.abuse.arena import VALUE

Case = tuple[str, str, str | None]

QUICK = ['"quick"']


def put_part(fields: str) -> str:
    return f'["priorities:put",{{"items":[],"part":{{"batch":"b",{fields}}}}}]'


def finish(fields: str) -> str:
    return f'["source:finish",{{"run":1,"ok":true,{fields}}}]'


def bad_at(path: str) -> tuple[str, str]:
    return "bad_request", path


CASES: dict[str, Case] = {
    "a part without a number": (
        '["priorities:put",{"items":[],"part":{"batch":"b"}}]',
        *bad_at("part.number"),
    ),
    "a part numbered 0": (put_part('"number":0'), *bad_at("part.number")),
    "a part numbered NaN": (put_part('"number":NaN'), *bad_at("part.number")),
    "a part numbered 10,001": (put_part('"number":10001'), *bad_at("part.number")),
    "a part with a fraction": (put_part('"number":1.5'), *bad_at("part.number")),
    "a last that is a text": (put_part('"number":1,"last":"yes"'), *bad_at("part.last")),
    "a part in an odd field": (put_part(f'"number":1,"zz":"{VALUE}"'), *bad_at("part.zz")),
    "a part that does not follow": (put_part('"number":2'), "invalid_state", None),
    "a mode of collecting that there is not": (
        f'["collection:start",{{"mode":"{VALUE}"}}]',
        *bad_at("mode"),
    ),
    "no mode of collecting": ('["collection:start",{"mode":null}]', *bad_at("mode")),
    "a collection of no sources": ('["collection:start",{"mode":"full","sources":[]}]', *bad_at("sources")),
    "a collection of an odd source": (
        f'["collection:start",{{"mode":"full","sources":["{VALUE} /"]}}]',
        *bad_at("sources.0"),
    ),
    "a collection of a source that there is not": (
        '["collection:start",{"mode":"full","sources":["nobody"]}]',
        "not_found",
        None,
    ),
    "a collection when nobody can be asked": ('["collection:start",{"mode":"full"}]', "invalid_state", None),
    "a limit of no time": ('["collection:start",{"mode":"full","limit_s":0}]', *bad_at("limit_s")),
    "an endless limit": ('["collection:start",{"mode":"full","limit_s":Infinity}]', *bad_at("limit_s")),
    "a limit of 2^64": (f'["collection:start",{{"mode":"full","limit_s":{2**64}}}]', *bad_at("limit_s")),
    "a cancel of nothing": ('["collection:cancel",{}]', *bad_at("run")),
    "a cancel of a text": ('["collection:cancel",{"run":"1"}]', *bad_at("run")),
    "a cancel of what does not run": ('["collection:cancel",{"run":1}]', "invalid_state", None),
    "a hello of no time": ('["source:hello",{"ttl_s":0}]', *bad_at("ttl_s")),
    "a hello of NaN": ('["source:hello",{"ttl_s":NaN}]', *bad_at("ttl_s")),
    "a hello for longer than a year": (f'["source:hello",{{"ttl_s":{366 * 86_400}}}]', *bad_at("ttl_s")),
    "a hello with an odd mode": (f'["source:hello",{{"ttl_s":1,"modes":["{VALUE}"]}}]', *bad_at("modes.0")),
    "a hello with a hundred modes": (
        f'["source:hello",{{"ttl_s":1,"modes":[{",".join(QUICK * 100)}]}}]',
        "too_large",
        "modes",
    ),
    "a hello of who is no source": ('["source:hello",{"ttl_s":1}]', "forbidden", None),
    "progress of no run": ('["source:progress",{"percent":1}]', *bad_at("run")),
    "progress of a run above 100": ('["source:progress",{"run":1,"percent":101}]', *bad_at("percent")),
    "progress of a run in words of two lines": (
        f'["source:progress",{{"run":1,"percent":1,"message":"{VALUE}\\n"}}]',
        *bad_at("message"),
    ),
    "progress of who is no source": ('["source:progress",{"run":1,"percent":1}]', "forbidden", None),
    "a finish without ok": ('["source:finish",{"run":1}]', *bad_at("ok")),
    "a finish with ok as a number": ('["source:finish",{"run":1,"ok":1}]', *bad_at("ok")),
    "a finish with counts below zero": (finish('"counts":{"x":-1}'), *bad_at("counts.x")),
    "a finish with counts of 2^53": (finish(f'"counts":{{"x":{2**53}}}'), *bad_at("counts.x")),
    "a finish with counts of NaN": (finish('"counts":{"x":NaN}'), *bad_at("counts.x")),
    "a finish with a count without a name": (finish('"counts":{"":1}'), "bad_request", None),
    "a finish with 33 counts": (
        finish(f'"counts":{{{",".join(f"{chr(34)}k{n}{chr(34)}:1" for n in range(33))}}}'),
        "too_large",
        "counts",
    ),
    "a finish with a mark of 65 characters": (finish(f'"hash":"{VALUE + "h" * 59}"'), *bad_at("hash")),
    "a finish with an error of 1,001 characters": (finish(f'"error":"{"e" * 1_001}"'), *bad_at("error")),
    "a finish of who is no source": (finish('"hash":"h"'), "forbidden", None),
    "a source that there is not is forgotten": (
        '["source:forget",{"source":"nobody"}]',
        "not_found",
        None,
    ),
}
