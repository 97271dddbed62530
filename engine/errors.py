"""What can go wrong in a way the user can mend. Each message is one line: what, with which value, and what to do."""


class EngineError(Exception):
    """Base of every error the engine raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(EngineError):
    """An argument or setting has a value that cannot be used."""

    exit_code = 2


class MediaError(EngineError):
    """A picture, sound or video file is missing, truncated, empty or of an unknown kind."""

    exit_code = 3


class FaceError(EngineError):
    """No usable face where one is needed, or a face index that does not exist."""

    exit_code = 4


class ProjectError(EngineError):
    """A project or motion file is damaged, of a newer version, or refers to media that is gone."""

    exit_code = 5


class ResourceError(EngineError):
    """A file in `resources/` is missing or is not the one this version was made with."""

    exit_code = 6


class ExportError(EngineError):
    """The result cannot be written: no space, no permission, or a codec that refuses the settings."""

    exit_code = 7
