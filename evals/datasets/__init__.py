"""Public data sets, one file each: read from a folder that is given, never from the project.

Two kinds of values come out. A `QuestionSet` is documents and cases: the cases are the evaluation's own, so
whatever runs and scores the seed cases runs and scores these. `evals.datasets.shelf` writes the documents
into a folder and indexes them as any other corpus. Where a question brings passages of its own (CLAP-NQ,
RAMDocs, mtRAG, RAGTruth, BIPIA), they lie in the same index, and `Case.documents` is what the question may
see of it. A set without documents (CANARD, mtRAG's rewrites) measures only how a follow-up is rewritten. A
`LabelledPair` is a claim that people judged: it measures the support checker and no answer.

Which fields a set fills says what is measured on it: `facts` (short answers that must be said),
`references` (long answers, compared by words), `gold` (spans to find and to cite), `refusal`, `standalone`.
No field is made up: a question whose right answer nobody wrote down has none.
"""
