"""MACHINERY: state, sync, resume, fan-out, codes and commands, for any sections; names none of them.

Reading order, from the core outwards:
registry (what a section and a request declare), feed (how sources are kept), errors, codes, view (state
and the overlay that rules see), collection (put, drop and edit for any section), commit, rows and store
(the log on SQLite), outcome, batch, early (large puts), garbage, hub (the one write path), sync and fanout
(positions, patches), hall, client, staging, dispatch (every request, always an ack), presence (which sources
are connected); records and search/ (beside all this); then the wire: packets, engine, transport, guard,
listener; and around it: settings, tokens, clock, disk, metrics, health, contract (asyncapi, typescript,
documents), side_app, app.
"""
