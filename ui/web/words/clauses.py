"""Words of the pages about clauses."""

from __future__ import annotations

CLAUSES: dict[str, tuple[str, str]] = {
    "ministry": ("负责部门", "Responsible body"),
    "ministry_hint": ("选择或输入部门名称", "Choose or type a body's name"),
    "role": ("职责", "Role"),
    "role_any": ("全部", "Any"),
    "role_lead": ("牵头", "Lead"),
    "role_participant": ("参与", "Participant"),
    "role_joint": ("分工负责", "Joint"),
    "clauses_found": ("{} 条", "{} clauses"),
    "no_clauses": (
        "文库中的文件还没有写明负责部门的条款。",
        "No document here has clauses that name a responsible body.",
    ),
}
