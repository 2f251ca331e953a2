"""The ways mail can leave, one module each behind the interface of transport.py."""
