"""Portrayal's editor: all the Qt there is. It shows the engine's project and asks the engine for everything else."""
