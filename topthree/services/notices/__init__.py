"""Notices: single messages to one person, asked for now and sent by a job."""
