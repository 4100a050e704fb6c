"""MACHINERY: state, sync, resume, fan-out, codes and commands, for any sections; names none of them.

Reading order, from the core outwards; each package says its own:
registry (what a section and a request declare), state (what is true now), log (the durable sequence of
commits), hub (the one write path), delivery (what a client still lacks), sign_in (who somebody is), clients
(from the handshake to the ack), sockets (Engine.IO and WebSocket), side_app (the HTTP listener); commands
(the lines that people type) and search (the records) stand beside them. board composes what belongs to one
state; app has the boards and the listeners. Around it all: asgi, settings, background, clock, metrics, logs,
garbage, disk, memory.
"""
