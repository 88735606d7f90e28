"""What programs may import from `kb` is a list, and this is it."""

from __future__ import annotations

import inspect

import kb

SURFACE = [
    "ApiKey",
    "AuditEntry",
    "NewKey",
    "Scope",
    "Deadline",
    "MinistryCount",
    "Obligation",
    "Relation",
    "RelationKind",
    "RoleFilter",
    "TimelineEntry",
    "timeline",
    "MEDIA_TYPES",
    "NO_FILTERS",
    "Answer",
    "Box",
    "Citation",
    "ClauseInfo",
    "ClauseList",
    "DocumentInfo",
    "Evaluation",
    "ExportKind",
    "Exportable",
    "FileError",
    "FileProblem",
    "FileReport",
    "FileStatus",
    "Filters",
    "Hit",
    "HomeLocked",
    "HomeProblem",
    "HomeTooNew",
    "IndexProblem",
    "IngestReport",
    "InvalidInput",
    "KBError",
    "KnowledgeBase",
    "Matrix",
    "MatrixCell",
    "MatrixClause",
    "MatrixMinistry",
    "MinistryMatch",
    "Mode",
    "ModelInfo",
    "ModelProblem",
    "NotFound",
    "LayoutMode",
    "OcrMode",
    "PageText",
    "ParsedFile",
    "Problem",
    "Progress",
    "ProgressListener",
    "ResponsibleBody",
    "OtherPlace",
    "SearchResult",
    "Sending",
    "Suggestion",
    "Stage",
    "StorageProblem",
    "VerifyReport",
    "Written",
    "jsonable",
    "parse_file",
    "BodyCard",
    "BodyInfo",
    "RegistryReport",
    "UnknownBody",
    "Change",
    "ComparedClause",
    "ComparedDocument",
    "Conversation",
    "Diff",
    "DraftCheck",
    "Finding",
    "Match",
    "Upload",
    "WordChange",
    "diff_page",
    "matched",
]
METHODS = [
    "ask",
    "audit",
    "authenticate",
    "back_up",
    "body",
    "check",
    "clause",
    "clauses",
    "close",
    "context",
    "diff",
    "document",
    "documents",
    "embed",
    "evaluate_questions",
    "evaluate_retrieval",
    "export",
    "exported",
    "home",
    "import_model",
    "ingest",
    "ingest_bytes",
    "ingest_uploads",
    "keys",
    "lineage",
    "make_key",
    "matrix",
    "model",
    "models",
    "open",
    "original",
    "page_image",
    "page_text",
    "passage_boxes",
    "quote_boxes",
    "rebuild",
    "record_audit",
    "reference",
    "registry",
    "remove",
    "remove_registry",
    "reread",
    "restricted",
    "revision",
    "revoke_key",
    "search",
    "suggest",
    "unknown_bodies",
    "use_model",
    "use_registry",
    "verify",
]


def test_the_public_surface_is_as_listed() -> None:
    assert sorted(kb.__all__, key=SURFACE.index) == SURFACE
    assert all(hasattr(kb, name) for name in SURFACE)


def test_the_facade_s_methods_are_as_listed() -> None:
    public = [name for name in dir(kb.KnowledgeBase) if not name.startswith("_")]
    assert public == METHODS


def test_everything_public_says_what_it_is() -> None:
    for name in METHODS:
        assert inspect.getdoc(getattr(kb.KnowledgeBase, name)), name
    for name in SURFACE:
        item = getattr(kb, name)
        if inspect.isclass(item) or inspect.isfunction(item):
            assert inspect.getdoc(item), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(kb, "nothing")
