"""Portrayal's engine: portrait + speech + prompts -> motion curves -> video. No Qt anywhere in here."""
