"""Runs inside: the attacks that standard input names."""

import sys

from . import TABLE
from .attack import played

assert TABLE
played(sys.stdin.read())
