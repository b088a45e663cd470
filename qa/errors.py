"""Every foreseeable failure, as a tree. Each message names the value and the next step.

QAError
├── InputError        the question, a path or a setting cannot be used as given
│   ├── UnknownDocumentError  no document has that id
│   └── NotUploadedError      … or it is a file of the documents folder, which is the user's own
├── DocumentError     a file cannot be read as a document
├── DataError         the data folder is missing, damaged, full, read-only …
│   └── LockedError   … or owned by another process
├── ModelFileError    a model file is missing, cut or not the one that was published
├── ModelError        the language model did not start, died, or its server failed
└── BusyError         too many questions are waiting for the language model
"""


class QAError(Exception):
    """Base of all; `str(error)` is a message for people."""

    title = "Something went wrong"


class InputError(QAError):
    title = "That input cannot be used"


class UnknownDocumentError(InputError):
    title = "There is no such document"


class NotUploadedError(InputError):
    title = "That document was not uploaded"


class DocumentError(QAError):
    title = "That file cannot be read"


class DataError(QAError):
    title = "The data folder cannot be used"


class LockedError(DataError):
    title = "The data folder is in use"


class ModelFileError(QAError):
    title = "A model file is missing or wrong"


class ModelError(QAError):
    title = "The language model failed"


class BusyError(QAError):
    title = "Too many questions are waiting"
