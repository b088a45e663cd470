"""`python -m evals`: the command of `evals.command`."""

from evals.command import run

if __name__ == "__main__":
    run()
