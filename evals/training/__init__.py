"""How the models in `qa/checker` and `qa/reranker` were made: what they learnt from, how, and how each became
one small file.

`python -m evals.training --help` and `python -m evals.training.reranker --help` say what they need. Nothing
here is used when questions are answered, and torch is imported nowhere else.
"""
