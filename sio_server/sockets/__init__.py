"""Engine.IO and WebSocket machinery. It knows nothing of Adjutant.

Reading order: packets, outbox, engine, websocket, fast_path, driver, listener, guard, pages.
"""
