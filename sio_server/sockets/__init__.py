"""Engine.IO and WebSocket machinery. It knows nothing of Adjutant.

Reading order: packets, outbox, engine, polling, server, websocket, fast_path, driver, listener, origins,
refusals, guard, pages.
"""
