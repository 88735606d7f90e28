"""What the knowledge base answers with.

Field names are those of the JSON contract: `kb.jsonable` turns any of these into it.

found.py       filters, passages, suggestions
answered.py    citations and answers, what was sent to a language model
clauses.py     provisions, responsible bodies, the registry
documents.py   documents, pages, files of an ingest run
checked.py     what `verify`, an evaluation and a look at the models say
"""

from __future__ import annotations

from kb.types.answered import Answer, Citation, LanguageModel, Sending, Written
from kb.types.checked import Evaluation, ModelInfo, Problem, VerifyReport
from kb.types.clauses import (
    BodyCard,
    BodyInfo,
    ClauseInfo,
    ClauseList,
    Deadline,
    MinistryCount,
    MinistryMatch,
    Obligation,
    RegistryReport,
    ResponsibleBody,
    RoleFilter,
    TimelineEntry,
    UnknownBody,
)
from kb.types.documents import (
    DocumentInfo,
    FileError,
    FileReport,
    FileStatus,
    IngestReport,
    LayoutMode,
    OcrMode,
    PageText,
    Progress,
    ProgressListener,
    Relation,
    RelationKind,
    Stage,
    Validity,
)
from kb.types.found import (
    NO_FILTERS,
    Box,
    Filters,
    Hit,
    Mode,
    OtherPlace,
    SearchResult,
    Sentence,
    Suggestion,
)

__all__ = [
    "NO_FILTERS",
    "Answer",
    "BodyCard",
    "BodyInfo",
    "Box",
    "Citation",
    "ClauseInfo",
    "ClauseList",
    "Deadline",
    "DocumentInfo",
    "Evaluation",
    "FileError",
    "FileReport",
    "FileStatus",
    "Filters",
    "Hit",
    "IngestReport",
    "LanguageModel",
    "LayoutMode",
    "MinistryCount",
    "MinistryMatch",
    "Mode",
    "ModelInfo",
    "Obligation",
    "OcrMode",
    "OtherPlace",
    "PageText",
    "Problem",
    "Progress",
    "ProgressListener",
    "RegistryReport",
    "Relation",
    "RelationKind",
    "ResponsibleBody",
    "RoleFilter",
    "SearchResult",
    "Sending",
    "Sentence",
    "Stage",
    "Suggestion",
    "TimelineEntry",
    "UnknownBody",
    "Validity",
    "VerifyReport",
    "Written",
]
