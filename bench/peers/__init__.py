"""Adjutant compared with its peers, in one run on one machine, each server in its own process.

Reading order: the peers (floor: the least that a server must do; node.mjs: Node's socket.io; stock:
python-socketio on uvicorn), peer (how each is started and spoken to), stream (changes from one sender,
and when they arrive); then one module for each table: patches, acks, slow, rounds (all of it in short,
several times over), and adapters (a change at one of two servers, its patch at the other).
"""
