"""A knowledge base of policy documents: the one package that programs import from.

from kb import KnowledgeBase

with KnowledgeBase.open() as base:
    base.ingest(["policies/"])
    print(base.ask("人民币跨境结算由哪些部门负责？").answer)
"""

from typing import TYPE_CHECKING

from kb.comparing.types import (
    Change,
    ComparedClause,
    ComparedDocument,
    Diff,
    DraftCheck,
    Finding,
    Match,
    Upload,
    WordChange,
)
from kb.errors import (
    FileProblem,
    HomeLocked,
    HomeProblem,
    HomeTooNew,
    IndexProblem,
    InvalidInput,
    KBError,
    ModelProblem,
    NotFound,
    QueueFull,
    StorageProblem,
)
from kb.jsonable import jsonable
from kb.matrix import Matrix, MatrixCell, MatrixClause, MatrixMinistry
from kb.types import (
    NO_FILTERS,
    Answer,
    BodyCard,
    BodyInfo,
    Box,
    Citation,
    ClauseInfo,
    ClauseList,
    Deadline,
    DocumentInfo,
    Evaluation,
    FileError,
    FileReport,
    FileStatus,
    Filters,
    Hit,
    IngestReport,
    LanguageModel,
    LayoutMode,
    MinistryCount,
    MinistryMatch,
    Mode,
    ModelInfo,
    Obligation,
    OcrMode,
    OtherPlace,
    PageText,
    Problem,
    Progress,
    ProgressListener,
    RegistryReport,
    Relation,
    RelationKind,
    ResponsibleBody,
    RoleFilter,
    SearchResult,
    Sending,
    Sentence,
    Stage,
    Suggestion,
    TimelineEntry,
    UnknownBody,
    VerifyReport,
    Written,
)

if TYPE_CHECKING:
    from kb.access import ApiKey, AuditEntry, NewKey, Scope
    from kb.cli import report_failure
    from kb.comparing.page import diff_page
    from kb.conversation import Conversation
    from kb.curating import CorrectedField, Correction, Fact, Neighbour
    from kb.evaluation.report import misses, report_page
    from kb.exporting import MEDIA_TYPES, Exportable, ExportKind, linked_export
    from kb.finder import timeline
    from kb.following import IndexFollower
    from kb.knowledge_base import KnowledgeBase
    from kb.marks import matched
    from kb.parsing import ParsedFile, parse_file
    from kb.store.rates import SharedRates
    from kb.uploading import UploadWorker
    from kb.uploads import UploadEvent, UploadJob, UploadProgress, UploadQueue

__all__ = [
    "MEDIA_TYPES",
    "NO_FILTERS",
    "Answer",
    "ApiKey",
    "AuditEntry",
    "BodyCard",
    "BodyInfo",
    "Box",
    "Change",
    "Citation",
    "ClauseInfo",
    "ClauseList",
    "ComparedClause",
    "ComparedDocument",
    "Conversation",
    "CorrectedField",
    "Correction",
    "Deadline",
    "Diff",
    "DocumentInfo",
    "DraftCheck",
    "Evaluation",
    "ExportKind",
    "Exportable",
    "Fact",
    "FileError",
    "FileProblem",
    "FileReport",
    "FileStatus",
    "Filters",
    "Finding",
    "Hit",
    "HomeLocked",
    "HomeProblem",
    "HomeTooNew",
    "IndexFollower",
    "IndexProblem",
    "IngestReport",
    "InvalidInput",
    "KBError",
    "KnowledgeBase",
    "LanguageModel",
    "LayoutMode",
    "Match",
    "Matrix",
    "MatrixCell",
    "MatrixClause",
    "MatrixMinistry",
    "MinistryCount",
    "MinistryMatch",
    "Mode",
    "ModelInfo",
    "ModelProblem",
    "Neighbour",
    "NewKey",
    "NotFound",
    "Obligation",
    "OcrMode",
    "OtherPlace",
    "PageText",
    "ParsedFile",
    "Problem",
    "Progress",
    "ProgressListener",
    "QueueFull",
    "RegistryReport",
    "Relation",
    "RelationKind",
    "ResponsibleBody",
    "RoleFilter",
    "Scope",
    "SearchResult",
    "Sending",
    "Sentence",
    "SharedRates",
    "Stage",
    "StorageProblem",
    "Suggestion",
    "TimelineEntry",
    "UnknownBody",
    "Upload",
    "UploadEvent",
    "UploadJob",
    "UploadProgress",
    "UploadQueue",
    "UploadWorker",
    "VerifyReport",
    "WordChange",
    "Written",
    "diff_page",
    "jsonable",
    "linked_export",
    "matched",
    "misses",
    "parse_file",
    "report_failure",
    "report_page",
    "timeline",
]

# What needs the database or the parsers; loaded when first named, so that `--help` is quick.
_LAZY = {
    "ApiKey": "kb.access",
    "AuditEntry": "kb.access",
    "NewKey": "kb.access",
    "Scope": "kb.access",
    "UploadEvent": "kb.uploads",
    "UploadJob": "kb.uploads",
    "UploadProgress": "kb.uploads",
    "UploadQueue": "kb.uploads",
    "UploadWorker": "kb.uploading",
    "IndexFollower": "kb.following",
    "SharedRates": "kb.store.rates",
    "Conversation": "kb.conversation",
    "MEDIA_TYPES": "kb.exporting",
    "ExportKind": "kb.exporting",
    "Exportable": "kb.exporting",
    "linked_export": "kb.exporting",
    "KnowledgeBase": "kb.knowledge_base",
    "ParsedFile": "kb.parsing",
    "diff_page": "kb.comparing.page",
    "matched": "kb.marks",
    "parse_file": "kb.parsing",
    "timeline": "kb.finder",
    "CorrectedField": "kb.curating",
    "Correction": "kb.curating",
    "Fact": "kb.curating",
    "Neighbour": "kb.curating",
    "misses": "kb.evaluation.report",
    "report_failure": "kb.cli",
    "report_page": "kb.evaluation.report",
}


def __getattr__(name: str) -> object:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
