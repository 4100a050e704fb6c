"""A client from the handshake to the ack of each request.

Reading order: tokens, admission, services, queries, turns, client, dispatch, multipart, presence, transport.
"""
