"""Widgets know neither document nor engine jobs: they know their arguments."""
