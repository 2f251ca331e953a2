"""Who somebody at the desk is, and what devices and the agency's provider are asked about it."""
