"""Engine.IO and WebSocket machinery. It knows nothing of Adjutant.

Reading order: packets, outbox, sending, engine, polling, server, websocket, inbox, fast_path, driver,
listener, origins, refusals, guard, pages.
"""
