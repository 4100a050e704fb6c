"""The abuse table: what the server gets from those who mean it harm, and what they get for it.

Each table is data, one readable phrase for a case. Every case leaves the state byte-equal, no session
behind, no traceback in the log, and the other dashboards served: that is `Arena.undisturbed`.

Reading order: raw (clients whose every byte the test chooses), arena, then the tables from the outside
inwards: test_frames, test_http, test_polling, test_handshake, test_packets, test_payloads, test_resume,
test_items, test_typed_lines, test_fields, test_sizes, test_floods, test_deadlines, test_broken_handlers; and
beside them test_real_clients and test_packet_reader.
"""
