"""Who somebody is: one port (base.Authenticator) through which every way of signing in passes.

Reading order: base, roles, keys, jwt, proxy, plug_in. The token file is one more (clients/tokens.py).
"""
