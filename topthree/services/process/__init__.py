"""What this process knows by itself while it lives: how its runs go, and who asked for less."""
