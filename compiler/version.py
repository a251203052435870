"""The version of this tool: that of the distribution, and what a generated calculator names in its header."""

VERSION = "0.1.0"
