"""A client from the handshake to the ack of each request.

Reading order: tokens, admission, services, queries, client, dispatch, multipart, presence, transport.
"""
