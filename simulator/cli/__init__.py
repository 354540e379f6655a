"""The command line: it translates words into calls and results into words, and holds no logic of its own."""

from simulator.cli import application as application
from simulator.cli import assumptions as assumptions
from simulator.cli import calibration as calibration
from simulator.cli import lives as lives
from simulator.cli import preparation as preparation
from simulator.cli import reproduction as reproduction
from simulator.cli import studies as studies
from simulator.cli import validation as validation
from simulator.cli.commands import app as app
from simulator.cli.commands import main as main
