"""How the checker in `qa/checker` was made: what it learnt from, how, and how it became one small file.

`python -m evals.training --help` says what it needs. Nothing here is used when questions are answered, and
torch is imported nowhere else.
"""
