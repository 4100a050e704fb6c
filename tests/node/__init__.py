"""Real socket.io clients under Node: `driver.py` is what tests use, `client.mjs` the program it drives."""
