"""The core without sockets: state, codes, hub, log and sync, driven as the transport would."""
