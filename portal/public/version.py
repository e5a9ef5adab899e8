"""The version of `portal.public`. Minor: something came; major: something went that was announced two minor versions before."""

__version__ = "1.1.0"
